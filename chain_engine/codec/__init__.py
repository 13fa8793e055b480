"""Canonical bytes: one encoding per value."""
