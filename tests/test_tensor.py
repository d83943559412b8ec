"""Tensor: what it is made from, Python's operators, NumPy's protocols, indexing, dtypes and display.

All of these only reach an operation; whether its rules are right is for test_ops.py.
"""

import copy
import operator
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import generators, indices, real, shapes

import microgradnn
from microgradnn import Tensor, backward_steps, grad, no_grad
from microgradnn.graph import reachable

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
X = np.array([1.0, 2.0, 4.0])
OTHERS = [2, 2.5, True, np.float64(3), np.int64(3), X, X.astype(int), [1.0, 2.0, 3.0], [3, 2, 1], Tensor(X)]


def leaf(x, **parameters):
    return Tensor(x, requires_grad=True, **parameters)


# What it is made from


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1, "float64"),
        ([1, 2], "float64"),
        ([[1], [2]], "float64"),
        (1.5, "float64"),
        (True, "bool"),
        (np.float32(1), "float32"),
        (np.int64(1), "int64"),
        (np.arange(3), "int64"),
        (np.ones(2, np.float32), "float32"),
        (np.ones(2, np.float16), "float16"),
        (Tensor([1]), "float64"),
    ],
)
def test_dtype_of_what_is_given(data, dtype):
    """Lists and whole numbers become float64; what comes from NumPy keeps its dtype; one that is asked for is taken."""
    assert Tensor(data).dtype == dtype
    assert Tensor(data, dtype="float32").dtype == np.float32


def test_a_parameter_copies_its_data_and_a_constant_shares_it():
    """Training changes a parameter in place, which must not reach the array it was made from."""
    array = X.copy()
    parameter, constant = leaf(array), Tensor(array)
    assert not np.shares_memory(parameter.data, array)
    assert np.shares_memory(constant.data, array)
    parameter.data += 1
    np.testing.assert_array_equal(array, X)


def test_what_it_says_of_itself():
    """shape, ndim, size, len, T, is_leaf and name are those of the array, the graph and the user."""
    x = leaf(np.ones((2, 3)), name="x")
    assert (x.shape, x.ndim, x.size, len(x), x.T.shape, x.name) == ((2, 3), 2, 6, 2, (3, 2), "x")
    assert x.is_leaf and not x.T.is_leaf
    assert (x * 2).named("double").name == "double"


def test_values_without_the_graph():
    """numpy() and detach() share the memory and record nothing; item(), float() and int() give Python numbers."""
    z = leaf(X) * 2
    assert z.numpy() is z.data
    detached = z.named("z").detach()
    assert np.shares_memory(detached.data, z.data)
    assert detached.is_leaf and not detached.requires_grad and detached.name == "z"
    assert type(z[0].item()) is float and z[0].item() == float(z[0]) == int(z[0]) == 2
    assert leaf([[5.0]]).item() == 5


# Python's operators


@pytest.mark.parametrize("apply", OPERATORS, ids=[apply.__name__ for apply in OPERATORS])
@pytest.mark.parametrize("other", OTHERS, ids=repr)
def test_operators_with_anything_on_either_side(apply, other):
    """Numbers, NumPy scalars, arrays, lists and Tensors work on the left and on the right, as they do with an array."""
    x, values = leaf(X), np.asarray(other.data if isinstance(other, Tensor) else other)
    for z, expected in [(apply(x, other), apply(X, values)), (apply(other, x), apply(values, X))]:
        assert type(z) is Tensor
        np.testing.assert_array_equal(z.data, expected)
        assert grad(z.sum(), x).shape == x.shape


def test_matmul_on_either_side():
    """@ takes lists and arrays on either side too."""
    x = leaf(np.eye(3))
    for z in (x @ X, X @ x, x @ X.tolist(), X.tolist() @ x, np.matmul(X, x), x @ Tensor(X), Tensor(X) @ x):
        assert type(z) is Tensor and z.requires_grad
        np.testing.assert_array_equal(z.data, X)


def test_signs_and_python_functions():
    """-x, +x, abs(x) and sum(tensors) are operations too."""
    x = leaf([-1.0, 2.0])
    np.testing.assert_array_equal((-x).data, [1, -2])
    np.testing.assert_array_equal((+x).data, x.data)
    np.testing.assert_array_equal(abs(x).data, [1, 2])
    assert sum(x).item() == 1
    assert all(z.requires_grad for z in (-x, +x, abs(x), sum(x)))


@pytest.mark.parametrize("apply", OPERATORS, ids=[apply.__name__ for apply in OPERATORS])
def test_python_numbers_keep_single_precision(apply):
    """float32 with a Python number stays float32, on either side; with float64 from NumPy it becomes float64."""
    x = leaf(X.astype(np.float32))
    assert apply(x, 2).dtype == apply(2, x).dtype == apply(x, 2.5).dtype == apply(2.5, x).dtype == np.float32
    assert apply(x, X).dtype == apply(X, x).dtype == apply(x, np.float64(2)).dtype == np.float64


