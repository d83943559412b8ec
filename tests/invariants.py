"""What is true of every backward pass, asserted while it runs: `with Invariants(): L.backward()`."""

import numpy as np

from microgradnn.watching.observers import Observer


class Invariants(Observer):
    """Fails at the first event that should not have been; passes within passes are kept apart."""

    def __init__(self):
        self.passes = []  # for each that runs: the nodes whose gradient is complete, and the contributions by input

    def begin(self, output, grads):
        """The pass goes from the output to what is older, and has contributions of nobody yet."""
        self.passes.append((set(), {}))
        assert next(iter(grads)) is output
        assert [dz is None for dz in grads.values()] == [node is not output for node in grads]

    def arrive(self, node, dz):
        """A gradient is complete once, and is the sum of what was contributed to it."""
        complete, contributions = self.passes[-1]
        assert node not in complete
        complete.add(node)
        if node in contributions:
            np.testing.assert_allclose(dz, sum(contributions[node]))
        assert np.shape(dz) == node.shape
        return dz

    def contribute(self, contribution):
        """Only what is complete gives, and only to what is not; what it gives looks like the input."""
        complete, contributions = self.passes[-1]
        x, dx = contribution.input, contribution.dx
        assert contribution.node in complete
        assert x not in complete
        assert (dx.shape, dx.dtype) == (x.shape, x.dtype)
        contributions.setdefault(x, []).append(dx.copy())

    def end(self, output, grads, error):
        """After a pass that nothing stopped, every gradient is there."""
        complete, _ = self.passes.pop()
        if error is None:
            assert complete == set(grads)
            assert all(dz is not None for dz in grads.values())
