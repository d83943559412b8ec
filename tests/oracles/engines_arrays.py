"""More operations, and how PyTorch says the same: shapes, pieces, conditions, joins, assignment, signals.

Where PyTorch has no function of that name, another formula stands here. See engines.py.
"""

from itertools import pairwise

import numpy as np
import torch
from engines import Pair, apart, basic_part, constant, drawn, fits, one_axis, positive
from torch.nn import functional as F

import microgradnn as mg

# Shapes, pieces, conditions


def reshaping(rng, shape):
    ndim, size = len(shape), int(np.prod(shape))
    longer = tuple(int(n) for n in rng.integers(1, 5, 2))
    around = torch.arange(longer[0] * longer[1]) % size
    k, turns = (int(n) for n in rng.integers(-1, 4, 2))
    table = {
        "copy": (mg.copy, torch.clone),
        "astype": (
            lambda x: mg.astype(mg.astype(x, "float32"), "float64"),
            lambda x: x.to(torch.float32).to(torch.float64),
        ),
        "atleast_1d": (mg.atleast_1d, torch.atleast_1d),
        "atleast_2d": (mg.atleast_2d, torch.atleast_2d),
        "atleast_3d": (mg.atleast_3d, torch.atleast_3d),
        "flatten": (mg.flatten, torch.flatten),
        "flatten F": (lambda x: mg.flatten(x, "F"), lambda x: x.permute(tuple(reversed(range(ndim)))).flatten()),
        "resize": (lambda x: mg.resize(x, longer), lambda x: x.reshape(-1)[around].reshape(longer)),
        "diagflat": (lambda x: mg.diagflat(x, k), lambda x: torch.diagflat(x, k)),
    }
    if ndim in (1, 2):
        k = int(np.clip(k, 1 - shape[0], shape[-1] - 1)) if ndim == 2 else k
        table["diag"] = (lambda x: mg.diag(x, k), lambda x: torch.diag(x, k))
    if ndim >= 1:
        axis, start = int(rng.integers(ndim)), int(rng.integers(ndim + 1))
        table["rollaxis"] = (
            lambda x: mg.rollaxis(x, axis, start),
            lambda x: x.movedim(axis, start - 1 if axis < start else start),
        )
        table["flipud"] = (mg.flipud, torch.flipud)
    if ndim >= 2:
        table |= {
            "matrix_transpose": (mg.matrix_transpose, lambda x: x.mT),
            "fliplr": (mg.fliplr, torch.fliplr),
            "rot90": (lambda x: mg.rot90(x, turns, (0, -1)), lambda x: torch.rot90(x, turns, (0, -1))),
        }
    return drawn(rng, table)


PADDINGS = {"edge": "replicate", "reflect": "reflect", "wrap": "circular"}


def padding(rng, shape):
    """Along the last axis, by elements of x itself."""
    if len(shape) not in (1, 2, 3):
        return None
    before, after = (int(n) for n in rng.integers(0, shape[-1], 2))
    mode = str(rng.choice([*PADDINGS]))
    widths = [(0, 0)] * (len(shape) - 1) + [(before, after)]
    as_batch = (1, int(np.prod(shape[:-1])), shape[-1])
    return Pair(
        f"pad {mode}",
        lambda x: mg.pad(x, widths, mode=mode),
        lambda x: F.pad(x.reshape(as_batch), (before, after), PADDINGS[mode]).reshape(*shape[:-1], -1),
    )


