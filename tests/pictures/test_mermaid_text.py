"""A picture in Mermaid's language."""

from diagrams import classify

from microgradnn import draw
from microgradnn.pictures.mermaid_text import to_mermaid


def test_frames_in_mermaid(rng):
    """Modules are subgraphs, one inside the other, each with the boxes that are in it."""
    _, L = classify(rng)
    lines = to_mermaid(draw(L).picture).splitlines()
    depths = {line.strip(): len(line) - len(line.lstrip()) for line in lines if "subgraph" in line}
    assert list(depths.values()) == [4, 8, 8]
    assert lines.count("    end") == 1
    assert lines.count("        end") == 2
