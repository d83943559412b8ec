"""A picture in Mermaid's language."""

import numpy as np
from diagrams import classify

from microgradnn import Tensor, chain_rule, draw
from microgradnn.pictures.mermaid_text import to_mermaid
from microgradnn.pictures.themes import LIGHT


def test_frames_in_mermaid(rng):
    """Modules are subgraphs, one inside the other, each with the boxes that are in it."""
    _, L = classify(rng)
    lines = to_mermaid(draw(L).picture).splitlines()
    depths = {line.strip(): len(line) - len(line.lstrip()) for line in lines if "subgraph" in line}
    assert list(depths.values()) == [4, 8, 8]
    assert lines.count("    end") == 1
    assert lines.count("        end") == 2


def test_looks_in_mermaid():
    """Kinds have their looks, and arrows the colour of their part of the sum, dashed below zero."""
    x = Tensor(2.0, requires_grad=True, name="x")
    text = to_mermaid(chain_rule(((x * 3).named("a") - (x * 5).named("b")).named("L"), x).diagram.picture)
    assert f"classDef target fill:#ffffff,stroke:{LIGHT.ink}" in text
    links = [line for line in text.splitlines() if "linkStyle" in line]
    assert [f"stroke:{LIGHT.negative}" in line for line in links] == ["dasharray" in line for line in links]
    assert sum("dasharray" in line for line in links) == 2


def test_what_is_not_finite_in_mermaid():
    """The range is that of the finite numbers."""
    x = Tensor(np.array([np.nan, 1.0, 2.0, 3.0, 4.0]), requires_grad=True, name="x")
    assert "1 … 4, 1 NaN" in to_mermaid(draw((x * 2).named("y")).picture)