def pieces(rng, shape):
    if not shape:
        return None
    axis = one_axis(rng, shape)
    n = int(rng.integers(1, shape[axis] + 1))
    cut = [int(rng.integers(1, shape[axis] + 1))]
    one = int(rng.integers(shape[axis]))
    part = int(rng.integers(n))
    side = shape[1 if len(shape) > 1 else 0]
    kept = [i for i in range(shape[axis]) if i != one] or [one]
    k = int(rng.integers(shape[axis]))
    ramp, torch_ramp = apart(shape)

    def order(x):
        return torch.sort(x / 9 + torch_ramp, axis).values

    table = {
        "array_split": (lambda x: mg.array_split(x, n, axis)[part], lambda x: x.tensor_split(n, axis)[part]),
        "split": (lambda x: mg.split(x, cut, axis)[0], lambda x: x.tensor_split(cut, axis)[0]),
        "unstack": (lambda x: mg.unstack(x, axis=axis)[one], lambda x: x.unbind(axis)[one]),
        "hsplit": (lambda x: mg.hsplit(x, side)[-1], lambda x: torch.hsplit(x, side)[-1]),
        "partition": (
            # In front of the k-th, and behind it, the order is none's business.
            lambda x: mg.take(mg.partition(x / 9 + ramp, k, axis), np.arange(k + 1), axis).sum(axis),
            lambda x: order(x).narrow(axis, 0, k + 1).sum(axis),
        ),
        "delete": (
            lambda x: mg.delete(x, [i for i in range(shape[axis]) if i not in kept], axis),
            lambda x: x.index_select(axis, torch.tensor(kept)),
        ),
    }
    if len(shape) >= 2:
        table["vsplit"] = (lambda x: mg.vsplit(x, shape[0])[0], lambda x: torch.vsplit(x, shape[0])[0])
    if len(shape) >= 3:
        table["dsplit"] = (lambda x: mg.dsplit(x, shape[2])[-1], lambda x: torch.dsplit(x, shape[2])[-1])
    return drawn(rng, table)


def conditions(rng, shape):
    if not shape:
        return None
    axis = one_axis(rng, shape)
    line, torch_line = constant(rng.random(shape[axis]) < 0.6)
    line[0] = torch_line[0] = True
    mask, torch_mask = constant(rng.random(shape) < 0.6)
    mask.flat[0] = torch_mask.view(-1)[0] = True
    other, torch_other = constant(rng.random(shape) < 0.5)
    numbers, torch_numbers = constant(rng.integers(0, 3, shape))

    def trimmed(x):
        x = torch.where(torch_mask, x + 0.0123, 0.0).reshape(-1)
        kept = x.nonzero()
        return x[kept.min() : kept.max() + 1]

    return drawn(
        rng,
        {
            "compress": (lambda x: mg.compress(line, x, axis), lambda x: x.index_select(axis, torch_line.nonzero()[:, 0])),
            "extract": (lambda x: mg.extract(mask, x), lambda x: x.masked_select(torch_mask)),
            "trim_zeros": (lambda x: mg.trim_zeros(mg.where(mask, x + 0.0123, 0).ravel()), trimmed),
            "select": (
                lambda x: mg.select([mask, other], [x, 2 * x], mg.sin(x)),
                lambda x: torch.where(torch_mask, x, torch.where(torch_other, 2 * x, torch.sin(x))),
            ),
            "choose": (
                lambda x: mg.choose(numbers, [x, 3 * x, mg.cos(x)]),
                lambda x: torch.stack([x, 3 * x, torch.cos(x)]).gather(0, torch_numbers[None])[0],
            ),
        },
    )


# Along an axis


def turn(x):
    """Angles that jump: of 7 x, on both sides of half a turn."""
    return 7 * x


