"""How wide text is, without a renderer: by the widths of Helvetica's letters, which Arial and Liberation Sans share."""

NARROW = dict.fromkeys("ijl'|", 222) | dict.fromkeys("ftI !,./:;[]\\·", 278) | dict.fromkeys("r()-", 333)
WIDE = dict.fromkeys("mM", 833) | dict.fromkeys("wACDGHKNOQRUVXY&", 722) | dict.fromkeys("BEPS", 667) | {"W": 944, "@": 1015}
SIGNS = dict.fromkeys("+−=<>×÷", 584) | dict.fromkeys("→←…", 1000) | dict.fromkeys("₀₁₂₃₄₅₆₇₈₉²³", 360) | {"%": 889}
WIDTHS = {**NARROW, **WIDE, **SIGNS}  # thousandths of the size; of all other letters and digits about OTHER
OTHER = 556


def width_of(text, size=13):
    """The width of a line of text in points.

    >>> width_of("W = 12", 10)
    32.02
    """
    return round(sum(WIDTHS.get(letter, OTHER) for letter in text) * size / 1000, 2)


def widest(texts):
    """The widest of some lines of text."""
    return max(texts, key=width_of)
