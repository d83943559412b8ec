"""Operations of microgradnn, and how PyTorch says the same. More of them stand in the other engines_*.py.

A `Pair` is a drawing of one operation for operands of some shapes: two functions that should agree. Its name begins with that
of the operation. Most of the table is a line an operation. Operands are brought to where a function is smooth by arithmetic
that both engines have.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

import microgradnn as mg


class Pair(NamedTuple):
    """One operation, drawn."""

    name: str
    ours: callable
    theirs: callable

    @property
    def operation(self):
        """The operation's name: the first word."""
        return self.name.split("(")[0].split()[0]


def constant(array):
    """An array as both engines take it: ours, theirs."""
    array = np.asarray(array)
    return array, torch.tensor(array)


# Drawing


def drawn(rng, table):
    """One entry of a table of pairs."""
    name = str(rng.choice([*table]))
    return Pair(name, *table[name])


def one_axis(rng, shape):
    return int(rng.integers(-len(shape), len(shape)))


def fits(function, *shapes):
    """Whether NumPy's function can be applied to arrays of these shapes."""
    try:
        function(*map(np.zeros, shapes))
    except (ValueError, IndexError):
        return False
    return True


# Where functions are smooth


def anywhere(x):
    return x


def positive(x):
    return x * x + 0.5


def fraction(x):
    return x / (1 + x * x)


def above_one(x):
    return x * x + 1.5


def off_whole(x):
    """Beside the whole numbers and what ties with another operand, if x is one of them."""
    return x + 0.0123


UNARY = {
    "exp": (mg.exp, torch.exp, anywhere),
    "exp2": (mg.exp2, torch.exp2, anywhere),
    "expm1": (mg.expm1, torch.expm1, anywhere),
    "log": (mg.log, torch.log, positive),
    "log2": (mg.log2, torch.log2, positive),
    "log10": (mg.log10, torch.log10, positive),
    "log1p": (mg.log1p, torch.log1p, positive),
    "sqrt": (mg.sqrt, torch.sqrt, positive),
    "cbrt": (mg.cbrt, lambda x: x ** (1 / 3), positive),
    "square": (mg.square, torch.square, anywhere),
    "reciprocal": (mg.reciprocal, torch.reciprocal, positive),
    "negative": (mg.negative, torch.negative, anywhere),
    "abs": (mg.abs, torch.abs, anywhere),
    "sign": (mg.sign, torch.sign, off_whole),
    "floor": (mg.floor, torch.floor, off_whole),
    "ceil": (mg.ceil, torch.ceil, off_whole),
    "erf": (mg.erf, torch.erf, anywhere),
    "sin": (mg.sin, torch.sin, anywhere),
    "cos": (mg.cos, torch.cos, anywhere),
    "tan": (mg.tan, torch.tan, fraction),
    "arcsin": (mg.arcsin, torch.arcsin, fraction),
    "arccos": (mg.arccos, torch.arccos, fraction),
    "arctan": (mg.arctan, torch.arctan, anywhere),
    "sinh": (mg.sinh, torch.sinh, anywhere),
    "cosh": (mg.cosh, torch.cosh, anywhere),
    "tanh": (mg.tanh, torch.tanh, anywhere),
    "arcsinh": (mg.arcsinh, torch.arcsinh, anywhere),
    "arccosh": (mg.arccosh, torch.arccosh, above_one),
    "arctanh": (mg.arctanh, torch.arctanh, fraction),
    "sinc": (mg.sinc, torch.sinc, positive),
    "sigmoid": (mg.sigmoid, torch.sigmoid, anywhere),
    "relu": (mg.relu, torch.relu, anywhere),
    "leaky_relu": (mg.leaky_relu, F.leaky_relu, anywhere),
    "elu": (mg.elu, F.elu, anywhere),
    "softplus": (mg.softplus, F.softplus, anywhere),
    "silu": (mg.silu, F.silu, anywhere),
    "gelu": (mg.gelu, F.gelu, anywhere),
    "gelu tanh": (lambda x: mg.gelu(x, approximate="tanh"), lambda x: F.gelu(x, approximate="tanh"), anywhere),
    "positive": (mg.positive, torch.positive, anywhere),
    "trunc": (mg.trunc, torch.trunc, off_whole),
    "round": (mg.round, torch.round, off_whole),
    "round 1": (lambda x: mg.round(x, 1), lambda x: torch.round(x, decimals=1), off_whole),
    "deg2rad": (mg.deg2rad, torch.deg2rad, anywhere),
    "rad2deg": (mg.rad2deg, torch.rad2deg, anywhere),
    "real": (mg.real, torch.real, anywhere),
    "conjugate": (mg.conjugate, torch.conj, anywhere),
    "angle": (mg.angle, torch.angle, off_whole),
    "clip": (lambda x: mg.clip(x, -0.5, 0.7), lambda x: torch.clip(x, -0.5, 0.7), anywhere),
}


