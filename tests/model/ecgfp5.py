"""The field GF(p^5) and Pornin's group EcGFp5, with the textbook law of an elliptic curve.

Source: Thomas Pornin, "EcGFp5: a Specialized Elliptic Curve", eprint 2022/274.

The curve is E: y^2 = x (x^2 + 2x + 263z) over GF(p^5) = GF(p)[z] / (z^5 - 3), of order 2n with n
prime. The group has the n points that are *not* of n-torsion, among them the neutral N = (0, 0),
and the law P (+) Q = P + Q + N. An element is encoded by w = y/x, the neutral by 0.
"""

from dataclasses import dataclass
from typing import Self

P = 2**64 - 2**32 + 1
ORDER = 0x7FFFFFFD_80000007_7FFFFFF1_00000016_7FFFFFE6_CFB80639_E8885C39_D724A09C_E80FD996_948BFFE1


# The fifth roots of unity 3^(i (p-1)/5).
_FROBENIUS = [pow(3, i * (P - 1) // 5, P) for i in range(5)]


class EncodingError(ValueError):
    """Bytes that are not the one encoding of anything."""


@dataclass(frozen=True)
class Gfp5:
    """An element c0 + c1 z + ... + c4 z^4, coefficients in [0, p)."""

    coefficients: tuple[int, int, int, int, int]

    @classmethod
    def of(cls, *coefficients: int) -> Self:
        """Return the element with these coefficients, mod p, zero-filled."""
        c0, c1, c2, c3, c4 = (*coefficients, 0, 0, 0, 0, 0)[:5]
        return cls((c0 % P, c1 % P, c2 % P, c3 % P, c4 % P))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Return the element of 40 bytes: five coefficients, little-endian, each below p."""
        if len(data) != 40:
            message = f"a field element has 40 bytes, not {len(data)}"
            raise EncodingError(message)
        coefficients = [int.from_bytes(data[at : at + 8], "little") for at in range(0, 40, 8)]
        if any(c >= P for c in coefficients):
            message = "a coefficient is not below p"
            raise EncodingError(message)
        return cls.of(*coefficients)

    def encode(self) -> bytes:
        return b"".join(c.to_bytes(8, "little") for c in self.coefficients)

    def __add__(self, other: "Gfp5") -> "Gfp5":
        return Gfp5.of(*(a + b for a, b in zip(self.coefficients, other.coefficients, strict=True)))

    def __sub__(self, other: "Gfp5") -> "Gfp5":
        return Gfp5.of(*(a - b for a, b in zip(self.coefficients, other.coefficients, strict=True)))

    def __neg__(self) -> "Gfp5":
        return Gfp5.of(*(-c for c in self.coefficients))

    def __mul__(self, other: "Gfp5") -> "Gfp5":
        a0, a1, a2, a3, a4 = self.coefficients
        b0, b1, b2, b3, b4 = other.coefficients
        return Gfp5(
            (
                (a0 * b0 + 3 * (a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1)) % P,
                (a0 * b1 + a1 * b0 + 3 * (a2 * b4 + a3 * b3 + a4 * b2)) % P,
                (a0 * b2 + a1 * b1 + a2 * b0 + 3 * (a3 * b4 + a4 * b3)) % P,
                (a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + 3 * (a4 * b4)) % P,
                (a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0) % P,
            )
        )

    def scale(self, factor: int) -> "Gfp5":
        return Gfp5.of(*(c * factor for c in self.coefficients))

    def square(self) -> "Gfp5":
        return self * self

    def frobenius(self, times: int = 1) -> "Gfp5":
        """Return self^(p^times): z^p = 3^((p-1)/5) z, so each coefficient is scaled."""
        return Gfp5.of(
            *(c * _FROBENIUS[i * times % 5] for i, c in enumerate(self.coefficients)),
        )

    def norm_cofactor(self) -> "Gfp5":
        """Return self^(p + p^2 + p^3 + p^4), which times self is in GF(p)."""
        once = self.frobenius()
        pair = once * once.frobenius()
        return pair * pair.frobenius(2)

    def norm(self) -> int:
        return (self * self.norm_cofactor()).coefficients[0]

    def inverse(self) -> "Gfp5":
        """Return 1/self. Raises ValueError for zero."""
        return self.norm_cofactor().scale(pow(self.norm(), -1, P))

    def __truediv__(self, other: "Gfp5") -> "Gfp5":
        return self * other.inverse()

    def legendre(self) -> int:
        """Return 1 for a nonzero square, -1 for a non-square, 0 for zero.

        The degree is odd, so an element is a square just when its norm is one in GF(p).
        """
        symbol = pow(self.norm(), (P - 1) // 2, P)
        return -1 if symbol == P - 1 else symbol

    def sqrt(self) -> "Gfp5 | None":
        """Return a square root (either of the two), or None for a non-square.

        With r = 1 + p + ... + p^4: a = a^r / (a^((r-1)/2))^2, and a^r, the norm, is in GF(p).
        """
        if self == ZERO:
            return ZERO
        root = _sqrt_mod_p(self.norm())
        if root is None:
            return None
        power = self.power((P + 1) // 2).frobenius()
        return (power * power.frobenius(2)).inverse().scale(root)

    def power(self, exponent: int) -> "Gfp5":
        result, base = ONE, self
        while exponent:
            if exponent & 1:
                result = result * base
            base, exponent = base.square(), exponent >> 1
        return result


def _sqrt_mod_p(a: int) -> int | None:
    """Return a square root mod p (Tonelli and Shanks), or None."""
    if pow(a, (P - 1) // 2, P) != 1:
        return None
    # p - 1 = q 2^32; 7 generates the multiplicative group.
    odd, two_adicity = 2**32 - 1, 32
    unity, root, rest = pow(7, odd, P), pow(a, (odd + 1) // 2, P), pow(a, odd, P)
    while rest != 1:
        order, probe = 0, rest
        while probe != 1:
            probe, order = probe * probe % P, order + 1
        step = pow(unity, 1 << (two_adicity - order - 1), P)
        two_adicity, unity = order, step * step % P
        root, rest = root * step % P, rest * unity % P
    return root


ZERO = Gfp5.of(0)
ONE = Gfp5.of(1)
A = Gfp5.of(2)
B = Gfp5.of(0, 263)


@dataclass(frozen=True)
class Point:
    """A finite point of the curve E."""

    x: Gfp5
    y: Gfp5

    def __neg__(self) -> "Point":
        return Point(self.x, -self.y)


N = Point(ZERO, ZERO)
"""The neutral of the group, the one point of order 2 of the curve."""

# A point of the curve: None is the point at infinity.
CurvePoint = Point | None


def on_curve(point: Point) -> bool:
    return point.y.square() == point.x * (point.x.square() + A * point.x + B)


def tangent(point: Point) -> Gfp5:
    """Return the slope of the curve at a point. Raises ValueError at N, where it is vertical."""
    return (point.x.square().scale(3) + (A * point.x).scale(2) + B) / point.y.scale(2)


def chord(first: Point, second: Point) -> Gfp5:
    """Return the slope of a line through two points. Raises ValueError where their x are equal."""
    return (second.y - first.y) / (second.x - first.x)


def third(first: Point, second: Point, slope: Gfp5) -> Point:
    """Return first + second, given the slope of the line through them."""
    x = slope.square() - A - first.x - second.x
    return Point(x, slope * (first.x - x) - first.y)


def curve_add(first: CurvePoint, second: CurvePoint) -> CurvePoint:
    """Return the sum on the curve, all cases included."""
    if first is None:
        return second
    if second is None:
        return first
    if first == -second:
        return None
    slope = tangent(first) if first == second else chord(first, second)
    return third(first, second, slope)


def plus_n(point: CurvePoint) -> CurvePoint:
    """Return point + N: it maps the group onto the n-torsion, and back."""
    return curve_add(point, N)


def group_add(first: Point, second: Point) -> Point:
    """Return the sum in the group, first + second + N on the curve."""
    total = plus_n(curve_add(first, second))
    assert total is not None, "two elements of the group have their sum in the group"
    return total


def group_mul(scalar: int, point: Point) -> Point:
    """Return the multiple of a group element by any integer."""
    scalar %= ORDER
    result = N
    while scalar:
        if scalar & 1:
            result = group_add(result, point)
        point, scalar = group_add(point, point), scalar >> 1
    return result


def encode(point: Point) -> Gfp5:
    """Return w = y/x of a group element, 0 for the neutral."""
    return ZERO if point == N else point.y / point.x


def decode(w: Gfp5) -> Point | None:
    """Return the group element encoded by w, or None if there is none.

    x solves x^2 - (w^2 - 2) x + b = 0; of the two solutions the non-square one is in the group.
    """
    if w == ZERO:
        return N
    trace = w.square() - A
    root = (trace.square() - B.scale(4)).sqrt()
    if root is None:
        return None
    half = (P + 1) // 2
    x = (trace + root).scale(half)
    if x.legendre() == 1:
        x = (trace - root).scale(half)
    return Point(x, w * x)


GENERATOR_W = Gfp5.of(4)
"""Pornin's conventional generator, y/x = 4."""


def _generator() -> Point:
    point = decode(GENERATOR_W)
    assert point is not None
    return point


GENERATOR = _generator()
