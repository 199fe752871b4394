"""zkperp: a perpetual futures exchange whose every batch is proven."""

# isort: off
from zkperp import _allocator  # noqa: F401  (before the extension, which reads what it sets)

# isort: on
from zkperp import errors, proofs
from zkperp._native import version as _version

__all__ = ["__version__", "errors", "proofs"]

__version__: str = _version()
