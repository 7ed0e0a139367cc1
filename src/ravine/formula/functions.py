"""What a formula can call: one row a function, by NumPy's name, with the names it goes by elsewhere.

All values are floats. Truth values are 1.0 and 0.0, as in C: ``(x > 2)*x`` works everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ravine.errors import did_you_mean

CONSTANTS = MappingProxyType({"pi": math.pi, "e": math.e})


@dataclass(frozen=True)
class Function:
    """A function of formulas.

    Parameters
    ----------
    name
        The canonical name, in trees and in canonical text.
    least, most
        How many arguments it takes.
    meaning
        One line for people.
    aliases
        Other names it can be called by.
    """

    name: str
    least: int
    most: int
    meaning: str
    aliases: tuple[str, ...] = ()

    @property
    def arity(self) -> str:
        """The number of arguments in words.

        Examples
        --------
        >>> resolve("where").arity, resolve("leaky_relu").arity
        ('3 arguments', '1 or 2 arguments')
        """
        counts = str(self.least) if self.least == self.most else f"{self.least} or {self.most}"
        return f"{counts} argument{'' if self.most == 1 else 's'}"


def _one(name: str, meaning: str, *aliases: str) -> Function:
    return Function(name, 1, 1, meaning, aliases)


def _two(name: str, meaning: str, *aliases: str) -> Function:
    return Function(name, 2, 2, meaning, aliases)


_ROWS = (
    _two("add", "x + y"),
    _two("subtract", "x - y"),
    _two("multiply", "x*y"),
    _two("divide", "x/y", "true_divide"),
    _two("floor_divide", "x//y: the quotient rounded down"),
    _two("remainder", "x % y: what floor division leaves, with the sign of y", "mod"),
    _two("power", "x**y; small whole exponents multiply, so negative x and x = 0 are fine", "pow", "float_power"),
    _one("negative", "-x", "neg"),
    _one("reciprocal", "1/x"),
    _one("square", "x*x"),
    _one("sqrt", "square root; NaN below 0"),
    _one("cbrt", "cube root, also of negative numbers"),
    _two("hypot", "sqrt(x*x + y*y) without overflow"),
    _one("sin", "sine of an angle in radians"),
    _one("cos", "cosine of an angle in radians"),
    _one("tan", "tangent of an angle in radians"),
    _one("arcsin", "inverse sine, in radians", "asin"),
    _one("arccos", "inverse cosine, in radians", "acos"),
    _one("arctan", "inverse tangent, in radians", "atan"),
    _two("arctan2", "angle of the point (y, x): arctan2(y, x), in radians", "atan2"),
    _one("sinh", "hyperbolic sine"),
    _one("cosh", "hyperbolic cosine"),
    _one("tanh", "hyperbolic tangent"),
    _one("arcsinh", "inverse hyperbolic sine", "asinh"),
    _one("arccosh", "inverse hyperbolic cosine", "acosh"),
    _one("arctanh", "inverse hyperbolic tangent", "atanh"),
    _one("radians", "degrees to radians", "deg2rad"),
    _one("degrees", "radians to degrees", "rad2deg"),
    _one("exp", "e**x"),
    _one("exp2", "2**x"),
    _one("expm1", "exp(x) - 1, accurate near 0"),
    _one("log", "natural logarithm", "ln"),
    _one("log1p", "log(1 + x), accurate near 0"),
    _one("log2", "logarithm to base 2"),
    _one("log10", "logarithm to base 10"),
    _two("logaddexp", "log(exp(x) + exp(y)) without overflow"),
    _one("abs", "absolute value", "absolute", "fabs"),
    _one("sign", "-1, 0 or 1", "sgn"),
    _one("floor", "rounded down"),
    _one("ceil", "rounded up"),
    _one("round", "rounded to the nearest whole number, halves to the even one", "rint"),
    _one("trunc", "rounded towards 0"),
    _two("minimum", "the smaller one", "min", "fmin"),
    _two("maximum", "the larger one", "max", "fmax"),
    Function("clip", 3, 3, "clip(x, low, high): x kept between low and high"),
    Function("where", 3, 3, "where(condition, a, b): a where the condition holds, b elsewhere"),
    Function("heaviside", 1, 2, "0 below 0, 1 above, at 0 the second argument (0.5 unless given)"),
    _two("less", "x < y"),
    _two("less_equal", "x <= y"),
    _two("greater", "x > y"),
    _two("greater_equal", "x >= y"),
    _two("equal", "x == y"),
    _two("not_equal", "x != y"),
    _two("logical_and", "x and y"),
    _two("logical_or", "x or y"),
    _one("logical_not", "not x"),
    _one("erf", "error function"),
    _one("erfc", "1 - erf(x), accurate for large x"),
    _one("lgamma", "logarithm of the absolute gamma function", "gammaln"),
    Function("voigt", 3, 3, "voigt(x, sigma, gamma): Gauss folded with Lorentz; SciPy's profile", ("voigt_profile",)),
    _one("sigmoid", "1/(1 + exp(-x))", "logistic", "expit"),
    _one("softplus", "log(1 + exp(x))"),
    _one("relu", "maximum(x, 0)"),
    Function("leaky_relu", 1, 2, "x above 0, slope*x below; the second argument is the slope (0.2 as in Keras)"),
    _one("swish", "x*sigmoid(x)", "silu"),
    _one("gelu", "x times the normal distribution function, exactly (by erf)"),
)

FUNCTIONS = MappingProxyType({row.name: row for row in _ROWS})
_BY_ANY_NAME = {name: row for row in _ROWS for name in (row.name, *row.aliases)}


# Column names in many a table: without brackets they are names like any other.
WORDS = frozenset({
    "power", "degrees", "radians", "square", "round", "floor", "clip", "sign", "min", "max", "minimum", "maximum",
    "mod", "remainder", "add", "subtract", "multiply", "divide", "negative", "less", "greater", "equal", "where",
})  # fmt: skip


def resolve(name: str) -> Function | None:
    """Return the function of that name or alias, or None.

    Examples
    --------
    >>> resolve("atan").name
    'arctan'
    """
    return _BY_ANY_NAME.get(name)


def suggest(name: str) -> str:
    """Return " Did you mean 'x'?" for the function with the nearest name, or an empty string.

    Examples
    --------
    >>> suggest("sine")
    " Did you mean 'sin'?"
    >>> suggest("a")
    ''
    """
    return did_you_mean(name, _BY_ANY_NAME)


def one_letter_off(name: str) -> str:
    """Return " Did you mean 'x(…)'?" if a name is a function's with one letter changed, added or left out.

    Examples
    --------
    >>> one_letter_off("sinx"), one_letter_off("sigma")
    (" Did you mean 'sin(…)'?", '')
    """
    near = [known for known in _BY_ANY_NAME if len(known) > 2 and _is_one_edit(name, known)]
    return f" Did you mean '{near[0]}(…)'?" if near else ""


def _is_one_edit(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1 or one == other:
        return False
    same = next((index for index, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]


def small_whole(exponent: object) -> int | None:
    """Return the exponent as an int if it is a plain number, whole and at most 32 in size, else None.

    Such powers are multiplied out: exact in sign, smooth at 0, and quick where ``pow`` is not.

    Examples
    --------
    >>> small_whole(3.0), small_whole(0.5)
    (3, None)
    """
    if not isinstance(exponent, float) or not exponent.is_integer() or abs(exponent) > 32:
        return None
    return int(exponent)


def multiply_out(base: Any, exponent: int) -> Any:
    """Return ``base`` to a whole power of 1 or more by repeated squaring.

    Examples
    --------
    >>> multiply_out(-2.0, 5)
    -32.0
    """
    if exponent == 1:
        return base
    half = multiply_out(base, exponent // 2)
    return half * half * base if exponent % 2 else half * half
