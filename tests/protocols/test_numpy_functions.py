"""All public names of NumPy's and of numpy.linalg that take arrays: right for Tensors, or refused in a sentence.

Those that are recorded are held by test_numpy.py against values and differences. Here are those that say something about
values, which give plain arrays, and those that are refused. A name that is new in ops/ moves from these to those by itself.
"""

import inspect

import numpy as np
import pytest

from microgradnn import Tensor
from microgradnn.graph import NUMPY_FUNCTIONS
from microgradnn.protocols.numpy_functions import ABOUT_VALUES, CHANGING, COMING_OUT
from microgradnn.watching.observers import Observer

LEAST_RIGHT = 200


def names():
    """Each name under which a user finds a function that asks its operands what to do: "np.linalg.det", and the function."""
    for module, prefix in ((np, "np."), (np.linalg, "np.linalg.")):
        for name, function in sorted(vars(module).items()):
            if not name.startswith("_") and asks_operands(function):
                yield prefix + name, function


def asks_operands(function):
    """Whether a function is one of NumPy's that take arrays, and others by NumPy's protocols."""
    if isinstance(function, np.ufunc):
        return True
    return hasattr(function, "_implementation") and not makes_arrays(function)


def makes_arrays(function):
    """Whether a function makes arrays of none, and asks only what is given as like=."""
    try:
        return "like" in inspect.signature(function).parameters
    except ValueError:  # written in C, in older NumPys
        return False


NAMES = dict(names())
RIGHT = {name for name, function in NAMES.items() if function in NUMPY_FUNCTIONS or function in ABOUT_VALUES}
X = np.array([[0.5, -2.0, 0.0], [3.0, 0.5, -1.0]])
ROW, INTS, MASK = X[0], np.array([2, 0, 2, 1]), np.array([True, False])

# Of each function that says something about values, the ways it is called; arrays are what may be a Tensor.
ABOUT = {
    **{f: [(X,)] for f in ABOUT_VALUES if isinstance(f, np.ufunc) and f.nin == 1},
    **{f: [(X, ROW), (X, 0.5)] for f in ABOUT_VALUES if isinstance(f, np.ufunc) and f.nin == 2},
    **{key: [(X, X + 1e-12), (ROW, X), (X, ROW + 1)] for key in (np.isclose, np.allclose, np.array_equal, np.array_equiv)},
    **{key: [(X,), (X, 1), (X, -2)] for key in (np.argmax, np.argmin, np.argsort, np.any, np.all, np.count_nonzero)},
    **{key: [(X,)] for key in (np.nonzero, np.argwhere, np.flatnonzero, np.isposinf, np.isneginf, np.isreal, np.iscomplex)},
    **{key: [(X,), (np.where(X > 1, np.nan, X), 1)] for key in (np.nanargmax, np.nanargmin)},
    **{key: [(X,)] for key in (np.shape, np.ndim, np.size, np.ones_like, np.zeros_like, np.iscomplexobj, np.isrealobj)},
    **{key: [(X,)] for key in (np.array_repr, np.array_str, np.array2string, np.min_scalar_type, np.common_type)},
    **{key: [(X,)] for key in (np.unique, np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values)},
    **{key: [(X, ROW), (ROW, [0.5, 7.0])] for key in (np.isin, np.intersect1d, np.union1d, np.setdiff1d, np.setxor1d)},
    **{key: [(X,), (X, 1)] for key in (np.tril_indices_from, np.triu_indices_from)},
    **{key: [(X, INTS)] for key in (np.shares_memory, np.may_share_memory)},
    **{key: [(X,), (X, 4), (X, np.array([-3.0, 0.0, 4.0]))] for key in (np.histogram, np.histogram_bin_edges)},
    np.diag_indices_from: [(X[:, :2],)],
    np.full_like: [(X, 2.5), (X, np.array(2.5))],
    np.result_type: [(X, np.float32), (X.astype(np.float32), 2.0)],
    np.can_cast: [(np.dtype(np.float32), np.float64)],
    np.argpartition: [(X, 1), (X, 1, 0)],
    np.lexsort: [((ROW, X[1]),)],
    np.searchsorted: [(np.sort(ROW), X), (np.sort(ROW), 0.1, "right")],
    np.bincount: [(INTS,), (INTS, np.arange(4.0)), (INTS, None, 5)],
    np.digitize: [(X, np.sort(ROW))],
    np.histogram2d: [(X[0], X[1]), (X[0], X[1], 3)],
    np.histogramdd: [((X[0], X[1]), 3)],
    np.ix_: [(INTS, MASK)],
    np.ravel_multi_index: [((INTS, INTS), (3, 3))],
    np.unravel_index: [(INTS, (2, 2))],
    np.einsum_path: [("ij,kj->ik", X, X)],
    np.linalg.matrix_rank: [(X,), (X[:, :1] * ROW,)],
}
WITHOUT_VALUES = {np.empty_like}  # what stands in memory
WRITING = {np.save, np.savez, np.savez_compressed, np.savetxt}


def as_tensors(x):
    """Arrays as Tensors, also in a tuple; those of real numbers require a gradient."""
    if isinstance(x, tuple):
        return tuple(map(as_tensors, x))
    return Tensor(x, requires_grad=x.dtype.kind == "f") if isinstance(x, np.ndarray) else x


