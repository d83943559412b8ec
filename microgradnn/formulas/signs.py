"""The signs of formulas: relations, digits above and below the line, Greek letters, and how LaTeX calls them."""

SUBSCRIPTS = str.maketrans("0123456789-−,", "₀₁₂₃₄₅₆₇₈₉₋₋,")
SUPERSCRIPTS = str.maketrans("0123456789-−()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁽⁾")
NORMAL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾₀₁₂₃₄₅₆₇₈₉₋", "0123456789-()0123456789-")

RELATIONS = {">": ">", "<": "<", ">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}  # Python's, as they are written

GREEK = {
    **dict(zip(("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"), "αβγδεζηθ", strict=True)),
    **dict(zip(("iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho"), "ικλμνξπρ", strict=True)),
    **dict(zip(("sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"), "στυφχψω", strict=True)),
}

TIMES = {"elementwise": "⊙", "scalar": "·"}  # by what kind of product it is (see formula.Product)
OPERATIONS = {
    "add": "+",
    "subtract": "−",
    "negative": "−",
    "divide": "/",
    "matmul": "@",
    "power": "^",
    "sum": "Σ",
}  # in pictures

LATEX = {
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
LATEX_ESCAPES = str.maketrans(
    {**{c: f"\\{c}" for c in "#$%&{}"}, "\\": r"\backslash ", "_": r"\_", "^": r"\hat{}", "~": r"\sim "}
)
