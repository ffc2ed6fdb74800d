"""Minor units of currencies, and money as an integer of 10⁻⁴ of the minor unit (``money_e4``).

ISO 4217 gives most currencies two digits; those that have another number are listed.
"""

from __future__ import annotations

from fractions import Fraction

_NO_DIGITS = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
    *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
)
_THREE_DIGITS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_DIGITS = {**dict.fromkeys(_NO_DIGITS, 0), **dict.fromkeys(_THREE_DIGITS, 3), "CLF": 4, "UYW": 4}


def minor_digits(currency: str) -> int:
    """Digits after the point of that currency, ISO 4217."""
    return _DIGITS.get(currency, 2)


def e4_of(amount: Fraction, currency: str) -> Fraction:
    """An exact amount of the currency as exact 10⁻⁴ of its minor unit."""
    return amount * 10 ** (minor_digits(currency) + 4)


def amount_of(money_e4: int, currency: str) -> Fraction:
    """The way back: an amount of the currency."""
    return Fraction(money_e4, 10 ** (minor_digits(currency) + 4))


def decimal_fraction(value: float) -> Fraction:
    """The decimal number that was written: 0.1 is a tenth, not the binary number next to it."""
    return Fraction(repr(float(value)))


def amount_text(money_e4: int, currency: str, *, digits: int | None = None) -> str:
    """An amount with the digits of its currency, half away from zero, thin groups of thousands: ``1 234.50``."""
    places = minor_digits(currency) if digits is None else digits
    scaled = abs(amount_of(money_e4, currency)) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    text = f"{whole // 10**places:,}".replace(",", " ")
    if places:
        text += f".{whole % 10**places:0{places}d}"
    return f"-{text}" if money_e4 < 0 and whole else text
