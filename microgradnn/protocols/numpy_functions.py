"""What NumPy's functions do with Tensors that are no operations: say something about values, or be refused in a sentence.

Operations sign in at `tensor.operation`; this module knows all others.
"""

import inspect

import numpy as np

from ..errors import describe
from ..graph import Node, values_of
from ..watching.observers import tell_left

# NumPy functions that say something about values without being a differentiable function of them: plain arrays come out.
ABOUT_VALUES = {
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.isclose, np.allclose, np.array_equal),
    *(np.isnan, np.isinf, np.isfinite, np.signbit, np.argmax, np.argmin, np.argsort, np.count_nonzero, np.nonzero),
    *(np.any, np.all, np.shape, np.ndim, np.size, np.ones_like, np.zeros_like, np.empty_like, np.full_like),
    *(np.array_repr, np.array_str, np.array2string, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj),
    *(np.isposinf, np.isneginf, np.isreal, np.iscomplex, np.logical_and, np.logical_or, np.logical_not, np.logical_xor),
    *(np.array_equiv, np.argwhere, np.flatnonzero, np.argpartition, np.nanargmax, np.nanargmin, np.lexsort, np.searchsorted),
    *(np.unique, np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values, np.isin, np.intersect1d, np.union1d),
    *(np.setdiff1d, np.setxor1d, np.bincount, np.digitize, np.histogram, np.histogram2d, np.histogramdd),
    *(np.histogram_bin_edges, np.tril_indices_from, np.triu_indices_from, np.diag_indices_from, np.ix_, np.ravel_multi_index),
    *(np.unravel_index, np.shares_memory, np.may_share_memory, np.common_type, np.min_scalar_type, np.einsum_path),
    *(np.linalg.matrix_rank, np.save, np.savez, np.savez_compressed, np.savetxt),
}
# Of these the arguments that do come out again, in sums or as they are: by position and by name.
COMING_OUT = {
    np.full_like: (1, "fill_value"),
    np.bincount: (1, "weights"),
    np.histogram: (4, "weights"),
    np.histogram2d: (5, "weights"),
    np.histogramdd: (4, "weights"),
}
CHANGING = {np.copyto, np.fill_diagonal, np.place, np.put, np.put_along_axis, np.putmask}  # their first argument, in place


def title_of(function):
    """What a message calls a function of NumPy's, or of a library that makes ufuncs, which may not say where they are from.

    >>> title_of(np.tanh), title_of(np.linalg.eig), title_of(np.frompyfunc(abs, 1, 1))
    ('np.tanh', 'np.linalg.eig', 'the ufunc abs (vectorized)')
    """
    name = function.__name__
    if getattr(np, name, None) is function:
        return f"np.{name}"
    module = getattr(function, "__module__", None)
    return f"{module.replace('numpy', 'np', 1)}.{name}" if module else f"the ufunc {name}"


def tell_operands(function, operands):
    """Tell that a NumPy function, which says something about values, is given these operands."""
    for x in tensors_in(operands):
        tell_left(x, f"np.{function.__name__}()", above=3)


def tensors_in(x):
    """The Tensors in an argument, also those in lists and tuples."""
    if isinstance(x, Node):
        yield x
    elif isinstance(x, (list, tuple)):
        for part in x:
            yield from tensors_in(part)


def plain(x):
    """The array of a Tensor, also of those in a list or a tuple; anything else as it is."""
    return type(x)(map(plain, x)) if type(x) in (list, tuple) else values_of(x)


def refuse_coming_out(function, args, kwargs):
    """Raise TypeError if an argument requires a gradient that would be lost, since it comes out again in a plain array."""
    position, name = COMING_OUT.get(function, (None, None))
    if name is None:
        return
    x = args[position] if len(args) > position else kwargs.get(name)
    if isinstance(x, Node) and x.requires_grad:
        raise TypeError(
            f"{title_of(function)} gives plain arrays, and {name} = {describe(x)} requires a gradient, which would be lost.\n"
            f"On values alone it works: give it {name}.detach(). "
            "Recorded are broadcast_to(x, shape) and, for sums by place, Tensor(np.zeros(n)).at[places].add(weights)."
        )


def refuse_arguments(function, ours, args, kwargs):
    """Raise TypeError if our function does not take what NumPy's was called with."""
    try:
        inspect.signature(ours).bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"np.{function.__name__} with a Tensor calls microgradnn.{ours.__name__}: {error}.") from None
