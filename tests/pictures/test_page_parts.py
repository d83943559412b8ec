"""The parts of a page: its template filled, the facts about boxes and arrows, JSON without markup."""

import json
import re

import pytest
from diagrams import STRANGE, cards_of, derivation, page_of, strange

from microgradnn.errors import RendererError
from microgradnn.pictures.page import json_island
from microgradnn.pictures.render import find_renderer

try:
    find_renderer()
except RendererError:
    pytest.skip("a page needs a Graphviz renderer, and there is none", allow_module_level=True)


def test_no_placeholder_left():
    """Each placeholder of the template is filled, and one that stands in a name is not."""
    assert "{{" not in page_of(derivation)
    assert set(re.findall(r"\{\{\w+\}\}", page_of(strange))) == {"{{title}}"}
    assert "{{title}}" in STRANGE


def test_cards_in_the_file():
    """The JSON in the page holds the card of each box, then of each arrow, as they are in the picture."""
    for diagram in (derivation, strange):
        picture = diagram().picture
        found = [item["card"] for item in cards_of(page_of(diagram))]
        assert found == [[list(pair) for pair in x.card] for x in (*picture.boxes, *picture.arrows)]


def test_neighbours_in_the_file():
    """A box is joined to its arrows and the boxes at their other ends, an arrow to its two ends."""
    assert [item["near"] for item in cards_of(page_of(strange))] == [
        [1, 3, 4],
        [0, 2, 3, 4, 5],
        [1, 5],
        [0, 1],
        [0, 1],
        [1, 2],
    ]


def test_names_in_the_file():
    """A box is called by its card's heading or its first line; an arrow by its card, or by its ends as it points."""
    names = [item["name"] for item in cards_of(page_of(derivation))]
    assert names[:5] == ["W₁₁", "h₁ = tanh(x W)", "o = h V + 0.5", "L = (t − o)²", "t = 1"]
    assert names[9:13] == ["∂L/∂o", "∂o/∂h₁", "∂h₁/∂W₁₁", "t = 1 → L = (t − o)²"]
    assert "o = h V + 0.5 → h₂ = 0" in names


def test_json_holds_no_markup():
    """JSON in the page has none of the characters that end a script or a line of it, and says the same."""
    data = ["<!-- </script>", "a & b", "\u2028\u2029", "\udc80", 'quote " \\ \n', "∂"]
    text = json_island(data)
    assert json.loads(text) == data
    assert not set("<>&\u2028\u2029\n") & set(text) and text.isascii()
