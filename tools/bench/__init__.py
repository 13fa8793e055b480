"""Benchmarks: programs with fixed seeds that print JSON; never timed tests."""
