"""The tables of signs agree with each other."""

import unicodedata

from microgradnn.formulas.latex import SIGNS
from microgradnn.formulas.signs import GREEK, NORMAL, RELATIONS, SUBSCRIPTS, SUPERSCRIPTS


def test_digits_come_back():
    """What was put above or below the line and is put back is what it was."""
    for table in (SUBSCRIPTS, SUPERSCRIPTS):
        assert "-0123456789".translate(table).translate(NORMAL) == "-0123456789"


def test_greek_letters_are_what_their_names_say():
    """Each Greek letter is the one of its name, and LaTeX has it."""
    for name, letter in GREEK.items():
        assert unicodedata.name(letter) == f"GREEK SMALL LETTER {'LAMDA' if name == 'lambda' else name.upper()}"
        assert SIGNS[letter] == f"\\{name}"


def test_relations_are_known_to_latex():
    """Every relation that is not plain ASCII has a command of LaTeX's."""
    assert {sign for sign in RELATIONS.values() if not sign.isascii()} <= SIGNS.keys()