def torch_copysign(x, y):
    """PyTorch's has no second derivative at 0, nor a first one at ∞, where it divides z by x."""
    return x.abs() * torch.copysign(torch.ones_like(y), y)


BINARY = {
    "add": (mg.add, torch.add, anywhere, anywhere),
    "subtract": (mg.subtract, torch.subtract, anywhere, anywhere),
    "multiply": (mg.multiply, torch.multiply, anywhere, anywhere),
    "divide": (mg.divide, torch.divide, anywhere, positive),
    "power": (mg.power, torch.pow, positive, anywhere),
    "maximum": (mg.maximum, torch.maximum, anywhere, anywhere),
    "minimum": (mg.minimum, torch.minimum, anywhere, anywhere),
    "logaddexp": (mg.logaddexp, torch.logaddexp, anywhere, anywhere),
    "arctan2": (mg.arctan2, torch.arctan2, anywhere, positive),
    "hypot": (mg.hypot, torch.hypot, anywhere, positive),
    "float_power": (mg.float_power, torch.float_power, positive, anywhere),
    "logaddexp2": (mg.logaddexp2, torch.logaddexp2, anywhere, anywhere),
    "fmax": (mg.fmax, torch.fmax, off_whole, anywhere),
    "fmin": (mg.fmin, torch.fmin, off_whole, anywhere),
    "floor_divide": (mg.floor_divide, lambda x, y: torch.div(x, y, rounding_mode="floor"), off_whole, positive),
    "remainder": (mg.remainder, torch.remainder, off_whole, positive),
    "fmod": (mg.fmod, torch.fmod, off_whole, positive),
    "copysign": (mg.copysign, torch_copysign, off_whole, off_whole),
}

WITH_NUMBERS = {
    "x + 3": lambda x: x + 3,
    "3 - x": lambda x: 3 - x,
    "x - 3": lambda x: x - 3,
    "2 * x": lambda x: 2 * x,
    "x / 4": lambda x: x / 4,
    "1 / (x² + ½)": lambda x: 1 / (x * x + 0.5),
    "x ** 2": lambda x: x**2,
    "x ** 3": lambda x: x**3,
    "x ** 0": lambda x: x**0,
    "2 ** x": lambda x: 2**x,
    "-x": lambda x: -x,
}


def on_domain(function, *domains):
    """A function of operands that are first brought to its domain."""
    return lambda *xs: function(*[domain(x) for domain, x in zip(domains, xs, strict=True)])


def unary(rng, shape):
    name = str(rng.choice([*UNARY]))
    ours, theirs, domain = UNARY[name]
    return Pair(name, on_domain(ours, domain), on_domain(theirs, domain))


def with_number(rng, shape):
    name = str(rng.choice([*WITH_NUMBERS]))
    return Pair(name, WITH_NUMBERS[name], WITH_NUMBERS[name])


def binary(rng, shape_x, shape_y):
    """Two operands that broadcast."""
    try:
        np.broadcast_shapes(shape_x, shape_y)
    except ValueError:
        return None
    name = str(rng.choice([*BINARY]))
    ours, theirs, *domains = BINARY[name]
    return Pair(name, on_domain(ours, *domains), on_domain(theirs, *domains))


def where(rng, shape_x, shape_y):
    try:
        shape = np.broadcast_shapes(shape_x, shape_y)
    except ValueError:
        return None
    mask, torch_mask = constant(rng.random(shape) < 0.5)
    return Pair("where", lambda x, y: mg.where(mask, x, y), lambda x, y: torch.where(torch_mask, x, y))


# Reductions


def some_axes(rng, ndim):
    """None, one axis or several, from either end; and the same for PyTorch."""
    if ndim == 0 or rng.random() < 0.3:
        return None, tuple(range(ndim))
    count = rng.integers(1, ndim + 1)
    axes = tuple(int(axis) - ndim * int(rng.integers(2)) for axis in rng.permutation(ndim)[:count])
    return (axes[0], axes) if count == 1 else (axes, axes)


def apart(shape):
    """Numbers to add so that nothing is constant, and nothing ties."""
    return constant(np.sin(np.arange(np.prod(shape, dtype=int)) * 2.3 + 1).reshape(shape))


