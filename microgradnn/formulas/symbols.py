"""Numbers that remember how they were made: run a rule on them and it returns its formula.

A `Symbol` is a scalar with a value and an expression: a name such as h₁, or a sum, product, power or function of other
Symbols. NumPy's object arrays already do arithmetic with any such object; `SymbolArray` adds what they lack. So when
`dz * (1 - z * z)`, the rule of tanh, runs on SymbolArrays, its result prints as 1 − h₁².

Expressions keep the author's order (t − o, never −o + t). Only what a person would not write down either is tidied
away: factors 1, terms 0, double signs, h₁·h₁ for h₁².
"""

import operator
from contextvars import ContextVar
from fractions import Fraction
from math import inf, isfinite
from numbers import Number

import numpy as np

from . import formula as tree
from .unicode_text import number, text


class Limit:
    """How much is written: a longer expression is an atom from then on, as cheap as a name, and beyond the end is TooLong.

    Parameters
    ----------
    longest : int
        Names and numbers in one expression.
    most : int
        Names and numbers in all expressions together.

    Examples
    --------
    >>> x, y = Symbol.named("x", (), 3.0), Symbol.named("y", (), 2.0)
    >>> with Limit(longest=2, most=100):
    ...     print(x * (x + y + 1))
    … = 18
    """

    def __init__(self, longest, most):
        self.longest, self.left = longest, most

    def __enter__(self):
        self.before = limit.set(self)

    def __exit__(self, *exception):
        limit.reset(self.before)

    def is_short(self, length):
        """Whether one more expression, of this length, is one to read."""
        self.left -= length
        if self.left < 0:
            raise TooLong
        return length <= self.longest


class TooLong(ArithmeticError):
    """Expressions grow longer than anybody would read."""


limit = ContextVar("limit", default=Limit(inf, inf))  # noqa: B039 - of infinitely many, as many are left
HOLDS = {">": operator.gt, "<": operator.lt, "≥": operator.ge, "≤": operator.le}


class Symbol:
    """A scalar that carries a value and an expression.

    As numbers do, Symbols compare by their values, whatever they were made of: so the rule of max finds the elements that are
    equal to it. `x == y` is a plain bool, and equal Symbols have one hash. `same` tells whether they are written alike.

    Examples
    --------
    >>> t, o = Symbol.named("t", (), 1.0), Symbol.named("o", (), 0.25)
    >>> z = 2 * (t - o) * -1
    >>> z
    −2(t − o) = −1.5
    """

    __slots__ = {
        "value": "the number",
        "head": "how it was made: 'name', 'sum', 'product', 'power', 'function', 'comparison', or 'long' within a Limit",
        "args": "from what: (label, index, owner, base of indices), terms, (coefficient, factors), (base, exponent), ...",
        "length": "how many names and numbers the expression is made of",
        "key": "a number that expressions have in common if they are written alike, whatever number stands before them",
    }

    def __init__(self, value, head, args, length, key):
        if not limit.get().is_short(length):
            head, args = "long", (object(),)  # like no other one
        self.value, self.head, self.args, self.length, self.key = value, head, args, length, key

    @classmethod
    def named(cls, label, index, value, owner=None, index_base=1):
        """The element `index` of the tensor called `label`.

        Parameters
        ----------
        label : str or Formula
        index : tuple of int
        value : float
        owner : object, optional
            Tells tensors apart that are called alike.
        index_base : int, optional
            Where subscripts begin when the element is written.
        """
        return cls(value, "name", (label, index, owner, index_base), 1, hash((index, owner)))

    def __add__(self, other):
        return add(self, other)

    def __radd__(self, other):
        return add(other, self)

    def __sub__(self, other):
        return add(self, multiply(-1, other))

    def __rsub__(self, other):
        return add(other, multiply(-1, self))

    def __mul__(self, other):
        return multiply(self, other)

    def __rmul__(self, other):
        return multiply(other, self)

    def __truediv__(self, other):
        return multiply(self, power(other, -1))

    def __rtruediv__(self, other):
        return multiply(other, power(self, -1))

    def __pow__(self, other):
        return power(self, other)

    def __rpow__(self, other):
        return power(other, self)

    def __neg__(self):
        return multiply(-1, self)

    # [x > y] is 1 where it holds, else 0 (Iverson's bracket): a factor in the slope of relu. It keeps its names.

    def __gt__(self, other):
        return compare(">", self, other)

    def __lt__(self, other):
        return compare("<", self, other)

    def __ge__(self, other):
        return compare("≥", self, other)

    def __le__(self, other):
        return compare("≤", self, other)

    def __eq__(self, other):
        return bool(self.value == value_of(other))

    def __hash__(self):
        return hash(self.value)

    def __bool__(self):
        return bool(self.value)

    def __float__(self):
        return float(self.value)

    def __repr__(self):
        return f"{text(as_formula(self))} = {number(self.value)}"

    def evaluate(self, atom, functions=np):
        """Compute the expression anew.

        Parameters
        ----------
        atom : callable
            atom(label, index) gives what stands for a name, with the index as NumPy counts: a number, or an object of a
            computer algebra system.
        functions : module, optional
            Where tanh, exp, ... are found by name.

        Examples
        --------
        >>> x = Symbol.named("x", (0,), 3.0)
        >>> (x * x + 1).evaluate(lambda label, index: 5.0)
        26.0
        """
        return evaluate(self, atom, functions)


