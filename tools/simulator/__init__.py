"""Seeded simulator of consensus: the real core under virtual time, faults and traitors."""