def reduction(rng, shape):
    axis, dim = some_axes(rng, len(shape))
    keep = bool(rng.integers(2))
    several = np.prod([shape[i] for i in dim]) > 1
    ramp, torch_ramp = apart(shape)
    ddof = float(rng.choice([0, 0.5, 1])) if several else 0.0
    table = {
        "sum": (lambda x: mg.ops.sum(x, axis, keepdims=keep), lambda x: x.sum(dim, keep)),
        "mean": (lambda x: mg.mean(x, axis, keepdims=keep), lambda x: x.mean(dim, keep)),
        "max": (lambda x: mg.ops.max(x, axis, keepdims=keep), lambda x: x.amax(dim, keep)),
        "min": (lambda x: mg.ops.min(x, axis, keepdims=keep), lambda x: x.amin(dim, keep)),
        "logsumexp": (lambda x: mg.logsumexp(x, axis, keep), lambda x: x.logsumexp(dim, keep)),
        "norm": (
            lambda x: (
                mg.norm(positive(x).reshape(shape), None, axis, keep) if len(dim) < 3 else mg.ops.sum(x, axis, keepdims=keep)
            ),
            lambda x: torch.linalg.vector_norm(positive(x), 2, dim, keep) if len(dim) < 3 else x.sum(dim, keep),
        ),
        "var": (
            lambda x: mg.var(x, axis, ddof=ddof, keepdims=keep),
            lambda x: torch.var(x, dim, correction=ddof, keepdim=keep),
        ),
    }
    if several:
        table["std"] = (
            lambda x: mg.std(x / 9 + ramp, axis, ddof=ddof, keepdims=keep),
            lambda x: torch.std(x / 9 + torch_ramp, dim, correction=ddof, keepdim=keep),
        )
    name = str(rng.choice([*table]))
    return Pair(f"{name}(axis={axis}, keepdims={keep})", *table[name])


def along_one_axis(rng, shape):
    if not shape:
        return None
    axis = int(rng.integers(-len(shape), len(shape)))
    length = shape[axis]
    ramp, torch_ramp = apart(shape)
    order, torch_order = constant(rng.integers(0, length, shape))
    repeats = int(rng.integers(1, 3))
    shift = int(rng.integers(-length, length + 1))
    exclude = bool(rng.integers(2))
    table = {
        "softmax": (lambda x: mg.softmax(x, axis), lambda x: x.softmax(axis)),
        "log_softmax": (lambda x: mg.log_softmax(x, axis), lambda x: x.log_softmax(axis)),
        "cumsum": (lambda x: mg.cumsum(x, axis), lambda x: x.cumsum(axis)),
        "cumprod": (lambda x: mg.cumprod(x, axis), lambda x: x.cumprod(axis)),
        "prod": (lambda x: mg.prod(x, axis, keepdims=exclude), lambda x: x.prod(axis, exclude)),
        "sort": (lambda x: mg.sort(x, axis), lambda x: x.sort(stable=True, dim=axis).values),
        "flip": (lambda x: mg.flip(x, axis), lambda x: x.flip(axis)),
        "roll": (lambda x: mg.roll(x, shift, axis), lambda x: x.roll(shift, axis)),
        "repeat": (lambda x: mg.repeat(x, repeats, axis), lambda x: x.repeat_interleave(repeats, axis)),
        "take": (
            lambda x: mg.take(x, order.ravel()[:4], axis),
            lambda x: x.index_select(axis, torch_order.ravel()[:4]),
        ),
        "take_along_axis": (
            lambda x: mg.take_along_axis(x, order, axis),
            lambda x: torch.take_along_dim(x, torch_order, axis),
        ),
        "max at its place": (
            lambda x: mg.ops.max(x / 9 + ramp, axis, keepdims=True) * x,
            lambda x: (x / 9 + torch_ramp).max(axis, True).values * x,
        ),
        "norm 1": (lambda x: mg.norm(x, 1, axis), lambda x: torch.linalg.vector_norm(x, 1, axis)),
        "norm 3": (
            lambda x: mg.norm(positive(x), 3, axis),
            lambda x: torch.linalg.vector_norm(positive(x), 3, axis),
        ),
    }
    name = str(rng.choice([*table]))
    return Pair(f"{name}(axis={axis})", *table[name])


# Shapes