def along(rng, shape):
    if not shape:
        return None
    axis, n = one_axis(rng, shape), int(rng.integers(1, 3))
    first = bool(rng.integers(2))
    at, torch_at = constant(np.cumsum(rng.random(shape[axis]) + 0.3))
    points, torch_points = constant(np.cumsum(rng.random(4) + 0.3) - 1.5)
    heights, torch_heights = constant(rng.normal(size=4))
    edge_order = 2 if shape[axis] > 2 and rng.random() < 0.5 else 1

    def unwrapped(x):
        turns = torch.round(torch.diff(turn(x), dim=axis) / (2 * torch.pi))
        none = torch.zeros_like(x.narrow(axis, 0, 1))
        return turn(x) - 2 * torch.pi * torch.cat([none, turns.cumsum(axis)], axis)

    def begun_with(number, x):
        return torch.cat([torch.full_like(x.narrow(axis, 0, 1), number), x], axis)

    def lines(x, torch_heights=torch_heights, torch_points=torch_points):
        """A sum of ramps, one from each point to the next."""
        ramps = [((x - a) / (b - a)).clamp(0, 1) for a, b in pairwise(torch_points)]
        return torch_heights[0] + sum(r * h for r, h in zip(ramps, torch.diff(torch_heights), strict=True))

    table = {
        "cumulative_sum": (
            lambda x: mg.cumulative_sum(x, axis=axis, include_initial=first),
            lambda x: begun_with(0.0, x.cumsum(axis)) if first else x.cumsum(axis),
        ),
        "cumulative_prod": (
            lambda x: mg.cumulative_prod(x, axis=axis, include_initial=first),
            lambda x: begun_with(1.0, x.cumprod(axis)) if first else x.cumprod(axis),
        ),
        "diff": (
            lambda x: mg.diff(x, n, axis, prepend=2 * x if first else None, append=x),
            lambda x: torch.diff(x, n, axis, prepend=2 * x if first else None, append=x),
        ),
        "ediff1d": (
            lambda x: mg.ediff1d(x, to_end=x.sum(), to_begin=[1.0, 2.0]),
            lambda x: torch.cat([torch.tensor([1.0, 2.0], dtype=x.dtype), x.reshape(-1).diff(), x.sum()[None]]),
        ),
        "trapezoid": (lambda x: mg.trapezoid(x, dx=0.3, axis=axis), lambda x: torch.trapezoid(x, dx=0.3, dim=axis)),
        "trapezoid at x": (
            lambda x: mg.trapezoid(mg.sin(x), x, axis=axis),
            lambda x: torch.trapezoid(torch.sin(x), x, dim=axis),
        ),
        "unwrap": (lambda x: mg.unwrap(turn(x), axis=axis), unwrapped),
        "interp": (lambda x: mg.interp(x + 0.0123, points, heights), lambda x: lines(x + 0.0123)),
        "interp between what x says": (
            lambda x: mg.interp(
                mg.sin(x).ravel(), mg.stack([-2.0, 0.1 * mg.tanh(x.mean()), 2]), mg.stack([x.sum(), 1.0, 2 * x.mean()])
            ),
            lambda x: lines(
                torch.sin(x).reshape(-1),
                torch.stack([x.sum(), torch.ones_like(x.sum()), 2 * x.mean()]),
                torch.stack([torch.full_like(x.sum(), -2), 0.1 * torch.tanh(x.mean()), torch.full_like(x.sum(), 2)]),
            ),
        ),
    }
    if shape[axis] > edge_order:
        table["gradient"] = (
            lambda x: mg.gradient(x, 0.5, axis=axis, edge_order=edge_order),
            lambda x: torch.gradient(x, spacing=0.5, dim=axis, edge_order=edge_order)[0],
        )
        table["gradient at places"] = (
            lambda x: mg.gradient(x, at, axis=axis, edge_order=edge_order),
            lambda x: torch.gradient(x, spacing=(torch_at,), dim=axis, edge_order=edge_order)[0],
        )
    return drawn(rng, table)


# Of two


def jumps(rng, shape_x, shape_y):
    """What is not differentiable in PyTorch by itself, or gives two."""
    if not fits(np.add, shape_x, shape_y):
        return None
    zeros, torch_zeros = constant(rng.random(shape_x) < 0.3)

    def in_two(x, y):
        return torch.div(x + 0.0123, positive(y), rounding_mode="floor") + 2 * torch.remainder(x + 0.0123, positive(y))

    return drawn(
        rng,
        {
            "heaviside": (
                lambda x, y: mg.heaviside(mg.where(zeros, 0, x + 0.0123), y),
                lambda x, y: torch.where(torch_zeros, y, (x + 0.0123 > 0).to(y)),
            ),
            "divmod": (lambda x, y: sum(map(np.multiply, (1, 2), mg.divmod(x + 0.0123, positive(y)))), in_two),
            "modf": (
                lambda x, y: sum(map(np.multiply, (1, y), mg.modf(x + 0.0123))),
                lambda x, y: torch.frac(x + 0.0123) + y * torch.trunc(x + 0.0123),
            ),
            "broadcast_arrays": (
                lambda x, y: mg.stack(mg.broadcast_arrays(x, y)),
                lambda x, y: torch.stack(torch.broadcast_tensors(x, y)),
            ),
            "squared_distance": (mg.squared_distance, lambda x, y: (x - y).square().sum()),
        },
    )


def grid(rng, shape_x, shape_y):
    indexing = str(rng.choice(["xy", "ij"]))
    return Pair(
        f"meshgrid {indexing}",
        lambda x, y: mg.stack(mg.meshgrid(x.ravel(), y.ravel(), indexing=indexing)),
        lambda x, y: torch.stack(torch.meshgrid(x.reshape(-1), y.reshape(-1), indexing=indexing)),
    )