def evaluate(x, atom, functions):
    """See `Symbol.evaluate`; a plain number is itself."""
    if not isinstance(x, Symbol):
        return x
    if x.head == "name":
        label, index = x.args[:2]
        return atom(label if isinstance(label, str) else text(label), index)
    if x.head == "sum":
        total = evaluate(x.args[0], atom, functions)
        for term in x.args[1:]:
            total = total + evaluate(term, atom, functions)
        return total
    if x.head == "product":
        coefficient, factors = x.args
        product = coefficient
        for factor in factors:
            product = product * evaluate(factor, atom, functions)
        return product
    if x.head == "power":
        base, exponent = (evaluate(part, atom, functions) for part in x.args)
        return base**exponent
    if x.head == "function":
        return getattr(functions, x.args[0])(evaluate(x.args[1], atom, functions))
    relation, left, right = x.args
    return int(bool(HOLDS[relation](evaluate(left, atom, functions), evaluate(right, atom, functions))))


def as_formula(x):
    """A Symbol or a number as a formula. Powers with negative exponents stand below a fraction line.

    >>> x, y = Symbol.named("x", (0,), 3.0), Symbol.named("y", (), 2.0)
    >>> text(as_formula(2 * x / y))
    '2 x₁/y'
    """
    if not isinstance(x, Symbol):
        return tree.Number(x)
    if x.head == "name":
        label, index, _, base = x.args
        kind = tree.Name if isinstance(label, str) else tree.Element
        return kind(label, tuple(i + base for i in index), x.value)
    if x.head == "sum":
        return tree.Sum(tuple(as_formula(term) if isinstance(term, Symbol) else tree.signed(term) for term in x.args))
    if x.head == "long":
        return tree.Dots()
    if x.head == "function":
        return tree.Call(x.args[0], (as_formula(x.args[1]),))
    if x.head == "comparison":
        return tree.Comparison(x.args[0], as_formula(x.args[1]), as_formula(x.args[2]))
    return product_formula(*factored(x))


def product_formula(coefficient, factors):
    """The product of a number and some Symbols as a formula."""
    if coefficient < 0:
        return tree.Negative(product_formula(-coefficient, factors))
    above, below = [], []
    for base, exponent in map(power_of, factors):
        if isinstance(exponent, Symbol) or exponent > 0:
            above.append(power_formula(base, exponent))
        else:
            below.append(power_formula(base, -exponent))
    if coefficient != 1 or not above:
        above.insert(0, tree.Number(coefficient))
    return tree.Quotient(side_by_side(above), side_by_side(below)) if below else side_by_side(above)


def power_formula(base, exponent):
    """A power as a formula; the first one is the base itself."""
    is_first = not isinstance(exponent, Symbol) and exponent == 1
    return as_formula(base) if is_first else tree.Power(as_formula(base), as_formula(exponent))


def side_by_side(factors):
    """A product as a formula; of one factor, that itself."""
    return factors[0] if len(factors) == 1 else tree.Product("juxtaposed", tuple(factors))


# Arithmetic on Symbols and plain numbers. Where both are plain numbers, so is the result.


def value_of(x):
    """The number behind a Symbol or a number."""
    return x.value if isinstance(x, Symbol) else x


def length_of(x):
    """How many names and numbers make up an expression."""
    return x.length if isinstance(x, Symbol) else 1


def key_of(x):
    """The key of a Symbol; all numbers have one."""
    return x.key if isinstance(x, Symbol) else 0


