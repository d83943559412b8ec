"""Stages: what belongs together in one pass, and what a node is called."""

import numpy as np

from microgradnn import Tensor, nn, tanh
from microgradnn.diagnosing.stages import label_of_node, length_of, some_of, stages_of, unshaped
from microgradnn.graph import reachable


def oldest_first(output):
    return list(reachable(output))[::-1]


def test_layers_are_stages_of_their_own_and_steps_in_time_are_one():
    """A deep network has a stage a layer; a recurrent one a stage that is there many times."""
    net = nn.MLP([2, 3, 3, 1], rng=np.random.default_rng(0))
    deep = stages_of(oldest_first(net(np.ones((1, 2)))))
    assert [(stage.op, len(stage.nodes)) for stage in deep] == [("affine", 1), ("tanh", 1)] * 2 + [("affine", 1)]
    W, h = Tensor(np.eye(2), requires_grad=True), Tensor(np.ones((1, 2)))
    for _ in range(5):
        h = tanh(h @ W + 1)
    assert [(stage.op, len(stage.nodes), stage.parameters) for stage in stages_of(oldest_first(h))] == [
        ("matmul", 5, (W,)),
        ("tanh", 5, (W,)),
    ]


def test_a_weight_in_other_axes_is_the_weight():
    """W.T and a reshaped kernel weigh as W does."""
    W = Tensor(np.ones((3, 2)), requires_grad=True)
    assert unshaped(W.T.reshape(2, 3)) is W
    (stage,) = stages_of(oldest_first(np.ones((1, 2)) @ W.T))
    assert stage.parameters == (W,)


def test_labels_and_sizes():
    """A name, else the formula; of a large array evenly spread numbers; norms do not overflow."""
    W = Tensor(np.ones((3, 2)), requires_grad=True, name="W")
    x = Tensor(np.ones((1, 3)), name="x")
    assert label_of_node(W) == "W" and label_of_node(tanh(x @ W)) == "tanh(x W)"
    assert len(some_of(np.zeros(1_000_001))) <= 10_000
    assert np.isclose(length_of(np.full(4, 1e30, np.float32)), 2e30)
