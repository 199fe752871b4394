"""Settings of all Python tests: the same cases on every run, and no clock to fail on."""

from hypothesis import settings

settings.register_profile("zkperp", deadline=None, derandomize=True)
settings.load_profile("zkperp")
