"""Scripts that the tests of commands run, and how the table of `check` is read."""

NETWORK = """
import sys
from microgradnn import Tensor
def train():
    x = Tensor([0.5, -1.0])
    w = Tensor([0.2, 0.3], requires_grad=True)
    o = x @ w
    loss = (1 - o) ** 2
    loss.backward()
    print("the script goes on", *sys.argv[1:])
train()
"""


WRONG_RULE = """
import numpy as np
from microgradnn import Op, Tensor
class Cube(Op):
    def forward(self, x): return x ** 3
    def dx(self, dz, z, x): return dz * 2 * x ** 2
    vjps = dx,
x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor(3.0, requires_grad=True)
(Cube()(x).sum() * y).backward()
"""


SINGLE = """
import numpy as np
from microgradnn import *
np.seterr(all="ignore")
class Single(Op):
    def forward(self, x): return np.float32(x)
    def dx(self, dz, z, x): return dz
    vjps = dx,
"""


SEVERAL_PASSES = """
from microgradnn import Tensor
x = Tensor(1.0, requires_grad=True)
for i in range(9):
    (x * x * i).backward()
    print("after", i)
"""


def leaf_lines(printed):
    """The lines of the table, without its head."""
    lines = printed.partition("\n\n")[0].splitlines()
    return lines[next(i for i, line in enumerate(lines) if line.startswith("leaf")) + 1 :]
