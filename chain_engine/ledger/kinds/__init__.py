"""Transaction kinds that every chain may offer, one file per kind."""
