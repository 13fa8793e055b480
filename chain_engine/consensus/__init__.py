"""Agreement on the next block: pure, events in and effects out."""
