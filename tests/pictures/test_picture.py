"""Ids of boxes: from names, plain words for any language that a picture is written in."""

from microgradnn.pictures.picture import Ids


def test_ids_are_plain_words():
    """Other signs become underscores; what would begin with a digit, or with nothing, gets a letter."""
    ids = Ids()
    assert [ids.new(key, name) for key, name in enumerate(["W", "body.0.W", "∂L/∂W", "2 x", "√"])] == [
        *("W", "body_0_W", "L__W", "n2_x", "node")
    ]


def test_ids_are_unique():
    """Of equal names the later ones are numbered, also where a name looks like one that was."""
    ids = Ids()
    assert [ids.new(key, name) for key, name in enumerate(["h", "h", "h", "h__2"])] == ["h", "h__2", "h__3", "h__2__2"]


def test_a_key_keeps_its_id():
    """Asked for again, by whatever name, it is the same; another key may have it too."""
    ids = Ids()
    assert "a" not in ids
    assert ids.new("a", "h") == ids.new("a", "other") == ids["a"] == "h"
    ids.same("b", "a")
    assert ids["b"] == "h"
