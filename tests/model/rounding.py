"""Divisions and bounds of integers (docs/spec/README.md, prices.md)."""


def ceil_divide(a: int, b: int) -> int:
    """Return a / b rounded towards plus infinity, for b above 0."""
    return -(-a // b)


def trunc_divide(a: int, b: int) -> int:
    """Return a / b rounded towards zero, for b above 0."""
    return a // b if a >= 0 else -(-a // b)


def clamp(x: int, bound: int) -> int:
    """Return the number of -bound .. bound that is nearest to x."""
    return max(-bound, min(bound, x))


def median3(a: int, b: int, c: int) -> int:
    """Return the middle of three."""
    return sorted((a, b, c))[1]
