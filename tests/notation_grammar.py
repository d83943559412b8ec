"""A grammar of the notation of formulas: it reads what the project writes, given names and values, and works it out.

    equation      sum { = sum }
    sum           [−] product { (+ | −) product }
    product       juxtaposed { (⊙ | · | /) juxtaposed }          from left to right
    juxtaposed    postfix { [·] postfix }                        A B, 2 x, x₁(1 − h₁²), V₁ [x₁ > 0], 0.5·0.3
    postfix       atom { ᵀ | superscript | ^ atom | [index] | subscript }    x², x⁻¹, x^(y), xᵀ, x[0, 1:], (x W)₂
    atom          number | name | function(arguments) | (sum) | |sum| | [sum relation sum] | [rows] | Σ product

Side by side and · are the matrix product of arrays, the ordinary one where a number takes part; a dot without spaces around
it, as between numbers, is as nothing. ⊙, / and powers are by elements. A vector is a row or a column as its place asks; ᵀ
makes it the other one, so that xᵀ · y of vectors is their outer product. [x > 0] is 1 where it holds, else 0. An index is
typed as in Python. A name is one of those given, the longest that fits; digits below it pick an element, counted from 1.

`evaluate` is written for the tests alone and shares nothing with the package, so that no mistake can be made twice.
"""

import ast
import math
import re

import numpy as np

DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "01234567890123456789-")
SUPERSCRIPT = re.compile("⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+(·[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
SUBSCRIPT = re.compile("[₀₁₂₃₄₅₆₇₈₉]+(,[₀₁₂₃₄₅₆₇₈₉]+)*")
NUMBER = re.compile(r"\d+(\.\d+)?")
WORD = re.compile("[A-Za-z_][A-Za-z_0-9]*")
TIGHT_DOT = re.compile("·(?=[^ ])")
KEYWORD = re.compile("([a-z_]+)=(?!=)")
RELATIONS = {">": np.greater, "<": np.less, "≥": np.greater_equal, "≤": np.less_equal, "=": np.equal, "≠": np.not_equal}
CONSTANTS = {"π": math.pi, "pi": math.pi, "∞": math.inf, "NaN": math.nan}


class NotationError(ValueError):
    """A text is no formula of the notation."""


class Turned:
    """A vector with ᵀ: a row for a column, a column for a row."""

    def __init__(self, vector):
        self.vector = vector


# ---- What the signs mean.


def transposed(x):
    """The last two axes swapped; a vector turned; a number as it is."""
    if isinstance(x, Turned):
        return x.vector
    return x if np.ndim(x) == 0 else Turned(x) if np.ndim(x) == 1 else np.swapaxes(x, -1, -2)


def times(x, y):
    """What stands side by side, or with a dot between: a matrix product, unless one of them is a number."""
    if isinstance(x, Turned) or isinstance(y, Turned):
        return turned_times(x, y)
    return x * y if 0 in (np.ndim(x), np.ndim(y)) else x @ y


def turned_times(x, y):
    """The same where one is a vector with ᵀ: with a number, a matrix, or a vector."""
    turned, other = (x, y) if isinstance(x, Turned) else (y, x)
    if isinstance(other, Turned):
        return other.vector @ turned.vector
    if np.ndim(other) == 0:
        return Turned(other * turned.vector)
    if np.ndim(other) == 1:
        return np.outer(getattr(x, "vector", x), getattr(y, "vector", y))
    return getattr(x, "vector", x) @ getattr(y, "vector", y)


def plain(x):
    """A value on its own, where nobody asks for a row or a column."""
    return x.vector if isinstance(x, Turned) else x


def sigmoid(x):
    return (1 + np.tanh(x / 2)) / 2


def logsumexp(x, axis=None, keepdims=False):
    largest = np.max(x, axis=axis, keepdims=True)
    total = largest + np.log(np.sum(np.exp(x - largest), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total, axis)


def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis, True)


def softmax(x, axis=-1):
    return np.exp(log_softmax(x, axis))


def relu(x):
    return np.maximum(x, 0)


def leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, x, negative_slope * x)


def elu(x, alpha=1):
    return np.where(x > 0, x, alpha * np.expm1(x))


def erf(x):
    return np.vectorize(math.erf)(x) if np.size(x) else x


def concatenate(*arrays, axis=0):
    return np.concatenate(arrays, axis)


