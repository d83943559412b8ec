"""The picture of a run: what is in it, in both formats."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from runs import watched

from microgradnn import Tensor, nn, optim, watch
from microgradnn.diagnosing.small_multiples import abbreviated, named_text, shortened, svg_of

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


def test_what_is_left_out_is_said():
    """Of a deep network the layers with findings are there, and the first and last; between them stands how many are not."""
    net = nn.MLP([2, *[4] * 20, 1], rng=0)
    optimiser = optim.SGD(net.parameters(), lr=0.01)
    net.hidden9.b.data[:] = 4.0
    with watch(net) as deep:
        for _ in range(4):
            optimiser.zero_grad()
            nn.mse_loss(net(np.ones((3, 2))), np.ones((3, 1))).backward()
            optimiser.step()
    assert [finding.kind for finding in deep.findings if "h9" in finding.tensor] == ["saturated"]
    texts = [text.text for text in ET.fromstring(svg_of(deep)).iter(f"{SVG}text")]
    assert "h9" in texts and "! saturated" in texts and "h1" in texts and "h20" in texts
    left_out = [int(text.split()[0]) for text in texts if text and text.endswith("left out here")]
    shown = sum(bool(text and re.fullmatch(r"h\d+", text)) for text in texts)
    assert len(left_out) == 2 and shown + sum(left_out) == 20


def test_losses_that_are_not_finite():
    """Where the loss is not finite any more stands in its panel; a single one that is finite is a dot."""
    w = Tensor([1.0], requires_grad=True)
    with watch([w]) as run, np.errstate(all="ignore"):
        for number in range(1, 6):
            w.grad = None
            (w * (1.0 if number == 1 else np.inf)).sum().backward()
    picture = svg_of(run)
    assert "not finite since pass 2" in picture and "<circle" in picture


def test_long_names_keep_their_ends():
    """Names that differ at their ends do so in the picture, and stand there whole for a pointer."""
    assert abbreviated("encoder.first.W", 9) != abbreviated("encoder.first.b", 9)
    assert named_text("encoder<first>.W", 9).startswith("<title>encoder&lt;first&gt;.W</title>enco")
    assert named_text("W", 9) == "W"


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
