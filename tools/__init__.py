"""Simulator, vectors, benchmarks, documentation: programs that production never imports."""
