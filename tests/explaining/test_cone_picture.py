"""The picture of a chain rule: its boxes and arrows, what each carries, and what stands beside it."""

import numpy as np
import pytest
from networks import textbook_network

from microgradnn import Tensor, chain_rule
from microgradnn.explaining.cone_picture import cone_picture
from microgradnn.pictures.legend import legend_of
from microgradnn.pictures.themes import LIGHT


def of(element):
    """The picture of one weight of the textbook network, where ∂L/∂W₁₁ = −6 and ∂L/∂W₁₂ = 10."""
    L, W = textbook_network()
    return cone_picture(chain_rule(L, W[element]))


def merging():
    """L = x² + 3 x: two paths."""
    x = Tensor(2.0, requires_grad=True, name="x")
    return ((x**2).named("a") + (3 * x).named("b")).named("L"), x


def test_the_way_of_one_path():
    """From the weight to the loss each element has a box on one line, and each factor an arrow against it."""
    picture = of((0, 0))
    assert [box.id for box in picture.boxes if box.lane] == ["W_0_0", "h_0", "o", "L"]
    assert [box.kind for box in picture.boxes if box.lane] == ["target", "intermediate", "intermediate", "output"]
    factors = [arrow for arrow in picture.arrows if arrow.kind == "gradient"]
    assert {(arrow.tail, arrow.head) for arrow in factors} == {("W_0_0", "h_0"), ("h_0", "o"), ("o", "L")}
    assert all(arrow.against and arrow.contribution == -6 for arrow in factors)


@pytest.mark.parametrize(("element", "sign"), [((0, 0), "< 0 dashed"), ((0, 1), "> 0 solid")])
def test_the_legend_says_what_dashes_mean(element, sign):
    """By the sign of this gradient: what does not occur in the picture is not in its legend."""
    said = "".join(text for text, _ in legend_of(of(element), LIGHT))
    name = {(0, 0): "∂L/∂W₁₁", (0, 1): "∂L/∂W₁₂"}[element]
    assert said.endswith(f"arrow back: its part of {name}, {sign}")


def test_numbers_have_the_colours_of_their_own_signs():
    """Blue times orange: a factor has its own sign's colour, also on an arrow of the other's."""
    numbers = {line.number for arrow in of((0, 0)).arrows for line in arrow.lines if line.number is not None}
    assert min(numbers) < 0 < max(numbers)


def test_contributions_of_paths_that_merge():
    """Each arrow carries its part of the sum, and the widths are shares of the largest."""
    L, x = merging()
    picture = cone_picture(chain_rule(L, x))
    carried = {(arrow.tail, arrow.head): arrow.contribution for arrow in picture.arrows}
    assert carried == {("x", "a"): 4, ("x", "b"): 3, ("a", "L"): 4, ("b", "L"): 3}
    assert {arrow.largest for arrow in picture.arrows} == {4}
    assert picture.title == ["∂L/∂x = 7, the sum over 2 paths"]


def test_of_many_paths_the_strongest():
    """So many are drawn as are asked for; the others are one box with their number and sum."""
    w = Tensor([1.0], requires_grad=True, name="w")
    L = ((w * np.arange(1.0, 6)).named("y") ** 2).sum().named("L")
    picture = cone_picture(chain_rule(L, w[0]), most_paths=2)
    assert sorted(box.id for box in picture.boxes if box.id.startswith("y")) == ["y_3", "y_4"]
    (rest,) = [box for box in picture.boxes if box.kind == "note"]
    said = " ".join(line.text for line in rest.content)
    assert "3" in said and "28" in said  # 2 (1² + 2² + 3²)
