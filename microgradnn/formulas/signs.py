"""The signs that all styles write: relations, digits above and below the line, Greek letters."""

SUBSCRIPTS = str.maketrans("0123456789-−,", "₀₁₂₃₄₅₆₇₈₉₋₋,")
SUPERSCRIPTS = str.maketrans("0123456789-−()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁽⁾")
NORMAL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾₀₁₂₃₄₅₆₇₈₉₋", "0123456789-()0123456789-")

# Comparisons, by NumPy's names for them
RELATIONS = {"greater": ">", "greater_equal": "≥", "less": "<", "less_equal": "≤", "equal": "=", "not_equal": "≠"}

GREEK = {
    **dict(zip(("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"), "αβγδεζηθ", strict=True)),
    **dict(zip(("iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho"), "ικλμνξπρ", strict=True)),
    **dict(zip(("sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"), "στυφχψω", strict=True)),
}

TIMES = {"elementwise": "⊙", "scalar": "·"}  # by what kind of product it is (see formula.Product)

# What an operation is called in pictures
OPERATIONS = {"add": "+", "subtract": "−", "negative": "−", "divide": "/", "matmul": "@", "power": "^", "sum": "Σ"}