def test_comparisons_give_arrays():
    """Comparisons are NumPy's, element by element, with anything on either side; they have no derivative."""
    x, y = leaf(X), np.array([4.0, 2.0, 1.0])
    for compare in (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge):
        for other in (y, Tensor(y), y.tolist(), 2):
            values = other.data if isinstance(other, Tensor) else other
            for compared, expected in [(compare(x, other), compare(X, values)), (compare(other, x), compare(values, X))]:
                assert type(compared) is np.ndarray and compared.dtype == bool
                np.testing.assert_array_equal(compared, expected)


def test_truth():
    """The truth of one number is Python's; of several, NumPy's refusal."""
    assert Tensor(2.0) and not Tensor(0.0)
    with pytest.raises(ValueError, match="ambiguous"):
        bool(Tensor(X))


def test_sets_and_dicts_go_by_identity():
    """Tensors of equal values are different members of a set, and different keys."""
    x, y = Tensor(1.0), Tensor(1.0)
    assert len({x, y, x}) == 2
    assert {x: "x", y: "y"}[x] == "x"
    assert hash(x) == hash(x)


def test_iteration_gives_recorded_rows():
    """Looping over a Tensor, and unpacking one, give its rows, recorded; a number has none."""
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    first, second = x
    (first * second).sum().backward()
    np.testing.assert_array_equal(x.grad, [[3, 4], [1, 2]])
    for z in (Tensor(1.0), leaf(1.0) * 2):
        with pytest.raises(TypeError):
            iter(z)
        with pytest.raises(TypeError):
            len(z)


# NumPy's protocols


def test_numpy_functions_take_keywords():
    """axis and keepdims reach the operation."""
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(np.sum(x, axis=0, keepdims=True).data, [[4, 6]])
    np.testing.assert_array_equal(np.max(x, axis=1).data, [2, 4])
    np.testing.assert_array_equal(np.concatenate([x, x], axis=1).shape, (2, 4))


def test_an_array_on_the_left_leaves_the_work_to_the_tensor():
    """ndarray ∘ Tensor is one recorded Tensor, and no array of Tensors."""
    x = leaf(2.0)
    z = X * x
    assert type(z) is Tensor and z.shape == (3,)
    assert type(np.float32(3) * x) is Tensor


def test_questions_about_values_give_plain_answers():
    """NumPy functions that ask about values answer in plain arrays."""
    x = leaf(X)
    assert np.allclose(x, X) and np.array_equal(x, x)
    assert type(np.isnan(x)) is type(np.signbit(x)) is type(np.ones_like(x)) is np.ndarray
    assert np.argmax(x) == 2 and np.shape(x) == (3,) and np.ndim(x) == 1


def test_a_constant_is_an_array_to_numpy():
    """np.asarray of a constant gives its values; what needs a gradient refuses, since it would lose it silently."""
    np.testing.assert_array_equal(np.asarray(Tensor(X)), X)
    assert np.asarray(Tensor(X), dtype=np.float32).dtype == np.float32
    with pytest.raises(TypeError, match="requires a gradient; as a plain array it would lose it silently"):
        np.asarray(leaf(X))


# Indexing


@given(st.data())
def test_indexing_is_numpys(data):
    """x[index] is what NumPy says, for every kind of index, and its gradient counts how often each element was picked."""
    shape = data.draw(shapes())
    array, index = real(shape, data.draw(generators)), data.draw(indices(shape))
    x = leaf(array)
    z = x[index]
    np.testing.assert_array_equal(z.data, array[index])
    z.backward(np.ones(z.shape))
    positions = np.arange(array.size).reshape(shape)[index]
    np.testing.assert_array_equal(x.grad.ravel(), np.bincount(np.ravel(positions), minlength=array.size))


def test_tensors_as_indices():
    """A Tensor of whole numbers or of booleans indexes as its values do, alone or in a tuple."""
    x, rows, mask = leaf(np.eye(3)), Tensor(np.array([2, 0])), Tensor([True, False, True])
    np.testing.assert_array_equal(x[rows].data, np.eye(3)[[2, 0]])
    np.testing.assert_array_equal(x[mask].data, np.eye(3)[[0, 2]])
    np.testing.assert_array_equal(x[rows, mask].data, np.eye(3)[[2, 0], [0, 2]])
    np.testing.assert_array_equal(x[x > 0].data, [1, 1, 1])


# Display


