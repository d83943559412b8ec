"""More operations on matrices, and how PyTorch says the same: products, decompositions, inverses, norms, and layers.

Decompositions are of matrices whose values are apart, and go on through what does not depend on the signs of vectors.
"""

import numpy as np
import torch
from engines import constant, drawn, fits, fraction
from torch.nn import functional as F

import microgradnn as mg


def spaced(shape):
    """A function of x, of that shape: matrices whose singular values are near 2, 4, 6 and so on, in both engines."""
    rows, columns = shape[-2:]
    room, torch_room = constant(np.eye(rows, columns) * (2 + 2 * np.arange(columns)))
    scale = (rows * columns) ** 0.5

    def matrix(x):
        return fraction(x) / scale + (room if isinstance(x, mg.Tensor) else torch_room)

    return matrix


def symmetric(shape):
    """The same, of symmetric matrices with as many rows."""
    square = spaced((*shape[:-2], shape[-2], shape[-2]))

    def matrix(x):
        x = fraction(x)
        return square(x @ x.swapaxes(-1, -2) / shape[-1])

    return matrix


def of_matrix(matrix, table):
    """The entries of a table of functions of a matrix, as functions of x."""
    return {name: (lambda x, f=ours: f(matrix(x)), lambda x, f=theirs: f(matrix(x))) for name, (ours, theirs) in table.items()}


def decompositions(rng, shape):
    if len(shape) < 2:
        return None
    upper = bool(rng.integers(2))
    of_symmetric = {
        "cholesky upper": (lambda m: mg.cholesky(m, upper=upper), lambda m: torch.linalg.cholesky(m, upper=upper)),
        "eigvalsh": (mg.eigvalsh, torch.linalg.eigvalsh),
        "eigh": (lambda m: mg.square(mg.eigh(m)[1]), lambda m: torch.linalg.eigh(m)[1].square()),
        "eigh function": (lambda m: of_eigen(mg.sin, *mg.eigh(m, "U")), lambda m: of_eigen(torch.sin, *torch.linalg.eigh(m))),
    }
    of_any = {
        "svdvals": (mg.svdvals, torch.linalg.svdvals),
        "svd U": (lambda m: mg.square(mg.svd(m, False)[0]), lambda m: torch.linalg.svd(m, False)[0].square()),
        "svd V": (lambda m: mg.square(mg.svd(m, False)[2]), lambda m: torch.linalg.svd(m, False)[2].square()),
        "svd function": (
            lambda m: of_singular(mg.sin, *mg.svd(m, False)),
            lambda m: of_singular(torch.sin, *torch.linalg.svd(m, False)),
        ),
        "pinv": (mg.pinv, torch.linalg.pinv),
        "qr": (lambda m: of_factors(*mg.qr(m)), lambda m: of_factors(*torch.linalg.qr(m))),
        "qr R": (lambda m: mg.square(mg.qr(m, "r")), lambda m: torch.linalg.qr(m)[1].square()),
    }
    return drawn(rng, of_matrix(symmetric(shape), of_symmetric) | of_matrix(spaced(shape), of_any))


def of_eigen(function, values, vectors):
    """The function of a symmetric matrix."""
    return (vectors * function(values)[..., None, :]) @ vectors.swapaxes(-1, -2)


def of_singular(function, u, s, vh):
    return (u * function(s)[..., None, :]) @ vh


def of_factors(q, r):
    """Of Q and R something that does not change with the signs of the rows of R."""
    return (q * q) @ (r * r)


def inverses(rng, shape):
    if len(shape) < 2:
        return None
    n = int(rng.integers(-2, 4))
    ord_ = [None, 1, -1, np.inf, -np.inf, 2, -2, "fro", "nuc"][rng.integers(9)]
    axis = int(rng.integers(-len(shape), len(shape)))
    power = float(rng.choice([1, 2, 3, 2.5, np.inf, -np.inf]))
    keep, lower = bool(rng.integers(2)), bool(rng.integers(2))
    of_square = {
        "solve_triangular": (
            lambda m: mg.solve_triangular(4 + m * m, mg.sin(m), lower),
            lambda m: torch.linalg.solve_triangular(4 + m * m, torch.sin(m), upper=not lower),
        ),
        "matrix_power": (lambda m: mg.matrix_power(m / 4, n), lambda m: torch.linalg.matrix_power(m / 4, n)),
        "multi_dot": (
            lambda m: mg.multi_dot([m.reshape(-1, m.shape[-1]), m.reshape(m.shape[-1], -1), m.reshape(-1, m.shape[-1])]),
            lambda m: torch.linalg.multi_dot(
                [m.reshape(-1, m.shape[-1]), m.reshape(m.shape[-1], -1), m.reshape(-1, m.shape[-1])]
            ),
        ),
        "cond": (lambda m: mg.cond(m, ord_), lambda m: condition(m, ord_)),
        "det": (mg.det, torch.linalg.det),
        "slogdet": (lambda m: mg.slogdet(m).logabsdet, lambda m: torch.linalg.slogdet(m).logabsdet),
    }
    of_any = {
        "matrix_norm": (
            lambda m: mg.matrix_norm(m, ord=ord_ or "fro", keepdims=keep),
            lambda m: torch.linalg.matrix_norm(m, ord_ or "fro", keepdim=keep),
        ),
        "norm of matrices": (
            lambda m: mg.norm(m, ord_ or "fro", (-1, -2)),
            lambda m: torch.linalg.matrix_norm(m, ord_ or "fro", (-1, -2)),
        ),
        "vector_norm": (
            lambda m: mg.vector_norm(m + 0.0123, axis=axis, ord=power, keepdims=keep),
            lambda m: torch.linalg.vector_norm(m + 0.0123, power, axis, keep),
        ),
    }
    if len(shape) == 2:
        of_any["lstsq"] = (lambda m: mg.lstsq(m, m + 1)[0], lambda m: torch.linalg.lstsq(m, m + 1).solution)
        if shape[0] > shape[1]:
            of_any["lstsq residuals"] = (
                lambda m: mg.lstsq(m, mg.sin(m))[1],
                lambda m: (m @ torch.linalg.lstsq(m, torch.sin(m)).solution - torch.sin(m)).square().sum(0),
            )
        rows = shape[0]
        first = 2 if rows == 4 else 1
        lengths = (*([2, 2] if rows == 4 else [rows]), rows)
        of_square["tensorinv"] = (
            lambda m: mg.tensorinv(m.reshape(lengths), first),
            lambda m: torch.linalg.tensorinv(m.reshape(lengths), first),
        )
        of_square["tensorsolve"] = (
            lambda m: mg.tensorsolve(m.reshape(lengths), mg.sin(m[0]).reshape(lengths[:first])),
            lambda m: torch.linalg.tensorsolve(m.reshape(lengths), torch.sin(m[0]).reshape(lengths[:first])),
        )
    return drawn(rng, of_matrix(symmetric(shape), of_square) | of_matrix(spaced(shape), of_any))


