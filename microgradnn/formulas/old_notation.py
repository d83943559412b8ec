"""How formulas are written: names with subscripts, numbers, and expressions as Unicode text or LaTeX.

>>> from microgradnn.formulas.symbols import Symbol
>>> h = Symbol.named("h", (0,), 0.417)
>>> text(1 - h * h), text(1 - h * h, values=True), latex(1 - h * h)
('1 − h₁²', '1 − 0.417²', '1 - h_{1}^{2}')
"""

import re
from fractions import Fraction
from functools import reduce

import numpy as np

from .symbols import Symbol, factored, multiply, power_of

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789-−.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻·")
NORMAL_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
GREEK = {
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"),
    *("nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
}
LATEX_ESCAPES = str.maketrans(
    {**{c: f"\\{c}" for c in "#$%&{}"}, "\\": r"\backslash ", "_": r"\_", "^": r"\hat{}", "~": r"\sim "}
)
LATEX_RELATIONS = {"≥": r"\geq", "≤": r"\leq"}
SHOWN_TERMS = 6  # of a longer sum the first ones and the last are shown


def number(x, digits=4):
    """A number as people write it: four significant digits, a true minus sign, powers of ten where they are shorter.

    >>> number(-0.33672), number(2.0), number(1.5e-7), number(Fraction(2, 3)), number(float("nan"))
    ('−0.3367', '2', '1.5·10⁻⁷', '2/3', 'NaN')
    >>> number(2 - 0.5j)
    '2 − 0.5i'
    """
    if np.iscomplexobj(x):
        return f"{number(x.real, digits)} {'−' if x.imag < 0 else '+'} {number(abs(x.imag), digits)}i"
    if isinstance(x, Fraction):
        return str(x).replace("-", "−")
    if x != x:  # noqa: PLR0124 - NaN, of any type of number
        return "NaN"
    if x in (np.inf, -np.inf):
        return "∞" if x > 0 else "−∞"
    mantissa, _, exponent = f"{float(x) + 0.0:.{digits}g}".partition("e")
    if exponent:
        mantissa += "·10" + str(int(exponent)).translate(SUPERSCRIPTS)
    return mantissa.replace("-", "−")


def latex_number(x, digits=4):
    """A number in LaTeX.

    >>> latex_number(-1.5e-7), latex_number(Fraction(-2, 3))
    ('-1.5 \\\\cdot 10^{-7}', '-\\\\tfrac{2}{3}')
    """
    if isinstance(x, Fraction) and x.denominator != 1:
        return f"{'-' if x < 0 else ''}\\tfrac{{{abs(x.numerator)}}}{{{x.denominator}}}"
    if x != x or x in (np.inf, -np.inf):  # noqa: PLR0124 - as above
        return {"NaN": r"\mathrm{NaN}", "∞": r"\infty", "−∞": r"-\infty"}[number(x)]
    mantissa, _, exponent = f"{float(x) + 0.0:.{digits}g}".partition("e")
    return mantissa + (f" \\cdot 10^{{{int(exponent)}}}" if exponent else "")


def element_name(label, index, index_base=1):
    """The name of one element of a tensor, counted from 1 as in mathematics.

    >>> element_name("W", (0, 1)), element_name("o", ()), element_name("W", (0, 11)), element_name("W", (0, 1), index_base=0)
    ('W₁₂', 'o', 'W₁,₁₂', 'W₀₁')
    """
    numbers = [str(i + index_base) for i in index]
    separator = "," if any(len(digits) > 1 for digits in numbers) and len(numbers) > 1 else ""
    return label + separator.join(digits.translate(SUBSCRIPTS) for digits in numbers)


def latex_element_name(label, index, index_base=1):
    """The same in LaTeX; what stands behind the first underscore of a label becomes a subscript.

    >>> latex_element_name("W", (0, 1)), latex_element_name("b_h", (0,)), latex_element_name("alpha", ())
    ('W_{12}', 'b_{h,1}', '\\\\alpha')
    """
    if not label.isidentifier() and any(c in label for c in "( …"):
        return latex_expression(label) + (f"_{{{_joined(index, index_base)}}}" if index else "")
    stem, _, subscript = label.partition("_")
    parts = [part for part in (subscript.translate(LATEX_ESCAPES), _joined(index, index_base)) if part]
    return _latex_letters(stem) + (f"_{{{','.join(parts)}}}" if parts else "")


def _joined(index, index_base):
    numbers = [str(i + index_base) for i in index]
    return ("," if any(len(digits) > 1 for digits in numbers) else "").join(numbers)


def latex_expression(written):
    """A tensor-level expression, as `spelling.spell` writes it, in LaTeX.

    >>> latex_expression("tanh(x W + b_h)")
    '\\\\operatorname{tanh}(x \\\\, W + b_{h})'
    """

    def word(match):
        if match.end() < len(written) and written[match.end()] == "(":
            return f"\\operatorname{{{match[0].translate(LATEX_ESCAPES)}}}"
        return latex_element_name(match[0], ())

    spaced = re.sub(r"(?<=[\w)\]]) (?=[\w(])", r" \\, ", re.sub(r"[^\W\d]\w*", word, written))
    powers = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda digits: f"^{{{digits[0].translate(NORMAL_DIGITS)}}}", spaced)
    return powers.replace("…", r"\dots ").replace("−", "-")


def _latex_letters(word):
    letter = word.rstrip("′″")
    primes = "'" * (word.count("′") + 2 * word.count("″"))
    if primes:
        return _latex_letters(letter) + primes
    if word in GREEK:
        return "\\" + word
    if len(word) == 1 and word.isalpha():
        return word
    return f"\\mathrm{{{word.translate(LATEX_ESCAPES)}}}"


