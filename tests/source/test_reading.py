"""Where a program reads plain values, by its text."""

import ast

import pytest

from microgradnn.source.reading import readings_below, readings_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("z = mu.numpy() + eps", [("mu", ".numpy()")]),
        ("z = self.encoder(x).data", [("", ".data")]),
        ("h = net.state.detach()", [("state", ".detach()")]),
        ("a = [float(v) for v in h]", [("v", "float()")]),
        ("a = np.array(h) @ V", [("h", "np.array()")]),
        ("W.data = W.data - 0.1 * W.grad", []),
        ("W.data -= 0.1 * W.data", []),
        ("print(float(loss), f'{loss.item()}')", []),
        ("losses.append(loss.item())", []),
        ("with no_grad():\n    p = h.numpy()", []),
        ("y = float(3)", [("", "float()")]),
        ("assert h.numpy().all()", []),
    ],
)
def test_what_reads_values(text, found):
    """Reading them and going on counts; showing, keeping and writing back do not."""
    assert [(name, way) for _, name, way in readings_below(ast.parse(text))] == found


def test_places(tmp_path):
    """Each with its line and span, in the order of the text; a file that is no program has none."""
    program = tmp_path / "program.py"
    program.write_text("a = h.numpy()\nb = float(h)\n")
    assert [(reading.way, reading.place.line, reading.place.span[2:]) for reading in readings_in(str(program))] == [
        (".numpy()", 1, (4, 13)),
        ("float()", 2, (4, 12)),
    ]
    broken = tmp_path / "broken.py"
    broken.write_text("a = (")
    assert readings_in(str(broken)) == readings_in("nowhere.py") == []