def stack(*arrays, axis=0):
    return np.stack(arrays, axis)


FUNCTIONS = {f.__name__: f for f in (sigmoid, logsumexp, log_softmax, softmax, relu, leaky_relu, elu, erf, concatenate, stack)}
FUNCTIONS |= {name: getattr(np.linalg, name) for name in ("norm", "inv", "det", "solve", "cholesky")}


def function_called(name):
    """A function by its name: one of these, or one of NumPy's."""
    found = FUNCTIONS.get(name) or getattr(np, name, None)
    if found is None:
        raise NotationError(f"there is no function {name!r}")
    return found


# ---- How it is read.


def evaluate(text, names):
    """The value of a formula.

    Parameters
    ----------
    text : str
    names : dict of str to array
        What stands for each name.

    >>> float(evaluate("−2(t − o) · V₁", {"t": 1.0, "o": 0.5, "V": np.array([3.0, 4.0])}))
    -3.0
    >>> evaluate("(x W)² / 2", {"x": np.array([1.0, 2.0]), "W": np.eye(2)})
    array([0.5, 2. ])
    """
    return sides(text, names)[0]


def sides(text, names):
    """The values of the sides of an equation.

    >>> [float(side) for side in sides("a b = 2 · b = 6", {"a": 2.0, "b": 3.0})]
    [6.0, 6.0, 6.0]
    """
    reader = Reader(text, names)
    values = [plain(reader.sum())]
    while reader.accept("="):
        values.append(plain(reader.sum()))
    if reader.peek():
        reader.refuse("the end")
    return values


