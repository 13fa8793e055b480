"""Drives the pure parts: event loop, effects, timers, signing, recovery."""
