"""The key-value view, its overlay and the authenticated state tree."""
