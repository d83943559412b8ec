"""LaTeX and MathML of formulas, translated into the notation of text, which notation_grammar.py works out.

Brackets that are only there in print, around what stands above and below a fraction line, in an exponent and under a root,
become round ones; everything else stays where it is, so that a bracket that a style has forgotten is missing here too.
"""

import re

from microgradnn.formulas.latex import SIGNS as LATEX
from microgradnn.formulas.latex import latex
from microgradnn.formulas.mathml import mathml
from microgradnn.formulas.signs import SUBSCRIPTS, SUPERSCRIPTS
from microgradnn.formulas.unicode_text import text

READ = {sign: letter for letter, sign in LATEX.items()}
READ |= {"&": ",", r"\\": ";", r"\,": " ", r"\left": "", r"\right": "", r"\top": "ᵀ", r"\partial": "∂"}
TOKEN = re.compile(r"\\(?:left|right)\||\\[a-zA-Z]+|\\.|[{}^_]| +|[^\\{}^_ ]")


def styles_of(formula):
    """The formula in each style, unrounded and uncut, translated into the notation of text."""
    written = text(formula, None, None), latex(formula, None, None), mathml(formula, None, None)
    return {"text": written[0], "LaTeX": latex_as_text(written[1]), "MathML": mathml_as_text(written[2])}


def latex_as_text(written):
    """A formula in LaTeX as text.

    >>> latex_as_text(r"-\\frac{h'_{1}^{2}}{b_{h,1} - 1} \\cdot \\sqrt{2}".replace("'", ""))
    '−((h₁^(2))/(b_h₁ − 1)) · sqrt(2)'
    """
    return LatexReader(written).row()


class LatexReader:
    """Goes through LaTeX once, from left to right."""

    def __init__(self, written):
        self.tokens, self.at = TOKEN.findall(written), 0

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def row(self):
        """What stands up to the next closing brace, or the end."""
        written = ""
        while self.at < len(self.tokens):
            token = self.next()
            if token == "}":
                break
            written = self.added(written, token)
        return written

    def group(self):
        """What stands in braces."""
        assert self.next() == "{"
        return self.row()

    def added(self, written, token):  # noqa: C901, PLR0911 - one case a sign
        """What was written, and one thing more."""
        match token:
            case "{":
                return written + self.row()
            case r"\frac" | r"\tfrac":
                return f"{written}(({self.group()})/({self.group()}))"
            case r"\sqrt":
                return f"{written}sqrt({self.group()})"
            case r"\left|":
                return written + "absolute("
            case r"\right|":
                return written + ")"
            case r"\mathrm" | r"\operatorname":
                return written + self.group()
            case "_":
                return written + below(self.group().replace("−", "-"))
            case "^":
                exponent = self.group()
                return written + (exponent if exponent in ("ᵀ", "′") else above(exponent))
            case r"\texttt":
                return written + self.group().replace("−", "-")
            case r"\begin" | r"\end":
                return written + {r"\begin": "[", r"\end": "]"}[token] + self.group().removesuffix("bmatrix")
            case _:
                return written + READ.get(token, token.lstrip("\\"))


def above(written):
    """What stands above the line: an exponent; in brackets, it is a part of a label."""
    return written.translate(SUPERSCRIPTS) if re.fullmatch(r"\(\d+\)", written) else f"^({written})"


def below(written):
    """What stands below the line: the rest of a label, an index, or both."""
    *label, index = written.split(",") if not written[0].isdigit() else [written]
    if not label and not index[0].isdigit():
        return f"_{index}"
    return "".join(f"_{part}" for part in label) + index.translate(SUBSCRIPTS)


def mathml_as_text(element):  # noqa: C901, PLR0911 - one case an element
    """A formula in MathML as text.

    >>> mathml_as_text(("mfrac", ("mn", "−1"), ("msup", ("mi", "x"), ("mn", "2"))))
    '((−1)/(x^(2)))'
    """
    if isinstance(element, str):
        return {"\u2062": "", "\u2009": " ", "·": " · "}.get(element, element)
    tag, *children = element
    parts = [mathml_as_text(child) for child in children]
    match tag, parts:
        case "mfrac", [over, under]:
            return f"(({over})/({under}))"
        case "msqrt", [inside]:
            return f"sqrt({inside})"
        case "msup", ["e", exponent]:
            return f"exp({exponent})"
        case "msup", [base, exponent]:
            return base + ("ᵀ" if exponent == "⊤" else exponent if exponent in "′″" else above(exponent))
        case "msub", [base, index]:
            return base + below(index)
        case "mtable", rows:
            return "; ".join(rows)
        case "mtr", cells:
            return ", ".join(cells)
        case "mrow", ["|", *inside, "|"]:
            return f"absolute({''.join(inside)})"
        case "mo", [sign] if sign in "+−⊙=><≥≤":
            return sign if sign == "−" else f" {sign} "
    return "".join(parts)
