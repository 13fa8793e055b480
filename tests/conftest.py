"""Shared settings of all tests."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "project",
    deadline=None,  # never a timed assertion
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")


def pytest_terminal_summary(terminalreporter):
    """Say loudly which browser tests a machine without Chromium has left out."""
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = [report for report in skipped if "chromium" in str(report.longrepr)]
    if left_out:
        terminalreporter.write_line(
            f"not run: no Chromium ({len(left_out)} browser tests); apt-get install chromium"
        )