class TextStyle:
    """Unicode text, with the names, or with the numbers that they stand for."""

    times, minus, plus, dots = "·", " − ", " + ", "…"

    def __init__(self, values=False, index_base=1):
        self.values = values
        self.index_base = index_base

    def atom(self, symbol):
        return number(symbol.value) if self.values else element_name(*symbol.args[:2], self.index_base)

    def number(self, x):
        return number(x)

    def coefficient(self, x):
        written = self.number(x)
        return f"({written})" if "/" in written else written

    def power(self, base, exponent):
        written = write(exponent, self)
        return base + (written.translate(SUPERSCRIPTS) if isinstance(exponent, int) else f"^({written})")

    def fraction(self, above, below):
        return f"{above}/{below[0] if len(below) == 1 else self.group(reduce(self.join, below))}"

    def function(self, name, argument):
        return f"|{argument}|" if name == "absolute" else f"{name}({argument})"

    def comparison(self, relation, x, y):
        return f"[{x} {relation} {y}]"

    def group(self, written):
        return f"({written})"

    def join(self, left, right):
        """Two factors side by side: 2(t − o), x₁(1 − h₁²), V₁ x₁; between numbers a dot: 0.5·0.3."""
        if right.startswith("("):
            return left + right
        return left + (self.times if self.values or right[0].isdigit() else " ") + right


class LatexStyle(TextStyle):
    """LaTeX, for a formula in maths mode."""

    times, minus, plus, dots = r" \cdot ", " - ", " + ", r"\dots"

    def atom(self, symbol):
        return latex_number(symbol.value) if self.values else latex_element_name(*symbol.args[:2], self.index_base)

    def number(self, x):
        return latex_number(x)

    def power(self, base, exponent):
        return f"{base}^{{{write(exponent, self)}}}"

    def fraction(self, above, below):
        alone = len(below) == 1 and below[0].startswith("(") and below[0].endswith(")")
        return f"\\frac{{{above}}}{{{below[0][1:-1] if alone else reduce(self.join, below)}}}"

    def function(self, name, argument):
        if name in ("absolute", "sqrt"):
            return f"|{argument}|" if name == "absolute" else f"\\sqrt{{{argument}}}"
        known = name in {"tanh", "exp", "log", "sin", "cos", "tan"}
        return (f"\\{name}" if known else f"\\operatorname{{{name.translate(LATEX_ESCAPES)}}}") + self.group(argument)

    def comparison(self, relation, x, y):
        return f"[{x} {LATEX_RELATIONS.get(relation, relation)} {y}]"

    def group(self, written):
        return f"\\left({written}\\right)" if "frac" in written else f"({written})"

    def join(self, left, right):
        if right.startswith(("(", r"\left(")):
            return left + right
        return left + (self.times if self.values or right[0].isdigit() else r" \, ") + right


def text(x, values=False, index_base=1):
    """An expression as Unicode text: with names, or with the numbers they stand for."""
    return write(x, TextStyle(values, index_base))


def latex(x, values=False, index_base=1):
    """An expression in LaTeX, for maths mode."""
    return write(x, LatexStyle(values, index_base))


def write(x, style):
    """An expression in a style."""
    if not isinstance(x, Symbol):
        return style.number(x)
    if x.head == "name":
        return style.atom(x)
    if x.head == "sum":
        return _write_sum(x.args, style)
    if x.head == "function":
        return style.function(x.args[0], write(x.args[1], style))
    if x.head == "comparison":
        return style.comparison(x.args[0], write(x.args[1], style), write(x.args[2], style))
    return _write_product(*factored(x), style)


def _write_sum(terms, style):
    """Terms one after the other, with the signs between them; of many, the first few and the last."""
    shown = terms if len(terms) <= SHOWN_TERMS else terms[: SHOWN_TERMS - 2]
    written = write(shown[0], style)
    for term in shown[1:]:
        written += _signed(term, style)
    if len(terms) > SHOWN_TERMS:
        written += style.plus + style.dots + _signed(terms[-1], style)
    return written


def _signed(term, style):
    """A term and the sign before it; in brackets where it would begin with a second sign, or is a sum itself."""
    sign = style.minus if factored(term)[0] < 0 else style.plus
    size = multiply(-1, term) if sign == style.minus else term
    written = write(size, style)
    is_sum = isinstance(size, Symbol) and size.head == "sum"
    return sign + (style.group(written) if is_sum or written[0] in "-−" else written)


def _write_product(coefficient, factors, style):
    """A number and powers of expressions; those with negative exponents stand below a fraction bar."""
    above, below = [], []
    for factor in factors:
        base, exponent = power_of(factor)
        if not isinstance(exponent, Symbol) and exponent < 0:
            below.append(_write_power(base, -exponent, style))
        else:
            above.append(_write_power(base, exponent, style))
    sign = style.minus.strip() if coefficient < 0 else ""
    if abs(coefficient) != 1 or not above:
        above.insert(0, style.coefficient(abs(coefficient)))
    written = reduce(style.join, above)
    if below:
        written = style.fraction(written, below)
    return sign + written


def _write_power(base, exponent, style):
    written = write(base, style)
    compound = isinstance(base, Symbol) and base.head in ("sum", "product", "power")
    if compound or written[0] in "-−" or ("10" in written and style.times.strip() in written and base.head == "name"):
        written = style.group(written)  # also 1.5·10⁻⁷, whose exponent a further one would join
    return written if not isinstance(exponent, Symbol) and exponent == 1 else style.power(written, exponent)