def joins(rng, shape_x, shape_y):
    size = int(np.prod(shape_x))
    place = int(rng.integers(size + 1))
    table = {
        "append": (mg.append, lambda x, y: torch.cat([x.reshape(-1), y.reshape(-1)])),
        "insert": (
            lambda x, y: mg.insert(x, place, y.ravel()),
            lambda x, y: torch.cat([x.reshape(-1)[:place], y.reshape(-1), x.reshape(-1)[place:]]),
        ),
    }
    for name in ("vstack", "hstack", "dstack", "column_stack"):
        if fits(lambda x, y, name=name: getattr(np, name)([x, y]), shape_x, shape_y):
            table[name] = (
                lambda x, y, name=name: getattr(mg, name)([x, y, x]),
                lambda x, y, name=name: getattr(torch, name)([x, y, x]),
            )
    if shape_x == shape_y and shape_x:
        axis = one_axis(rng, shape_x)
        at = int(rng.integers(shape_x[axis] + 1))
        table |= {
            "append along": (lambda x, y: mg.append(x, y, axis), lambda x, y: torch.cat([x, y], axis)),
            "insert along": (
                lambda x, y: mg.insert(x, [at] * y.shape[axis], y, axis),
                lambda x, y: torch.cat([*x.tensor_split([at], axis)[:1], y, *x.tensor_split([at], axis)[1:]], axis),
            ),
        }
    if shape_x == shape_y and len(shape_x) >= 2:
        table["block"] = (
            lambda x, y: mg.block([[x, y], [y, 2 * x]]),
            lambda x, y: torch.cat([torch.cat([x, y], -1), torch.cat([y, 2 * x], -1)], -2),
        )
    return drawn(rng, table)


def assignment(rng, shape_x, shape_y):
    """x.at[index]: by parts, by a mask, or by arrays, which name an element twice only where something is added."""
    if not shape_x:
        return None
    method = str(rng.choice(["set", "add", "multiply"]))
    kind = rng.choice(["basic", "mask", "arrays"])
    if kind == "basic":
        index = torch_index = tuple(basic_part(rng, length) for length in shape_x)
    elif kind == "mask":
        index, torch_index = constant(rng.random(shape_x) < 0.5)
    else:
        named = rng.integers(0, shape_x[0], 3) if method == "add" else rng.permutation(shape_x[0])[:2]
        index, torch_index = constant(named)
    picked = np.zeros(shape_x)[index].shape
    order, torch_order = constant(rng.integers(0, int(np.prod(shape_y)), picked))

    def theirs(x, y):
        values = y.reshape(-1)[torch_order]
        z = x.clone()
        if kind == "arrays" and method == "add":
            return z.index_put((torch_index,), values, accumulate=True)
        z[torch_index] = {"set": values, "add": x[torch_index] + values, "multiply": x[torch_index] * values}[method]
        return z

    return Pair(f"at.{method} {kind}", lambda x, y: getattr(x.at[index], method)(y.ravel()[order]), theirs)


def signals(rng, shape_x, shape_y):
    n, m = int(np.prod(shape_x)), int(np.prod(shape_y))
    mode = str(rng.choice(["full", "same", "valid"]))
    lesser = min(n, m)
    cut = {"full": slice(None), "same": slice((lesser - 1) // 2, (lesser - 1) // 2 + max(n, m))}
    cut["valid"] = slice(lesser - 1, max(n, m))

    def slid(x, y):
        return F.conv1d(x.reshape(1, 1, -1), y.reshape(1, 1, -1).flip(-1), padding=m - 1)[0, 0]

    def correlated(x, y):
        """By a plain sum for each shift."""
        x, y = x.reshape(-1), y.reshape(-1)
        sums = [sum(x[i + k] * y[i] for i in range(m) if 0 <= i + k < n) for k in range(1 - m, n)]
        z = torch.stack(sums)
        return z.flip(0)[cut[mode]].flip(0) if m > n else z[cut[mode]]

    table = {
        "convolve": (lambda x, y: mg.convolve(x.ravel(), y.ravel(), mode), lambda x, y: slid(x, y)[cut[mode]]),
    }
    if n * m <= 36:
        table["correlate"] = (lambda x, y: mg.correlate(x.ravel(), y.ravel(), mode), correlated)
    return drawn(rng, table)


OF_ONE = [reshaping, padding, pieces, conditions, along]
OF_TWO = [jumps, grid, joins, assignment, signals]