class Reader:
    """Goes through a formula once, from left to right."""

    def __init__(self, text, names):
        self.text, self.at = text, 0
        self.names = dict(sorted({**CONSTANTS, **names}.items(), key=lambda item: -len(item[0])))

    def refuse(self, wanted):
        raise NotationError(f"{self.text[: self.at]} ⟨here⟩ {self.text[self.at :]}: {wanted} was expected")

    def peek(self):
        """The next character that is no space; '' at the end."""
        return self.text[self.at :].lstrip(" ")[:1]

    def skip(self):
        self.at = len(self.text) - len(self.text[self.at :].lstrip(" "))

    def accept(self, signs):
        """The next sign if it is one of these, else ''."""
        sign = self.peek()
        if not sign or sign not in signs:
            return ""
        self.skip()
        self.at += 1
        return sign

    def expect(self, sign):
        if not self.accept(sign):
            self.refuse(sign)

    def match(self, pattern):
        """The text that fits a pattern here, without a space before it; '' if none does."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def sum(self):
        minus = self.accept("−")
        value = negative(self.product()) if minus else self.product()
        while sign := self.accept("+−"):
            right = plain(self.product())
            value = plain(value) + right if sign == "+" else plain(value) - right
        return value

    def product(self):
        value = self.juxtaposed()
        while sign := self.accept("⊙·/"):
            right = self.juxtaposed()
            if sign == "·":
                value = times(value, right)
            elif sign == "⊙":
                value = plain(value) * plain(right)
            elif isinstance(value, Turned):
                value = Turned(value.vector / plain(right))
            else:
                value = value / plain(right)
        return value

    def juxtaposed(self):
        value = self.postfix()
        while self.match(TIGHT_DOT) or self.begins_an_atom():
            value = times(value, self.postfix())
        return value

    def begins_an_atom(self):
        """Whether another factor stands beside the last; a bar opens where a space is before it, and else closes."""
        c = self.peek()
        if c == "|":
            return self.text[self.at : self.at + 1] == " "
        return bool(c) and c not in "+−⊙·/=),];:^ᵀ><≥≤≠"

    def postfix(self):
        value = self.atom()
        while True:
            if self.match(re.compile("ᵀ")):
                value = transposed(value)
            elif digits := self.match(SUPERSCRIPT):
                value = plain(value) ** float(digits.replace("·", ".").translate(DIGITS))
            elif digits := self.match(SUBSCRIPT):
                value = self.element(plain(value), digits)
            elif self.match(re.compile(r"\^")):
                value = np.power(plain(value), plain(self.atom()))
            elif self.text[self.at : self.at + 1] == "[" and not self.holds_a_relation():
                value = plain(value)[self.index()]
            else:
                return value

    def holds_a_relation(self):
        """Whether the square brackets that open here hold a comparison."""
        return any(c in RELATIONS for c in self.text[self.at : self.closing(self.at)])

    def closing(self, start):
        """Where the bracket that opens at `start` closes."""
        depth = 0
        for i in range(start, len(self.text)):
            depth += (self.text[i] in "([") - (self.text[i] in ")]")
            if depth == 0:
                return i
        return self.refuse("a closing bracket")

    def index(self):
        """An index, which is typed as in Python."""
        start, self.at = self.at, self.closing(self.at) + 1
        inside = self.text[start + 1 : self.at - 1]
        return eval(f"s[{inside}]", {"s": np.s_, "__builtins__": {}})

    def atom(self):
        self.skip()
        c = self.peek()
        if c == "(":
            return self.bracketed()
        if c == "|":
            self.at += 1
            value = np.abs(plain(self.sum()))
            self.expect("|")
            return value
        if c == "[":
            return self.square_brackets()
        if c == "Σ":
            self.at += 1
            return np.sum(plain(self.product()))
        if digits := self.match(NUMBER):
            return float(digits)
        return self.name_or_function()

    def bracketed(self):
        """(sum), as a value: also with more than one side of an equation it is refused."""
        self.expect("(")
        value = self.sum()
        self.expect(")")
        return value

    def square_brackets(self):
        """[x > 0], or the numbers of a vector or matrix: [1, 2], [1, 2; 3, 4]."""
        self.expect("[")
        first = plain(self.sum())
        relation = self.accept("".join(RELATIONS))
        if relation:
            value = RELATIONS[relation](first, plain(self.sum())) * 1.0
            self.expect("]")
            return value
        rows = [[first]]
        while sign := self.accept(",;"):
            if sign == ";":
                rows.append([])
            rows[-1].append(plain(self.sum()))
        self.expect("]")
        return np.array(rows if len(rows) > 1 else rows[0])

    def name_or_function(self):
        for name, value in self.names.items():
            rest = self.text[self.at + len(name) :]
            if self.text.startswith(name, self.at) and not (name[-1].isascii() and WORD.match(f"_{rest}")[0] != "_"):
                self.at += len(name)
                return value
        name = self.match(WORD)
        if not name or self.text[self.at : self.at + 1] != "(":
            self.refuse("a name or a number")
        return self.call(name)

    def element(self, value, digits):
        """The element of a value that the digits below it pick, counted from 1."""
        numbers = digits.split(",") if "," in digits or np.ndim(value) == 1 else list(digits)
        return value[tuple(int(n.translate(DIGITS)) - 1 for n in numbers)]

    def call(self, name):
        arguments, keywords = [], {}
        self.expect("(")
        while not self.accept(")"):
            self.skip()
            if keyword := KEYWORD.match(self.text, self.at):
                self.at = keyword.end()
                keywords[keyword[1]] = self.literal()
            elif self.text[self.at] in "'\"(" and self.is_literal():
                arguments.append(self.literal())
            else:
                arguments.append(plain(self.sum_or_relation()))
            self.accept(",")
        return function_called(name)(*arguments, **keywords)

    def sum_or_relation(self):
        """An argument; a comparison needs no brackets of its own there: where(x > 0, x, 0)."""
        value = self.sum()
        relation = self.accept("><≥≤=≠")
        return RELATIONS[relation](plain(value), plain(self.sum())) if relation else value

    def is_literal(self):
        """Whether an argument is a tuple or a text of Python's."""
        end = self.closing(self.at) + 1 if self.text[self.at] == "(" else self.text.index(self.text[self.at], self.at + 1) + 1
        return re.fullmatch(r"\((-?\d+,? ?|\((-?\d+,? ?)*\),? ?)*\)|'.*'|\".*\"", self.text[self.at : end]) is not None

    def literal(self):
        """What is typed as in Python: True, −1, (0, 1), 'ij,jk'."""
        depth, end = 0, self.at
        while depth or self.text[end] not in ",)":
            depth += (self.text[end] in "([") - (self.text[end] in ")]")
            end += 1
        written, self.at = self.text[self.at : end], end
        return ast.literal_eval(written.replace("−", "-"))


def negative(x):
    return Turned(-x.vector) if isinstance(x, Turned) else -x
