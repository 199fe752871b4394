"""The most memory that this process has held."""

import resource
import sys


def peak_bytes() -> int:
    """Return it in bytes, shared libraries included."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