@pytest.mark.parametrize(
    ("tensor", "shown"),
    [
        (Tensor(1.0), "Tensor(1.)"),
        (Tensor([1.0, 2.5], name="x"), "Tensor([1. , 2.5], name='x')"),
        (leaf([1.0]), "Tensor([1.], requires_grad=True)"),
        (leaf([1.0]) * 2, "Tensor([2.], op=multiply)"),
        (Tensor(np.ones(2, np.float32)), "Tensor([1., 1.], dtype=float32)"),
        (Tensor(1 / 3), "Tensor(0.3333)"),
        (Tensor(np.ones((1000, 1000))), "Tensor(shape=(1000, 1000))"),
        (leaf(np.ones(100), name="W"), "Tensor(shape=(100,), name='W', requires_grad=True)"),
        (Tensor([]), "Tensor([])"),
    ],
    ids=lambda parameter: "" if isinstance(parameter, Tensor) else parameter,
)
def test_display(tensor, shown):
    """A Tensor shows its values if they are few, else its shape, and what made it."""
    assert repr(tensor) == shown


def test_every_operation_of_one_tensor_is_a_method():
    """x.tanh() is tanh(x), and so on for each operation whose first parameter is x."""
    x = leaf([[0.5, 1.0]])
    for name in ("tanh", "exp", "log", "sqrt", "sigmoid", "relu", "sum", "mean", "softmax", "logsumexp", "squeeze"):
        np.testing.assert_array_equal(getattr(x, name)().data, getattr(microgradnn, name)(x).data)


def test_a_format_is_that_of_the_number():
    """In an f-string a format is meant for the one number; without one the Tensor shows itself."""
    assert f"{Tensor(2.0):.3f}" == "2.000"
    assert f"{Tensor(2.0)}" == repr(Tensor(2.0))


def test_a_name_is_a_str():
    """Another name is refused at once, not where it is drawn."""
    with pytest.raises(TypeError, match=r"A Tensor's name is a str; it was given 3"):
        Tensor(1.0, name=3)


def test_numbers_among_inputs():
    """What is asked of every input of a node, and what makes it anew from them, does for a number as for a Tensor."""
    x = Tensor([1.0, 3.0], requires_grad=True)
    z = 2 * x
    two = z.inputs[0]
    assert (two.shape, two.ndim, two.size, two.dtype, two.item(), two.numpy().tolist()) == ((), 0, 1, np.int64, 2, 2)
    assert two.T is two  # as the transpose of any number
    again = z.op(*z.inputs)
    assert again.numpy().tolist() == [2, 6]
    again.sum().backward()
    assert x.grad.tolist() == [2, 2]
    assert again.inputs == z.inputs


def test_copies_of_graphs_with_numbers():
    """Copies and pickles of a graph keep its numbers, and go back to the same gradients."""
    x = Tensor(np.float32(1.5), requires_grad=True, name="x")
    L = ((2 * x + 1) ** 2 / (3 - x)).named("L")
    L.backward()
    for other in (copy.deepcopy(L), pickle.loads(pickle.dumps(L))):
        other.backward()
        leaf = next(node for node in reachable(other) if node.name == "x")
        assert (leaf.grad, leaf.grad.dtype) == (2 * x.grad, np.float32)
        assert backward_steps(other)[0].arithmetic == backward_steps(L)[0].arithmetic


def test_a_parameter_is_not_updated_within_the_graph():
    """W -= ... of a leaf that requires a gradient would lose the leaf; it is refused, and the message shows how to update."""
    W = Tensor([1.0, 2.0], requires_grad=True, name="W")
    with pytest.raises(TypeError, match=r"^'W' of shape \(2,\) is a leaf(.|\n)*W\.data -= 0\.1 \* W\.grad"):
        W -= 0.1
    assert W.data.tolist() == [1, 2]


def test_updates_without_a_graph():
    """Within no_grad(), +=, -=, *=, /=, **= and @= change a parameter in place, so that an optimiser keeps it."""
    W = same = Tensor([1.0, 2.0], requires_grad=True)
    array = W.data
    with no_grad():
        W += 3
        W -= Tensor([1.0, 0.0])
        W *= 4
        W /= 2
        W **= 1
    assert W is same
    assert W.data is array
    assert array.tolist() == [6, 10]
    assert W.requires_grad
    assert W.is_leaf
    A = Tensor(np.eye(2), requires_grad=True)
    with no_grad():
        A @= [[1.0, 2.0], [3.0, 4.0]]
    assert A.requires_grad
    assert A.data.tolist() == [[1, 2], [3, 4]]


def test_assignment_with_an_operator_is_recorded():
    """Of a Tensor that is no parameter, z += x is z = z + x: what was computed from the old z keeps it."""
    x = Tensor(2.0, requires_grad=True)
    z = Tensor(1.0)
    z += x
    before = z
    z *= x
    z.backward()
    assert before.item() == 3
    assert x.grad == 5
