"""Where a name is made: the first assignment, of names and attributes, in one or several targets."""

from microgradnn.source.definitions import definition_of

TEXT = '''"""A program."""
import numpy as np
class Net:
    def __init__(self):
        self.W1 = np.ones(3)
n = net.n
a, b = f(1), 2
a = g(3)
[c, d] = h()
'''


def test_definitions(tmp_path):
    """Of a path its first part counts; what is only named anew, assigned nowhere, or in no file, has none."""
    file = tmp_path / "program.py"
    file.write_text(TEXT)
    found = definition_of("W1", str(file))
    assert (found.line, found.span) == (5, (5, 5, 18, 28))
    assert definition_of("a.x", str(file)).span == (7, 7, 7, 11) and definition_of("d", str(file)).line == 9
    assert all(definition_of(name, str(file)) is None for name in ("b", "n", "e"))
    assert definition_of("a", str(tmp_path / "none.py")) is None
    file.with_name("broken.py").write_text("a = (")
    assert definition_of("a", str(file.with_name("broken.py"))) is None
