"""Settings of all Python tests: the same cases on every run, and no clock to fail on."""

from hypothesis import settings

from tests.differential.recorded import source

settings.register_profile("zkperp", deadline=None, derandomize=True)
settings.load_profile("zkperp")


def pytest_report_header() -> str:
    """Say which order flow is replayed: the recorded one is not part of the project."""
    return f"order flow: {source()}"
