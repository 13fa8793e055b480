"""The generic resources that every chain has."""
