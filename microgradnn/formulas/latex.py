"""Formulas in LaTeX, for maths mode.

>>> from microgradnn.formulas.formula import Negative, Sum
>>> latex(Quotient(Sum((Number(1), Negative(Name("b_h", (1,))))), Name("alpha")))
'\\\\frac{1 - b_{h,1}}{\\\\alpha}'
"""

from fractions import Fraction
from typing import ClassVar

import numpy as np

from .formula import Formula, Name, Number, Partial, Quotient
from .signs import GREEK
from .style import Style, digits_of
from .unicode_text import label_parts, subscripted

FUNCTIONS = {"tanh", "sinh", "cosh", "exp", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan"}  # that LaTeX knows
SIGNS = {
    "−": "-",
    "≥": r"\geq",
    "≤": r"\leq",
    "≠": r"\neq",
    "…": r"\dots",
    "Σ": r"\sum",
    "∂": r"\partial ",
    "·": r"\cdot",
    "⊙": r"\odot",
    "∞": r"\infty",
    "′": r"\prime",
    "″": r"\prime\prime",
    **{letter: f"\\{word}" for word, letter in GREEK.items()},
}
ESCAPES = str.maketrans({**{c: f"\\{c}" for c in "#$%&{}"}, "\\": r"\backslash ", "_": r"\_", "^": r"\hat{}", "~": r"\sim "})


class LatexStyle(Style):
    """LaTeX, with fraction lines and brackets that grow around them."""

    beside: ClassVar = {"": r" \, ", "number": r" \cdot ", "bracket": ""}
    space, transposed = r" ", r"\top"

    def row(self, *contents):
        return "".join(contents)

    def sign(self, sign):
        return SIGNS.get(sign, sign)

    def infix(self, sign):
        return ", " if sign == "," else f" {self.sign(sign)} "

    def bracketed(self, content, formula):
        return f"\\left({content}\\right)" if is_tall(formula) else f"({content})"

    def name(self, label, index):
        stem, above, below = label_parts(label)
        below = ",".join(filter(None, (below.translate(ESCAPES), subscripted(index))))
        above = "".join(SIGNS.get(c, c) for c in above)
        return letters(stem) + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")

    def number(self, x):
        return latex_number(x, self.digits)

    def code(self, written):
        return f"\\texttt{{{written.translate(ESCAPES)}}}"

    def function(self, name):
        return f"\\{name}" if name in FUNCTIONS else f"\\operatorname{{{name.translate(ESCAPES)}}}"

    def matrix(self, rows):
        return "\\begin{bmatrix}" + r" \\ ".join(" & ".join(row) for row in rows) + "\\end{bmatrix}"

    def fraction(self, above, below):
        return f"\\frac{{{above}}}{{{below}}}"

    def raised(self, base, exponent, formula):
        if isinstance(formula, Name) and label_parts(formula.label)[1]:
            base = f"{{{base}}}"  # LaTeX refuses two things above the line behind the same letter
        return f"{base}^{{{exponent}}}"

    def exponent(self, exponent):
        return self(exponent)

    def subscript(self, content, index):
        return f"{content}_{{{subscripted(index)}}}"

    def call(self, name, arguments, formula):
        if name in ("absolute", "sqrt"):
            return f"\\sqrt{{{arguments}}}" if name == "sqrt" else f"\\left|{arguments}\\right|"
        return self.function(name) + self.bracketed(arguments, formula)


def is_tall(formula):
    """Whether brackets around it must be higher than a line."""
    return any(
        isinstance(part, (Quotient, Partial)) or (isinstance(part, Number) and isinstance(part.value, Fraction))
        for part in formula.walk()
    )


def letters(word):
    """One letter, Latin or Greek, as it is; a longer name upright."""
    if word in GREEK or word in GREEK.values():
        return SIGNS[GREEK.get(word, word)]
    return word if len(word) == 1 and word.isalpha() else f"\\mathrm{{{word.translate(ESCAPES)}}}"


def latex(formula: Formula, digits: int | None = 4, most_terms: int | None = 6) -> str:
    """A formula in LaTeX, for maths mode; see `Style` for the parameters."""
    return LatexStyle(digits, most_terms)(formula)


def latex_number(x, digits=4):
    """A number in LaTeX.

    >>> latex_number(-1.5e-7), latex_number(1e7), latex_number(Fraction(-2, 3))
    ('-1.5{\\\\cdot}10^{-7}', '10^{7}', '-\\\\tfrac{2}{3}')
    """
    if np.iscomplexobj(x):
        return f"{latex_number(x.real, digits)} {'-' if x.imag < 0 else '+'} {latex_number(abs(x.imag), digits)}i"
    if isinstance(x, Fraction):
        size = f"\\tfrac{{{abs(x.numerator)}}}{{{x.denominator}}}" if x.denominator != 1 else str(abs(x.numerator))
        return ("-" if x < 0 else "") + size
    mantissa, exponent = digits_of(x, digits)
    if exponent is not None:
        power = f"10^{{{exponent}}}"  # the dot before it is in braces: so LaTeX puts no spaces around it
        mantissa = mantissa.removesuffix("1") + power if mantissa in ("1", "-1") else f"{mantissa}{{\\cdot}}{power}"
    return mantissa.replace("∞", r"\infty").replace("NaN", r"\mathrm{NaN}")
