"""The picture of a run: what is in it, in both formats."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from runs import watched

from microgradnn import watch
from microgradnn.diagnosing.small_multiples import shortened, svg_of

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def health():
    return watched("planted", "vanishing")


def test_a_row_for_each_stage(health):
    """Of 13 stages 12 rows, with the names of the layers and of their parameters; all of it is inside, and well-formed."""
    picture = ET.fromstring(svg_of(health))
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    assert "Health of 25 backward passes, 11 looked at" in texts
    assert sum(bool(re.fullmatch(r"h\d+", text)) for text in texts) == 11 or "h1" in texts
    assert {"hidden1.W", "hidden1.b", "values", "gradients", "! 1 warning"} <= set(texts)
    width, height = float(picture.get("width")), float(picture.get("height"))
    for rect in picture.iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.get(side, 0)) for side in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width + 1 and 0 <= y <= y + h <= height + 1 and h >= 0


def test_files(health, tmp_path):
    """The page holds the picture and the findings, and asks nothing of a network; the SVG stands alone."""
    page = health.save(tmp_path / "health.html").read_text(encoding="utf-8")
    assert "<svg" in page and "vanishing: hidden1.W" in page and "default-src 'none'" in page
    assert not re.search(r"(src|href)=", page)
    assert health.save(tmp_path / "health.svg").read_text(encoding="utf-8").startswith("<svg")
    with pytest.raises(ValueError, match=r"one of \.svg, \.html"):
        health.save(tmp_path / "health.png")


def test_of_nothing():
    """A run without a pass is a picture, too; and one whose loss is NaN."""
    assert ET.fromstring(svg_of(watch())) is not None
    assert np.isfinite(len(shortened("a name that is long", 5)))
