"""Sized values, limits and errors: the words every other layer speaks."""
