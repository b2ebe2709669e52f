"""Grades out of something, rounded, with what they were before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor


@dataclass(frozen=True)
class Rounded:
    """A grade, and the exact value that it was rounded from."""

    exact: Fraction
    grade: Decimal

    @property
    def is_exact(self) -> bool:
        """Whether nothing was rounded."""
        return self.exact == Fraction(self.grade)


@dataclass(frozen=True)
class Scale:
    """What a grade is out of, and to what it is rounded."""

    top: Decimal = Decimal(20)
    step: Decimal = Decimal("0.01")

    def of(self, points: Decimal, out_of: Decimal) -> Rounded:
        """`points / out_of * top`, rounded half up to a multiple of `step`, and never above `top`."""
        exact = Fraction(points) * Fraction(self.top) / Fraction(out_of) if out_of else Fraction(0)
        steps = floor(exact / Fraction(self.step) + Fraction(1, 2))
        return Rounded(exact, min(steps * self.step, self.top))


def shown(value: Decimal | Fraction, sign: str = ".", places: int = 4) -> str:
    """As people read it, with at most so many decimals: `13.2143`, `18`, `2,5`."""
    fraction = Fraction(value)
    exact = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    text = f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", sign)


def fixed(value: Decimal, sign: str, places: int) -> str:
    """With at least so many decimals, and more where the value has more: `13,20`."""
    exponent = value.normalize().as_tuple().exponent
    own = -exponent if isinstance(exponent, int) else 0
    return f"{value.quantize(Decimal(1).scaleb(-max(places, own))):f}".replace(".", sign)