def test_enough_names_are_right():
    """At least as many of NumPy's names as we say are right for Tensors."""
    assert len(RIGHT) >= LEAST_RIGHT, f"{len(RIGHT)} of {len(NAMES)}"


def test_what_is_about_values_stands_above():
    """No function that gives plain arrays is left out, and none of them is recorded, too."""
    assert {*ABOUT, *WITHOUT_VALUES, *WRITING} == ABOUT_VALUES
    assert not ABOUT_VALUES & NUMPY_FUNCTIONS.keys()
    assert COMING_OUT.keys() <= ABOUT_VALUES


@pytest.mark.filterwarnings("ignore:.*is deprecated")
@pytest.mark.parametrize("function", ABOUT, ids=lambda function: function.__name__)
def test_about_values(function):
    """What says something about values says of Tensors what it says of their arrays, in plain arrays and numbers."""
    for args in ABOUT[function]:
        if function in (np.bincount, np.full_like):  # refused below where the gradient of what comes out would be lost
            tensors = tuple(x.detach() if isinstance(x, Tensor) else x for x in as_tensors(args))
        else:
            tensors = as_tensors(args)
        found, expected = function(*tensors), function(*args)
        assert type(found) is type(expected)
        np.testing.assert_equal(found, expected)
    assert np.empty_like(Tensor(X)).shape == X.shape
    assert np.shares_memory(Tensor(X), Tensor(X).T) and np.may_share_memory(Tensor(X), X)


def test_files(tmp_path):
    """NumPy's functions that write files write the values of Tensors."""
    x = Tensor(X, requires_grad=True)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", x=x, y=2 * x)
    np.savez_compressed(tmp_path / "small.npz", x)
    np.savetxt(tmp_path / "x.txt", x)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), X)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npz")["y"], 2 * X)
    np.testing.assert_array_equal(np.load(tmp_path / "small.npz")["arr_0"], X)
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "x.txt"), X)


@pytest.mark.parametrize("name", sorted(NAMES.keys() - RIGHT))
def test_other_names_are_refused(name):
    """Any other function says of Tensors in one sentence that it is not recorded, by the name that the user called."""
    x, said = Tensor(X, requires_grad=True), ""
    for count in range(1, 6):
        with pytest.raises(TypeError) as caught:
            NAMES[name](*[x] * count)
        said = str(caught.value)
        if said.startswith("np."):
            break
    sentence, way_out = said.splitlines()
    own_name = f"{name.rpartition('.')[0]}.{NAMES[name].__name__}"  # np.mod and np.remainder are one object
    assert sentence.startswith((f"{own_name} is not an operation that", f"{own_name} changes an array in place")), said
    assert sentence.endswith(".") and len(way_out) > 20
    assert (NAMES[name] in CHANGING) == ("x.at[i].set(v)" in way_out)


@pytest.mark.parametrize(
    "call",
    [
        lambda w: np.bincount([0, 1, 0], weights=w),
        lambda w: np.histogram([0.0, 1.0, 2.0], 2, None, None, w),
        lambda w: np.histogram2d([0.0, 1.0, 2.0], [0.0, 1.0, 2.0], weights=w),
        lambda w: np.histogramdd(np.array([[0.0], [1.0], [2.0]]), weights=w),
        lambda w: np.full_like(w, w),
    ],
)
def test_what_would_come_out_without_its_gradient_is_refused(call):
    """Sums of weights and filled arrays depend on a Tensor by more than its order: a plain array would lose its gradient."""
    with pytest.raises(TypeError, match=r"requires a gradient, which would be lost.*\n.*detach\(\)"):
        call(Tensor([1.0, 2.0, 3.0], requires_grad=True))
    call(Tensor([1.0, 2.0, 3.0]))


@pytest.mark.parametrize(
    "convert", [np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.asarray_chkfinite]
)
def test_what_makes_arrays_is_refused(convert):
    """A Tensor that requires a gradient becomes no plain array, unless one says so."""
    with pytest.raises(TypeError, match="requires a gradient; as a plain array it would lose it silently"):
        convert(Tensor(X, requires_grad=True))
    np.testing.assert_array_equal(convert(Tensor(X)), X)


def test_functions_of_others_are_refused():
    """A function from elsewhere that follows NumPy's protocols is refused by its name."""
    foreign = np.frompyfunc(abs, 1, 1)
    with pytest.raises(TypeError, match="abs.* is not an operation that microgradnn can differentiate"):
        foreign(Tensor(X))


class Left(Observer):
    """Notes how values leave the graph."""

    def __init__(self):
        self.ways = []

    def leave(self, node, way):
        self.ways.append(way)


def test_leaving_by_a_function_about_values_is_told():
    """Functions and methods that give plain arrays tell so, once for each Tensor, also of those in a tuple."""
    x = Tensor(X, requires_grad=True)
    with Left() as left:
        np.unique(x)
        np.histogramdd((x[0], x[1]), 2)
        x.argmax()
        x.tolist()
    assert left.ways == ["np.unique()", "np.histogramdd()", "np.histogramdd()", ".argmax()", ".tolist()"]
