"""Shared settings of all tests."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "project",
    deadline=None,  # never a timed assertion
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")
