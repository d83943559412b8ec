"""Programs that nobody wrote, in microgradnn and in PyTorch: values, gradients, and gradients of gradients.

A program grows operation by operation from a few leaves; each takes nodes that are already there, so that a node is used
many times and in several places. All operations are drawn. ORACLE_PROGRAMS says how many programs there are (3000; a hundred
take some 2 seconds); a failure names the seed and the program.
"""

import os

import numpy as np
import pytest
from strategies import real

torch = pytest.importorskip("torch")

import engines
import engines_arrays
import engines_matrices
import engines_statistics
from engines import constant

from microgradnn import Tensor, grad, tanh
from microgradnn.graph import OPERATIONS

PROGRAMS = int(os.environ.get("ORACLE_PROGRAMS", "3000"))
SHAPES = [(), (1,), (3,), (2, 3), (2, 1), (1, 3), (3, 3), (4, 2), (2, 3, 2), (2, 1, 3, 2)]
LARGEST = 64  # elements; what would have more is left out of the program
RTOL = 1e-9
RTOL_OF_FLOAT32 = 1e-6  # gradients that come back in several passes are rounded before they are added
OF_ONE = engines.OF_ONE + 2 * (engines_statistics.OF_ONE + engines_arrays.OF_ONE) + 2 * engines_matrices.OF_ONE
OF_TWO = engines.OF_TWO + 2 * engines_arrays.OF_TWO + engines_matrices.OF_TWO
WITHOUT_COUNTERPART = {"imag": "PyTorch's refuses what is not complex; here it is 0"}


class Program:
    """The nodes of a random program, in both engines."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        leaves = [real(SHAPES[i], rng) for i in rng.integers(len(SHAPES), size=rng.integers(2, 5))]
        self.ours = [Tensor(x, requires_grad=True) for x in leaves]
        self.theirs = [torch.tensor(x, requires_grad=True) for x in leaves]
        self.leaves, self.names, self.operations, self.used = len(leaves), [], set(), set()
        while len(self.names) < rng.integers(3, 13):
            self.grow(rng)
        ends = sorted({*range(len(self.ours))} - self.used)
        self.ends = [(i, rng.normal(size=self.ours[i].shape)) for i in ends]

    def grow(self, rng):
        """One more operation, if the one drawn can be applied to the nodes drawn."""
        count = 1 if rng.random() < 0.6 else 2
        positions = [int(i) for i in rng.integers(len(self.ours), size=count)]
        if rng.random() < 0.5:
            positions[0] = len(self.ours) - 1  # so that programs become deep too
        draw = (OF_ONE if count == 1 else OF_TWO)[rng.integers(len(OF_ONE if count == 1 else OF_TWO))]
        pair = draw(rng, *[self.ours[i].shape for i in positions])
        if pair is None:
            return
        z = pair.ours(*[self.ours[i] for i in positions])
        if not 0 < z.size <= LARGEST:
            return
        w = pair.theirs(*[self.theirs[i] for i in positions])
        self.names.append(pair.name)
        self.operations.add(pair.operation)
        self.used.update(positions)
        assert_close(f"{pair.name}{positions}: the value", z.data, w)
        if np.abs(z.data).max() > 3:
            z, w = tanh(z / 3), torch.tanh(w / 3)  # so that nothing grows without end
        self.ours.append(z)
        self.theirs.append(w)

    def gradients(self):
        """The gradients of the leaves, theirs beside ours, for the random upstream gradients of the ends."""
        for i, dz in self.ends:
            self.ours[i].backward(dz)
        torch.autograd.backward(
            [self.theirs[i] for i, _ in self.ends], [torch.tensor(dz) for _, dz in self.ends], retain_graph=True
        )
        return [(x.grad, y.grad) for x, y in zip(self.ours[: self.leaves], self.theirs, strict=False)]

    def second_order(self, rng):
        """The gradients of the leaves for a random weighing of their gradients."""
        for x, y in zip(self.ours, self.theirs, strict=True):
            x.grad = y.grad = None
        ours = sum((dz * self.ours[i]).sum() for i, dz in self.ends)
        theirs = sum((torch.tensor(dz) * self.theirs[i]).sum() for i, dz in self.ends)
        leaves = range(self.leaves)
        firsts = grad(ours, [self.ours[i] for i in leaves], create_graph=True)
        others = torch.autograd.grad(theirs, [self.theirs[i] for i in leaves], create_graph=True, materialize_grads=True)
        u = [constant(rng.normal(size=x.shape)) for x in firsts]
        slope = sum((dx * a).sum() for dx, (a, _) in zip(firsts, u, strict=True))
        torch_slope = sum((dx * b).sum() for dx, (_, b) in zip(others, u, strict=True))
        if slope.requires_grad:
            slope.backward()
        if torch_slope.requires_grad:
            torch_slope.backward()
        return [(x.grad, y.grad) for x, y in zip(self.ours[: self.leaves], self.theirs, strict=False)]


def assert_close(what, ours, theirs, rtol=RTOL):
    """Fail unless two arrays agree, measured by the largest element; None counts as zeros."""
    if ours is None and theirs is None:
        return
    if theirs is None or theirs._is_zerotensor():  # which has no memory that could be read
        theirs = np.zeros_like(ours) if theirs is None else np.zeros(theirs.shape)
    else:
        theirs = theirs.detach().numpy()
    ours = np.zeros_like(theirs) if ours is None else ours
    assert ours.shape == theirs.shape, f"{what}: {ours.shape} here, {theirs.shape} in PyTorch"
    error = np.abs(ours - theirs).max(initial=0) / (1 + np.abs(theirs).max(initial=0))
    assert error <= rtol, f"{what}: {ours} here, {theirs} in PyTorch"


@pytest.mark.parametrize("part", range(10))
def test_programs(part):
    """Random programs have PyTorch's values, gradients and second derivatives."""
    for seed in range(part, PROGRAMS, 10):
        try:
            program = None
            program = Program(seed)
            rtol = RTOL_OF_FLOAT32 if "astype" in program.operations else RTOL
            for i, (dx, expected) in enumerate(program.gradients()):
                assert_close(f"gradient of leaf {i}", dx, expected, rtol)
            for i, (dx, expected) in enumerate(program.second_order(np.random.default_rng(seed))):
                assert_close(f"second order, leaf {i}", dx, expected)
        except Exception as error:
            error.add_note(f"seed {seed}: {program and program.names}")
            raise


def test_every_operation_is_drawn():
    """Programs use every operation of the library, but for those of which it is said here why PyTorch has none."""
    drawn = set().union(*(Program(seed).operations for seed in range(3000)))
    assert {*OPERATIONS} - drawn == {*WITHOUT_COUNTERPART}
    assert {"at.set", "at.add", "at.multiply"} <= drawn
