"""zkperp: a perpetual futures exchange whose every batch is proven."""

from zkperp import errors
from zkperp._native import version as _version

__all__ = ["__version__", "errors"]

__version__: str = _version()
