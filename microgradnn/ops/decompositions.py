"""Matrices taken apart: Cholesky, QR, eigenvectors, singular values. The legend is in ops/__init__.py.

An operation gives one array; so what has several results stacks them, and the function beside it cuts them out again: of
`Eigh` each column is an eigenvalue with its eigenvector below. Rules need nothing but this z.

The eigenvectors of an eigenvalue that is there twice may be turned into each other: they have no derivative, and a gradient
that arrives there is refused (by a jvp it is NaN). Eigenvalues and singular values themselves have theirs, at first order, and
so has what uses other vectors alone.
Rules are those of M. Giles, An extended collection of matrix derivative results for forward and reverse mode algorithmic
differentiation (2008), and, of singular vectors, J. Townsend, Differentiating the singular value decomposition (2016).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import describe, one_of
from ..graph import Node, Op, constant, recording, shape_of, values_of
from ..tensor import operation
from .indexing import getitem
from .joining import concatenate
from .products import matmul
from .shaping import swapaxes

if TYPE_CHECKING:
    from typing import Any, Literal

    from ..annotations import Operand
    from ..tensor import Tensor

EighResult: Any = type(np.linalg.eigh(np.eye(1)))
SVDResult: Any = type(np.linalg.svd(np.eye(1)))
QRResult: Any = type(np.linalg.qr(np.eye(1)))


class Cholesky(Op):
    """z = the lower triangular matrix for which z zᵀ = x; of x, which is symmetric, only the lower triangle is read"""

    def forward(self, x):
        return np.linalg.cholesky(x)

    def dx(self, dz, z, x):
        inverse = np.linalg.inv(z)
        s = inverse.swapaxes(-1, -2) @ _half_lower(z.swapaxes(-1, -2) @ dz) @ inverse
        return _half_lower(s + s.swapaxes(-1, -2))

    vjps = (dx,)


@operation(np.linalg.cholesky, method=True)
def cholesky(x: Operand, *, upper: bool = False) -> Tensor:
    """The lower triangular matrix z for which z zᵀ = x.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., n, n), symmetric and positive definite. Only the lower triangle is read, as by NumPy; so the gradient
        above the diagonal is 0, and below it counts for both places.
    upper : bool, optional
        Read the upper triangle instead, and return zᵀ.

    Returns
    -------
    Tensor
        Of x's shape.

    Raises
    ------
    LinAlgError
        If x is not positive definite.

    Examples
    --------
    >>> from microgradnn import Tensor, cholesky
    >>> cholesky(Tensor([[4.0, 2.0], [2.0, 5.0]]))
    Tensor([[2., 0.],
            [1., 2.]])
    """
    if upper:
        return swapaxes(cholesky(swapaxes(x, -1, -2)), -1, -2)
    return Cholesky()(x)


class Qr(Op):
    """z = q above rᵀ, of x = q r with orthonormal columns q and an upper triangle r; x has no more columns than rows"""

    def forward(self, x):
        q, r = np.linalg.qr(x)
        return np.concatenate([q, r.swapaxes(-1, -2)], -2)

    def dx(self, dz, z, x):
        rows = x.shape[-2]
        q, dq = z[..., :rows, :], dz[..., :rows, :]
        r, dr = z[..., rows:, :].swapaxes(-1, -2), dz[..., rows:, :].swapaxes(-1, -2)
        _refuse_dependent_columns(values_of(r))
        m = r @ dr.swapaxes(-1, -2) - dq.swapaxes(-1, -2) @ q
        symmetric = np.tril(m) + np.tril(m, -1).swapaxes(-1, -2)
        return np.linalg.solve(r, (dq + q @ symmetric).swapaxes(-1, -2)).swapaxes(-1, -2)

    vjps = (dx,)


@operation(np.linalg.qr)
def qr(x: Operand, mode: Literal["reduced", "complete", "r", "raw"] = "reduced") -> Any:
    """Orthonormal columns q and an upper triangle r whose product is x.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., m, n), k = min(m, n) long. Its first k columns must be independent for a gradient.
    mode : {"reduced", "complete", "r", "raw"}, optional
        "r" gives r alone. "complete", with more rows than columns, and "raw" have no gradient, and are refused for what
        requires one.

    Returns
    -------
    QRResult
        NumPy's pair of `Q`, of shape (..., m, k), and `R`, of shape (..., k, n).

    Raises
    ------
    ValueError
        If a gradient would be needed of what has none.
    LinAlgError
        In the backward pass, if the first k columns depend on each other.

    Notes
    -----
    H. Liao et al., Differentiable programming tensor networks (2019), for x with independent columns. Further columns, of a
    wide x, are qᵀ x in r.

    Examples
    --------
    >>> from microgradnn import Tensor, qr
    >>> q, r = qr(Tensor([[0.0, 2.0], [3.0, 1.0]], requires_grad=True))
    >>> abs(q @ r)
    Tensor([[0., 2.],
            [3., 1.]], op=abs)
    """
    if not is_recorded(x, "qr"):
        return as_constants(x, np.linalg.qr(values_of(x), mode))
    one_of(("reduced", "complete", "r", "raw"), mode, "mode of qr")
    rows, columns = shape_of(x)[-2:]
    if mode == "raw" or (mode == "complete" and rows > columns):
        raise ValueError(
            f"qr(mode={mode!r}) has no gradient for {describe(x)}: what completes a basis may be any.\n"
            'Use mode="reduced", or x.detach().'
        )
    z = Qr()(x if columns <= rows else getitem(x, (..., slice(rows))))
    q, r = z[..., :rows, :], swapaxes(z[..., rows:, :], -1, -2)
    if columns > rows:
        r = concatenate([r, matmul(swapaxes(q, -1, -2), getitem(x, (..., slice(rows, None))))], -1)
    return r if mode == "r" else QRResult(q, r)


class Eigh(Op):
    """z = λ above V, where x = V Λ Vᵀ is symmetric; only one triangle of x is read"""

    def __init__(self, uplo="L"):
        self.uplo = uplo

    def forward(self, x):
        values, vectors = np.linalg.eigh(x, self.uplo)
        return np.concatenate([values[..., None, :], vectors], -2)

    def dx(self, dz, z, x):
        values, vectors, transposed = z[..., 0, :], z[..., 1:, :], z[..., 1:, :].swapaxes(-1, -2)
        dvalues, dvectors = dz[..., 0, :], dz[..., 1:, :]
        dvectors = only_defined(dvectors, repeated(values), "eigh")
        turned = one_by_differences(values) * (transposed @ dvectors)  # how far each vector turns towards each other
        s = (vectors * dvalues[..., None, :] + vectors @ turned) @ transposed
        lower = _half_lower(s + s.swapaxes(-1, -2))
        return lower if self.uplo == "L" else lower.swapaxes(-1, -2)

    vjps = (dx,)


@operation(np.linalg.eigh)
def eigh(x: Operand, UPLO: Literal["L", "U", "l", "u"] = "L") -> Any:
    """The eigenvalues of a symmetric matrix, ascending, and its eigenvectors: x = V Λ Vᵀ.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., n, n), real and symmetric.
    UPLO : {"L", "U"}, optional
        Which triangle is read, as by NumPy. As with `cholesky`, the gradient in the other is 0, and beside the diagonal it
        counts for both places; symmetrised, (g + gᵀ)/2, it is PyTorch's.

    Returns
    -------
    EighResult
        NumPy's pair of `eigenvalues`, of shape (..., n), and `eigenvectors`, the columns of (..., n, n).

    Raises
    ------
    TypeError
        If x is complex and requires a gradient.
    LinAlgError
        In the backward pass, if a gradient arrives at an eigenvector whose eigenvalue is repeated.

    Notes
    -----
    The sign of an eigenvector is the one that NumPy chose. Where eigenvalues meet, their order is a kink; the gradient is then
    that of the eigenvectors at hand, right for whatever treats these eigenvalues alike, such as their sum.

    Examples
    --------
    >>> from microgradnn import Tensor, eigh
    >>> x = Tensor([[2.0, 0.0], [1.0, 2.0]], requires_grad=True)
    >>> values, vectors = eigh(x)
    >>> values[1].backward()
    >>> x.grad.round(4)
    array([[0.5, 0. ],
           [1. , 0.5]])
    """
    if not is_recorded(x, "eigh"):
        return as_constants(x, np.linalg.eigh(values_of(x), UPLO))
    z = Eigh(one_of(("L", "U"), UPLO.upper(), "triangle UPLO"))(x)
    return EighResult(z[..., 0, :], z[..., 1:, :])


class Eigvalsh(Op):
    """z = the eigenvalues of a symmetric matrix, ascending; only one triangle of it is read"""

    makes_plain_arrays = True

    def __init__(self, uplo="L"):
        self.uplo = uplo

    def forward(self, x):
        return np.linalg.eigvalsh(x, self.uplo)

    def dx(self, dz, z, x):
        _, vectors = np.linalg.eigh(x, self.uplo)
        s = (vectors * dz[..., None, :]) @ vectors.swapaxes(-1, -2)
        lower = _half_lower(s + s.swapaxes(-1, -2))
        return lower if self.uplo == "L" else lower.swapaxes(-1, -2)

    vjps = (dx,)


@operation(np.linalg.eigvalsh)
def eigvalsh(x: Operand, UPLO: Literal["L", "U", "l", "u"] = "L") -> Tensor:
    """The eigenvalues of a symmetric matrix, ascending, of shape (..., n). Parameters as for `eigh`.

    Examples
    --------
    >>> from microgradnn import Tensor, eigvalsh
    >>> eigvalsh(Tensor([[2.0, 0.0], [1.0, 2.0]]))
    Tensor([1., 3.])
    """
    if not is_recorded(x, "eigvalsh"):
        return as_constants(x, np.linalg.eigvalsh(values_of(x), UPLO))
    return Eigvalsh(one_of(("L", "U"), UPLO.upper(), "triangle UPLO"))(x)


class Svd(Op):
    """z = U above s above V, where x = U S Vᵀ; the slope of a singular value at 0 is taken as 0"""

    def forward(self, x):
        refuse_infinite(x, "svd")
        u, s, vt = np.linalg.svd(x, full_matrices=False)
        return np.concatenate([u, s[..., None, :], vt.swapaxes(-1, -2)], -2)

    def dx(self, dz, z, x):
        rows, columns = x.shape[-2:]
        u, s, v = z[..., :rows, :], z[..., rows, :], z[..., rows + 1 :, :]
        undefined = repeated(s) | is_zero(s)
        du = only_defined(dz[..., :rows, :], undefined, "svd")
        dv = only_defined(dz[..., rows + 1 :, :], undefined, "svd")
        ut, vt, s_of_column = u.swapaxes(-1, -2), v.swapaxes(-1, -2), s[..., None, :]
        along_u, along_v = ut @ du, vt @ dv
        by_squares = one_by_differences(s) / _or_one(s[..., None, :] + s[..., :, None])
        turned_u = by_squares * (along_u - along_u.swapaxes(-1, -2)) * s_of_column
        turned_v = by_squares * (along_v - along_v.swapaxes(-1, -2)) * s[..., :, None]
        ds = (np.sign(s) * dz[..., rows, :])[..., None, :]
        dx = (u * ds + u @ (turned_u + turned_v)) @ vt
        if rows > len_of(s):  # U may also turn out of the space of its columns
            dx = dx + (du - u @ along_u) / _or_one(s_of_column) @ vt
        if columns > len_of(s):
            dx = dx + u @ ((dv - v @ along_v) / _or_one(s_of_column)).swapaxes(-1, -2)
        return dx

    vjps = (dx,)


@operation(np.linalg.svd)
def svd(x: Operand, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """The singular values of a matrix, descending, and their vectors: x = U S Vᵀ.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., m, n), real; k = min(m, n).
    full_matrices : bool, optional
        Whether U and V are completed to square matrices, as by NumPy. For an x that requires a gradient it must be False
        unless m = n: what completes a basis may be any, and has no gradient.
    compute_uv : bool, optional
        If False, it is `svdvals(x)`.
    hermitian : bool, optional
        True is refused where a gradient is required: `eigh` says it.

    Returns
    -------
    SVDResult
        NumPy's triple of `U`, of shape (..., m, k), `S`, of shape (..., k), and `Vh`, which is Vᵀ, of shape (..., k, n).

    Raises
    ------
    TypeError
        If x is complex and requires a gradient.
    ValueError
        If a gradient would be needed of what has none.
    LinAlgError
        In the backward pass, if a gradient arrives at a singular vector whose singular value is repeated, or 0.

    Notes
    -----
    The signs of the vectors are those that NumPy chose, as for `eigh`.

    Examples
    --------
    >>> from microgradnn import Tensor, svd
    >>> u, s, vt = svd(Tensor([[3.0, 0.0], [0.0, -4.0], [0.0, 0.0]]), full_matrices=False)
    >>> s
    Tensor([4., 3.])
    """
    if not is_recorded(x, "svd"):
        return as_constants(x, np.linalg.svd(values_of(x), full_matrices, compute_uv, hermitian))  # type: ignore[call-overload]
    if hermitian:
        raise ValueError(f"svd(hermitian=True) has no gradient for {describe(x)}: use eigh, or leave hermitian out.")
    if not compute_uv:
        return svdvals(x)
    rows, columns = shape_of(x)[-2:]
    if full_matrices and compute_uv and rows != columns:
        raise ValueError(
            f"svd(full_matrices=True) has no gradient for {describe(x)}: what completes a basis may be any.\n"
            "Use full_matrices=False, or x.detach()."
        )
    z = Svd()(x)
    s = z[..., rows, :]
    return SVDResult(z[..., :rows, :], s, swapaxes(z[..., rows + 1 :, :], -1, -2))


class Svdvals(Op):
    """z = the singular values of a matrix, descending; where one is 0 its slope is taken as 0"""

    makes_plain_arrays = True

    def forward(self, x):
        refuse_infinite(x, "svd")
        return np.linalg.svd(x, compute_uv=False)

    def dx(self, dz, z, x):
        u, s, vt = np.linalg.svd(x, full_matrices=False)
        dz = np.where(is_zero(s), 0, dz)
        return (u * dz[..., None, :]) @ vt

    vjps = (dx,)


@operation(np.linalg.svdvals)
def svdvals(x: Operand, /) -> Tensor:
    """The singular values of a matrix, descending, of shape (..., min(m, n)). Their slope at 0 is taken as 0.

    Parameters and errors as for `svd`.

    Examples
    --------
    >>> from microgradnn import Tensor, svdvals
    >>> svdvals(Tensor([[3.0, 0.0], [0.0, -4.0]]))
    Tensor([4., 3.])
    """
    if not is_recorded(x, "svd"):
        return as_constants(x, np.linalg.svd(values_of(x), compute_uv=False))
    return Svdvals()(x)


class OnlyDefined(Op):
    """z = x, whose undefined columns must be 0; NaN is what whoever differentiates by these finds out"""

    def __init__(self, undefined, of):
        self.undefined = undefined
        self.of = of

    def __repr__(self):
        return f"the gradient of {self.of}"

    def forward(self, x):
        if np.any((x != 0) & self.undefined[..., None, :]):
            raise np.linalg.LinAlgError(
                f"{self.of}: a gradient arrives at a vector whose eigenvalue or singular value is there "
                "more than once, or a singular value of 0: others would be as good, so it has no derivative.\n"
                "Eigenvalues and singular values alone have theirs, at first order: eigvalsh, svdvals."
            )
        return x

    def dx(self, dz, z, x):
        return np.where(self.undefined[..., None, :], np.nan, dz)

    vjps = (dx,)


def only_defined(dx, undefined, of):
    """The gradient of vectors, if none arrives at those that are undefined."""
    return OnlyDefined(undefined, of)(dx) if np.any(undefined) else dx


def tolerance(values):
    """How far eigenvalues or singular values may be from each other, or 0, by rounding: one number for each matrix."""
    if values.dtype == object:
        raise TypeError("Whether eigenvalues or singular values repeat is asked of numbers; symbols have no precision.")
    return 10 * values.shape[-1] * np.finfo(values.dtype).eps * np.max(np.abs(values), -1, initial=0)[..., None]


def is_zero(s):
    """Which singular values are 0, up to rounding."""
    s = values_of(s)
    return s <= tolerance(s)


def _are_close(values):
    """For each two whether they are equal up to rounding."""
    return np.abs(values[..., None, :] - values[..., :, None]) <= tolerance(values)[..., None]


def repeated(values):
    """Which eigenvalues or singular values are there more than once, up to rounding."""
    return _are_close(values_of(values)).sum(-1) > 1


def one_by_differences(values):
    """1 / (values[j] − values[i]) for each i and j, and 0 where they are equal."""
    close = _are_close(values_of(values))
    return np.where(close, 0, 1 / np.where(close, 1, values[..., None, :] - values[..., :, None]))


def _or_one(x):
    """x, with 1 where it is 0: to divide by where the dividend is 0 then."""
    return x + (x == 0)


def len_of(row):
    """The length of the last axis."""
    return row.shape[-1]


def refuse_infinite(x, name):
    """Refuse a matrix with inf in it, of which LAPACK may look for singular values for ever."""
    if isinstance(x, np.ndarray) and np.isinf(x).any():  # and not of a name
        raise np.linalg.LinAlgError(f"{name} cannot be computed: there is inf in the matrix.")


def _refuse_dependent_columns(r):
    """Refuse the gradient of q and r where a diagonal element of r is 0, up to rounding."""
    diagonal = np.abs(np.diagonal(r, axis1=-2, axis2=-1))
    if np.any(diagonal <= tolerance(diagonal)):
        raise np.linalg.LinAlgError(
            "qr: the first columns of the matrix depend on each other, and there q and r have no derivative."
        )


def is_recorded(x, name):
    """Whether an operation on x would be recorded. For complex numbers, which have no rules here, that is refused."""
    recorded = isinstance(x, Node) and x.requires_grad and recording.get()
    if recorded and x.dtype.kind == "c":
        raise TypeError(f"{name} has no gradient for complex numbers, and {describe(x)} is complex: use x.detach().")
    return recorded


def as_constants(x, result):
    """What NumPy returned, as Tensors without gradient if x is one."""
    if not isinstance(x, Node):
        return result
    if isinstance(result, tuple):
        parts = [constant(type(x), part) for part in result]
        return type(result)._make(parts) if hasattr(result, "_make") else tuple(parts)
    return constant(type(x), result)


def _half_lower(x):
    """The lower triangle, with half of the diagonal."""
    return np.tril(x) * (1 - np.eye(x.shape[-1], dtype=x.dtype) / 2)
