"""A random graph whose derivatives tests write down."""

import numpy as np

from microgradnn import Tensor, concatenate, stack, where


def random_graph(rng):
    """Leaves, and a number computed from them by a few operations; some of what lies between has a name."""
    leaves = [
        Tensor(rng.normal(size=shape), requires_grad=True, name=name)
        for shape, name in (((2, 3), "A"), ((3,), "b"), ((), "c"), ((3, 2), None))
    ]
    nodes = [*leaves, Tensor(rng.normal(size=(2, 1)))]
    steps = [
        lambda x, y: x + y,
        lambda x, y: x * y,
        lambda x, y: x - y,
        lambda x, y: x @ y,
        lambda x, y: x / (y * y + 1),
        lambda x, y: (x * x + 0.5) ** y.tanh(),
        lambda x, y: concatenate([x, y]),
        lambda x, y: where(x > 0, x, y),
        lambda x, y: stack([x, x * 2.0]),
        lambda x, y: x.tanh(),
        lambda x, y: x.sigmoid(),
        lambda x, y: x.relu(),
        lambda x, y: x.softmax(),
        lambda x, y: x.logsumexp(),
        lambda x, y: x.mean(axis=0),
        lambda x, y: 2 - x * 0.3,
        lambda x, y: -(x**3),
        lambda x, y: x[0],
        lambda x, y: x.reshape(-1),
    ]
    for i in range(rng.integers(3, 9)):
        x, y = nodes[rng.choice([rng.integers(len(nodes)), -1])], nodes[rng.integers(len(nodes))]
        try:
            z = steps[rng.integers(len(steps))](x, y)
        except (ValueError, IndexError, TypeError):
            continue  # shapes that do not fit
        if z.size < 30 and np.abs(z.numpy()).max(initial=0) < 1e4:
            nodes.append(z.named(f"z{i}") if rng.random() < 0.4 else z)
    L = nodes[-1]
    return leaves, (L.mean() if L.ndim else L)
