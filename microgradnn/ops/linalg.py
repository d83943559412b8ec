"""Products of vectors and matrices. The legend, as everywhere:

    z = f(x, y)     x, y   values of the inputs      dz       ∂L/∂z, the upstream gradient
                    z      value of the output       dx, dy   ∂L/∂x, ∂L/∂y: what each vjp returns
"""

import numpy as np

from ..graph import Op, operation


class Matmul(Op):
    """z = x y, the matrix product: z[i, j] = Σₖ x[i, k] y[k, j]

    A 1-D x is a row, a 1-D y a column, and their axis of length 1 is left out of z. Further axes in front are a batch
    and broadcast.
    """

    def forward(self, x, y):
        return x @ y

    def dx(self, dz, z, x, y):
        if y.ndim == 1:
            return dz[..., None] * y if dz.ndim else dz * y  # the outer product of dz and the column y
        if x.ndim == 1:
            return (y @ dz[..., None])[..., 0]  # dz yᵀ for a row dz
        return dz @ y.swapaxes(-1, -2)

    def dy(self, dz, z, x, y):
        if x.ndim == 1 and y.ndim == 1:
            return x * dz
        if x.ndim == 1:
            return x[:, None] * dz[..., None, :]  # the outer product of the row x and dz
        if y.ndim == 1:
            return (dz[..., None, :] @ x)[..., 0, :]  # xᵀ dz for a column dz
        return x.swapaxes(-1, -2) @ dz

    vjps = dx, dy


@operation(np.matmul)
def matmul(x, y):
    """The matrix product x @ y.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., n, k), or (k,) for a row.
    y : Tensor or array
        Of shape (..., k, m), or (k,) for a column. The axes in front are a batch, and broadcast.

    Returns
    -------
    Tensor
        Of shape (..., n, m), without the axis of a row or a column.

    Raises
    ------
    ValueError
        If k differs.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0, 2.0]) @ Tensor([[1.0, 0.0, 3.0], [0.0, 1.0, 4.0]])
    Tensor([ 1.,  2., 11.])
    """
    return _matmul(x, y)


_matmul = Matmul()