def shaping(rng, shape):
    ndim, size = len(shape), int(np.prod(shape))
    order = tuple(int(axis) for axis in rng.permutation(ndim))
    divisor = int(rng.choice([n for n in range(1, size + 1) if size % n == 0]))
    place = int(rng.integers(-ndim - 1, ndim + 1))
    wider = (2, *[3 if length == 1 else length for length in shape])
    reps = tuple(int(n) for n in rng.integers(1, 3, ndim))
    widths = [tuple(int(n) for n in rng.integers(0, 3, 2)) for _ in shape]
    table = {
        "reshape": (lambda x: mg.reshape(x, divisor, -1), lambda x: x.reshape(divisor, -1)),
        "ravel": (mg.ravel, torch.ravel),
        "transpose": (lambda x: mg.transpose(x, order), lambda x: x.permute(order)),
        "expand_dims": (lambda x: mg.expand_dims(x, place), lambda x: x.unsqueeze(place)),
        "squeeze": (mg.squeeze, torch.squeeze),
        "broadcast_to": (lambda x: mg.broadcast_to(x, wider), lambda x: x.expand(wider)),
        "tile": (lambda x: mg.tile(x, reps), lambda x: torch.tile(x, reps)),
        "pad": (
            lambda x: mg.pad(x, widths, constant_values=0.3) if ndim else x * 1,
            lambda x: F.pad(x, [n for pair in widths[::-1] for n in pair], value=0.3) if ndim else x * 1,
        ),
    }
    if ndim >= 2:
        one, other = (int(axis) for axis in rng.permutation(ndim)[:2])
        offset = int(rng.integers(-1, 2))
        table |= {
            "swapaxes": (lambda x: mg.swapaxes(x, one, other), lambda x: x.swapaxes(one, other)),
            "moveaxis": (lambda x: mg.moveaxis(x, one, other), lambda x: x.moveaxis(one, other)),
            "transpose T": (lambda x: x.T, lambda x: x.permute(*reversed(range(ndim)))),
            "tril": (lambda x: mg.tril(x, offset), lambda x: x.tril(offset)),
            "triu": (lambda x: mg.triu(x, offset), lambda x: x.triu(offset)),
            "diagonal": (lambda x: mg.diagonal(x, 0, one, other), lambda x: x.diagonal(0, one, other)),
            "split": (lambda x: mg.split(x, [1], one)[0], lambda x: x.tensor_split([1], one)[0]),
        }
    if ndim == 2:
        table["trace"] = (mg.trace, torch.trace)
    return drawn(rng, table)


def indexing(rng, shape):
    """Numbers, slices, new axes and ...; or arrays along axes, which may repeat; or a mask."""
    if not shape:
        return None
    kind = rng.choice(["basic", "one array", "arrays", "mask"])
    if kind == "mask":
        mask, torch_mask = constant(rng.random(shape[: rng.integers(1, len(shape) + 1)]) < 0.7)
        mask.flat[0] = True
        torch_mask.view(-1)[0] = True
        return Pair("getitem mask", lambda x: x[mask], lambda x: x[torch_mask])
    if kind == "basic":
        index = [basic_part(rng, length) for length in shape]
        index.insert(int(rng.integers(len(index) + 1)), None if rng.random() < 0.4 else ...)
        return Pair(f"getitem [{tuple(index)}]", lambda x: x[tuple(index)], lambda x: x[tuple(index)])
    picked = tuple(int(n) for n in rng.integers(1, 4, rng.integers(1, 3)))
    chosen = {int(rng.integers(len(shape)))} if kind == "one array" else set(range(len(shape)))
    ours, theirs = [], []
    for axis, length in enumerate(shape):
        array, tensor = constant(rng.integers(-length, length, picked))
        ours.append(array if axis in chosen else slice(None))
        theirs.append(tensor if axis in chosen else slice(None))
    return Pair(f"getitem {kind} of shape {picked}", lambda x: x[tuple(ours)], lambda x: x[tuple(theirs)])


def basic_part(rng, length):
    """One part of a basic index; PyTorch has no negative steps."""
    if rng.random() < 0.3:
        return int(rng.integers(-length, length))
    start = int(rng.integers(0, length))
    return slice(start, int(rng.integers(start + 1, length + 1)), int(rng.integers(1, 3)))


def joining(rng, shape_x, shape_y):
    if shape_x == shape_y and rng.random() < 0.5:
        axis = int(rng.integers(-len(shape_x) - 1, len(shape_x) + 1))
        return Pair("stack", lambda x, y: mg.stack([x, y, x], axis), lambda x, y: torch.stack([x, y, x], axis))
    if len(shape_x) == len(shape_y) > 0:
        axis = int(rng.integers(-len(shape_x), len(shape_x)))
        if np.delete(shape_x, axis).tolist() == np.delete(shape_y, axis).tolist():
            return Pair("concatenate", lambda x, y: mg.concatenate([x, y], axis), lambda x, y: torch.cat([x, y], axis))
    return Pair(
        "concatenate(axis=None)",
        lambda x, y: mg.concatenate([x, y, x], None),
        lambda x, y: torch.cat([x.reshape(-1), y.reshape(-1), x.reshape(-1)]),
    )