def add(x, y):
    """x + y; terms that differ in a number only are gathered."""
    if not isinstance(x, Symbol) and not isinstance(y, Symbol):
        return x + y
    coefficient, factors = factored(x)
    if coefficient == -1 and len(factors) == 1 and factors[0].head == "sum":
        terms = [multiply(-1, term) for term in factors[0].args]  # −(t + o) grows into −(t + o + h)
    else:
        terms = list(terms_of(x))
    for term in terms_of(y):
        coefficient, factors = factored(term)
        for i, earlier in enumerate(terms[:MERGED]):
            if key_of(term) == key_of(earlier):
                earlier_coefficient, earlier_factors = factored(earlier)
                if same_factors(factors, earlier_factors):
                    terms[i] = product_of(earlier_coefficient + coefficient, factors)
                    break
        else:
            terms.append(term)
    terms = [term for term in terms if isinstance(term, Symbol) or term != 0]
    if len(terms) < 2:
        return terms[0] if terms else 0
    total = sum_of(value_of(x) + value_of(y), terms)
    if all(factored(term)[0] < 0 for term in terms):  # −(t + o) for −t − o
        return product_of(-1, (sum_of(-total.value, [multiply(-1, term) for term in terms]),))
    return total


def sum_of(value, terms):
    """A sum of tidy terms."""
    return Symbol(value, "sum", tuple(terms), sum(map(length_of, terms)), hash(("sum", *map(key_of, terms))))


MERGED = 16  # in longer sums, terms are no longer compared with each other: nobody reads these term by term


def multiply(x, y):
    """x y; numbers come first, equal factors make a power."""
    coefficient_x, factors = factored(x)
    coefficient_y, factors_y = factored(y)
    if takes_with_it(x, y) or takes_with_it(y, x):  # as in most products of a pass that begins at one element
        return coefficient_x * coefficient_y
    for factor in factors_y:
        factors = with_factor(factors, factor)
    return product_of(coefficient_x * coefficient_y, factors)


def takes_with_it(x, y):
    """Whether nothing is left of y, times x: of a finite one, times 0."""
    return not isinstance(x, Symbol) and x == 0 and isfinite(value_of(y))


def power(x, y):
    """x to the power y."""
    if isinstance(y, Symbol):
        return Symbol(value_of(x) ** y.value, "power", (x, y), length_of(x) + y.length, hash(("power", key_of(x), y.key)))
    if not isinstance(x, Symbol):
        return Fraction(x) ** y if y == -1 and isinstance(x, int) and x != 0 else x**y
    if y == 0:
        return 1
    if y == 1:
        return x
    if x.head == "power" and isinstance(x.args[1], int) and isinstance(y, int):
        return power(x.args[0], x.args[1] * y)
    if x.head == "product" and isinstance(y, int):
        coefficient, factors = x.args
        return product_of(power(coefficient, y), tuple(power(factor, y) for factor in factors))
    return Symbol(x.value**y if x.value or y > 0 else np.inf, "power", (x, y), x.length, hash(("power", x.key, y)))


def compare(relation, x, y):
    """[x > y], 1 or 0."""
    holds = HOLDS[relation](value_of(x), value_of(y))
    key = hash((relation, key_of(x), key_of(y)))
    return Symbol(int(holds), "comparison", (relation, x, y), length_of(x) + length_of(y), key)


def function(name, x, value):
    """A function called `name` of x, whose value is known."""
    return Symbol(value, "function", (name, x), length_of(x), hash((name, key_of(x))))


def terms_of(x):
    """The terms that x is the sum of."""
    return x.args if isinstance(x, Symbol) and x.head == "sum" else (x,)


def factored(x):
    """x as a number and a tuple of Symbols, whose product it is."""
    if not isinstance(x, Symbol):
        return x, ()
    return x.args if x.head == "product" else (1, (x,))


def product_of(coefficient, factors):
    """The product of a number and some Symbols, tidied: no factor 1, nothing left of a factor 0 unless another is infinite."""
    if not factors or (coefficient == 0 and all(isfinite(factor.value) for factor in factors)):
        return coefficient
    if coefficient == 1 and len(factors) == 1:
        return factors[0]
    value = coefficient
    for factor in factors:
        value = value * factor.value
    length = sum(map(length_of, factors)) + (abs(coefficient) != 1)
    return Symbol(value, "product", (coefficient, factors), length, sum(map(key_of, factors)))


def with_factor(factors, factor):
    """Some factors and one more; if its base is among them, the exponents add up."""
    base, exponent = power_of(factor)
    for i, earlier in enumerate(factors):
        earlier_base, earlier_exponent = power_of(earlier)
        if same(base, earlier_base) and isinstance(exponent, Number) and isinstance(earlier_exponent, Number):
            merged = power(base, earlier_exponent + exponent)
            return factors[:i] + ((merged,) if isinstance(merged, Symbol) else ()) + factors[i + 1 :]
    return (*factors, factor)