def condition(m, order):
    """PyTorch's cond has no second derivative for the norms that need an inverse: it changes it in place."""
    if order in (None, 2, -2):
        return torch.linalg.cond(m, order)
    return torch.linalg.matrix_norm(m, order) * torch.linalg.matrix_norm(torch.linalg.inv(m), order)


def fresh(x):
    """A copy in order: PyTorch's kron fails on a column that was a row."""
    return x.clone(memory_format=torch.contiguous_format)


def more_products(rng, shape_x, shape_y):
    """Products by their names, of what has the lengths for it."""
    table = {}
    if len(shape_x) >= 2 and len(shape_y) >= 1 and fits(lambda x, y: x @ y[..., None], shape_x, shape_y):
        table["matvec"] = (mg.matvec, lambda x, y: (x @ y[..., None])[..., 0])
    if len(shape_x) >= 1 and len(shape_y) >= 2 and fits(lambda x, y: x[..., None, :] @ y, shape_x, shape_y):
        table["vecmat"] = (mg.vecmat, lambda x, y: (x[..., None, :] @ y)[..., 0, :])
        if len(shape_y) == 2:
            table["affine"] = (lambda x, y: mg.affine(x, y, y[0]), lambda x, y: F.linear(x, y.T, y[0]))
    if shape_x and shape_y and shape_x[-1] == shape_y[-1]:
        table["inner"] = (mg.inner, torch.inner)
        if fits(np.add, shape_x, shape_y):
            table["vecdot"] = (mg.vecdot, torch.linalg.vecdot)
            if shape_x[-1] == 3:
                longer = max(len(shape_x), len(shape_y))
                table["cross"] = table["cross again"] = (
                    mg.cross,
                    lambda x, y: torch.linalg.cross(
                        x.reshape((1,) * (longer - x.ndim) + x.shape), y.reshape((1,) * (longer - y.ndim) + y.shape)
                    ),
                )
    if shape_x == shape_y:
        axis = tuple(int(i) for i in rng.permutation(len(shape_x))[:2])
        table["vdot"] = (mg.vdot, lambda x, y: torch.vdot(x.reshape(-1), y.reshape(-1)))
        table["tensordot"] = (
            lambda x, y: mg.tensordot(x, y, (axis, axis)),
            lambda x, y: torch.tensordot(x, y, (list(axis), list(axis))),
        )
    table["kron"] = (mg.kron, lambda x, y: torch.kron(fresh(x), fresh(y)))
    return drawn(rng, table)


def sequences(rng, shape_x, shape_y):
    """One-dimensional layers: x is a batch, the weight is made of y."""
    if len(shape_x) != 2:
        return None
    length = int(rng.integers(1, min(shape_x[1], int(np.prod(shape_y))) + 1))
    stride, padding = int(rng.integers(1, 3)), int(rng.integers(length // 2 + 1))
    ramp, torch_ramp = constant(np.sin(np.arange(shape_x[1]) * 2.3))
    table = {
        "conv1d": (
            lambda x, y: mg.conv1d(x[:, None], y.ravel()[None, None, :length], y.ravel()[:1], stride, padding),
            lambda x, y: F.conv1d(x[:, None], y.reshape(-1)[None, None, :length], y.reshape(-1)[:1], stride, padding),
        ),
        "max_pool1d": (
            lambda x, y: mg.max_pool1d((x / 9 + ramp)[:, None], length, stride, padding) + y.sum(),
            lambda x, y: F.max_pool1d((x / 9 + torch_ramp)[:, None], length, stride, padding) + y.sum(),
        ),
        "avg_pool1d": (
            lambda x, y: mg.avg_pool1d(x[:, None], length, stride, padding) + y.sum(),
            lambda x, y: F.avg_pool1d(x[:, None], length, stride, padding) + y.sum(),
        ),
    }
    return drawn(rng, table)


OF_ONE = [decompositions, inverses]
OF_TWO = [more_products, more_products, sequences]
