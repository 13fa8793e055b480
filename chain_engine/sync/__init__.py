"""Which blocks to ask whom for: pure."""