# Products


def products(rng, shape_x, shape_y):
    table = {"outer": (mg.outer, lambda x, y: torch.outer(x.reshape(-1), y.reshape(-1)))}
    try:
        fits = np.matmul(np.zeros(shape_x), np.zeros(shape_y)) is not None
    except ValueError:
        fits = False
    if fits:
        table["matmul"] = table["matmul again"] = (mg.matmul, torch.matmul)
        if len(shape_y) == 2:
            table["matmul linear"] = (lambda x, y: x @ y + y[0], lambda x, y: F.linear(x, y.T, y[0]))
            table["dot"] = (mg.dot, torch.matmul)
    if len(shape_x) == len(shape_y) == 2:
        for subscripts in ("ij,kj->ik", "ij,ik->jk", "ij,ij->i", "ij,jk->", "ij,kl->il", "ij,ij->ji"):
            if lengths_agree(subscripts, shape_x, shape_y):
                table[f"einsum {subscripts}"] = (einsum(mg.einsum, subscripts), einsum(torch.einsum, subscripts))
        if all(k <= n for k, n in zip(shape_y, shape_x, strict=True)):
            stride, padding = (int(n) for n in rng.integers(1, 3, 2))
            table["conv2d"] = table["conv2d again"] = (
                lambda x, y: mg.conv2d(x[None, None], y[None, None], stride=stride, padding=padding),
                lambda x, y: F.conv2d(x[None, None], y[None, None], stride=stride, padding=padding),
            )
    return drawn(rng, table)


def lengths_agree(subscripts, *shapes):
    """Whether each letter has one length here."""
    words = subscripts.split("->")[0].split(",")
    pairs = {pair for word, shape in zip(words, shapes, strict=True) for pair in zip(word, shape, strict=True)}
    return len(pairs) == len({letter for letter, _ in pairs})


def einsum(function, subscripts):
    return lambda *xs: function(subscripts, *xs)


def linear_algebra(rng, shape):
    """Of a matrix made from x, symmetric and positive definite."""
    if len(shape) < 2:
        return None
    eye, torch_eye = constant(2 * np.eye(shape[-2]))

    def matrix(x):
        return x @ x.swapaxes(-1, -2) / 4 + (eye if isinstance(x, mg.Tensor) else torch_eye)

    table = {
        "inv": (mg.inv, torch.linalg.inv),
        "det": (mg.det, torch.linalg.det),
        "slogdet": (lambda m: mg.slogdet(m).logabsdet, lambda m: torch.linalg.slogdet(m).logabsdet),
        "cholesky": (mg.cholesky, torch.linalg.cholesky),
    }
    if rng.random() < 0.3:
        return Pair("solve", lambda x: mg.solve(matrix(x), x), lambda x: torch.linalg.solve(matrix(x), x))
    lower = bool(rng.random() < 0.5)
    if rng.random() < 0.2:
        return Pair(
            "solve_triangular",
            lambda x: mg.solve_triangular(matrix(x), x, lower),
            lambda x: torch.linalg.solve_triangular(matrix(x), x, upper=not lower),
        )
    name = str(rng.choice([*table]))
    ours, theirs = table[name]
    return Pair(name, lambda x: ours(matrix(x)), lambda x: theirs(matrix(x)))


def pooling(rng, shape):
    if len(shape) < 2:
        return None
    size = tuple(int(rng.integers(1, n + 1)) for n in shape[-2:])
    stride = tuple(int(n) for n in rng.integers(1, 3, 2))
    padding = tuple(int(rng.integers(0, n // 2 + 1)) for n in size)
    images = (int(np.prod(shape[:-2])), 1, *shape[-2:])
    ramp, torch_ramp = apart(images)
    name = rng.choice(["max_pool2d", "avg_pool2d"])
    ours, theirs = getattr(mg, name), getattr(F, name)
    return Pair(
        name,
        lambda x: ours(x.reshape(images) + ramp, size, stride, padding),
        lambda x: theirs(x.reshape(images) + torch_ramp, size, stride, padding),
    )


OF_ONE = [unary, unary, unary, with_number, reduction, reduction, along_one_axis, along_one_axis, shaping, indexing]
OF_ONE += [linear_algebra, pooling]
OF_TWO = [binary, binary, where, joining, products, products]