def power_of(x):
    """x as a base and an exponent."""
    return x.args if x.head == "power" else (x, 1)


def same(x, y):
    """Whether two expressions are written alike."""
    if x is y:
        return True
    if not isinstance(x, Symbol) or not isinstance(y, Symbol):
        return not isinstance(x, Symbol) and not isinstance(y, Symbol) and x == y
    if x.key != y.key or x.head != y.head:
        return False
    if x.head == "product":
        return x.args[0] == y.args[0] and same_factors(x.args[1], y.args[1])
    if x.head == "name":
        return x.args == y.args
    if len(x.args) != len(y.args):
        return False
    return all(a == b if isinstance(a, str) else same(a, b) for a, b in zip(x.args, y.args, strict=True))


def same_factors(xs, ys):
    """Whether two tuples of Symbols are written alike, up to the order."""
    if len(xs) != len(ys):
        return False
    rest = list(ys)
    for x in xs:
        match = next((i for i, y in enumerate(rest) if same(x, y)), None)
        if match is None:
            return False
        del rest[match]
    return True


class SymbolArray(np.ndarray):
    """An object array of Symbols and plain numbers that NumPy's functions return as one, and never as a bare element."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        inputs = [_plain(x) for x in inputs]
        if "out" in kwargs:
            kwargs["out"] = tuple(map(_plain, kwargs["out"]))
        if ufunc is np.logaddexp:
            return np.log(np.exp(symbols(inputs[0])) + np.exp(symbols(inputs[1])))
        if ufunc is np.hypot:
            return np.sqrt(symbols(inputs[0]) ** 2 + symbols(inputs[1]) ** 2)
        if method == "__call__" and ufunc in ORDERINGS:
            return symbols(ufunc(*inputs, dtype=object))  # Symbols of their own, where NumPy would make them bool
        if method == "__call__" and ufunc.nin == 1 and ufunc not in ARITHMETIC:
            return apply_to_each(ufunc, inputs[0])
        return symbols(getattr(ufunc, method)(*inputs, **kwargs))

    def __array_function__(self, function, types, args, kwargs):
        if function is np.interp:
            return on_lines(*args)
        return symbols(super().__array_function__(function, types, args, kwargs))

    def __getitem__(self, index):
        return symbols(super().__getitem__(index))


def _plain(x):
    return x.view(np.ndarray) if isinstance(x, SymbolArray) else x


ORDERINGS = {np.greater, np.greater_equal, np.less, np.less_equal}
ARITHMETIC = {np.negative, np.positive, np.square, np.reciprocal}


def symbols(z):
    """What NumPy returned, as a SymbolArray if it holds objects: also a bare Symbol or number, as an array of no axes."""
    if isinstance(z, Symbol | Number) and not isinstance(z, np.generic):
        z = np.array(z, dtype=object)
    return z.view(SymbolArray) if isinstance(z, np.ndarray) and z.dtype == object else z


def apply_to_each(ufunc, x):
    """A function such as tanh of every element: a Symbol where the element is one; isnan and its like give plain bool."""
    values = ufunc(np.vectorize(value_of, otypes=[float])(x)) if x.size else np.empty(x.shape)
    if values.dtype == bool:
        return values
    z = np.empty(x.shape, dtype=object)
    for index in np.ndindex(x.shape):
        z[index] = function(ufunc.__name__, x[index], values[index]) if isinstance(x[index], Symbol) else values[index]
    return z.view(SymbolArray)


def on_lines(x, xp, fp):
    """np.interp: the height above x of the line between the two points that the value of x is between."""
    place, points = (np.vectorize(value_of, otypes=[float])(each) for each in (x, xp))
    right = np.searchsorted(points, place, side="right")
    outside, behind = (right == 0) | (right == len(xp)), right == len(xp)
    right = np.minimum(np.maximum(right, 1), len(xp) - 1)
    left, x = right - 1, np.where(outside, xp[right - 1], x)
    heights = fp[left] + (x - xp[left]) * ((fp[right] - fp[left]) / np.where(outside, 1, xp[right] - xp[left]))
    return symbols(np.where(behind, fp[-1], heights))


def name_elements(label, data, owner=None, index_base=1):
    """A SymbolArray of the elements of `data`, called by `label` and their indices; see `Symbol.named`."""
    z = np.empty(np.shape(data), dtype=object)
    for index in np.ndindex(z.shape):
        z[index] = Symbol.named(label, index, float(data[index]) if index else float(data), owner, index_base)
    return z.view(SymbolArray)
