"""Tensor: what it is made from, comparisons, updates in place, NumPy's protocols, display, and what it refuses.

What reaches an operation is tested with that, in ops/.
"""

import operator

import numpy as np
import pytest
from messages import W, message
from networks import leaf

import microgradnn
from microgradnn import Tensor, no_grad

# What it is made from

X = np.array([1.0, 2.0, 4.0])


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


def test_methods_about_values_give_plain_answers():
    """Methods that NumPy's arrays have and that say something about values say it of Tensors, with NumPy's arguments."""
    array = np.array([[0.5, -2.0, 0.0], [3.0, 0.5, -1.0]])
    x = Tensor(array, requires_grad=True)
    for name in ("argmax", "argmin", "any", "all"):
        for options in ({}, {"axis": 1}, {"axis": 0, "keepdims": True}):
            np.testing.assert_array_equal(getattr(x, name)(**options), getattr(array, name)(**options), strict=True)
    np.testing.assert_array_equal(x.argsort(), array.argsort(), strict=True)
    np.testing.assert_array_equal(x.argsort(0, stable=True), array.argsort(0, stable=True), strict=True)
    assert x.tolist() == array.tolist() and x[0, 0].tolist() == 0.5
    np.testing.assert_array_equal(np.array(x.nonzero()), array.nonzero())
    assert type(x.flatten()) is type(x.mT) is Tensor and x.mT.shape == (3, 2) and x.flatten().shape == (6,)


def test_a_constant_is_an_array_to_numpy():
    """np.asarray of a constant gives its values; what needs a gradient refuses, since it would lose it silently."""
    np.testing.assert_array_equal(np.asarray(Tensor(X)), X)
    assert np.asarray(Tensor(X), dtype=np.float32).dtype == np.float32
    with pytest.raises(TypeError, match="requires a gradient; as a plain array it would lose it silently"):
        np.asarray(leaf(X))


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
        (Tensor(np.ones((1000, 1000))), "Tensor(shape=(1000, 1000), 1 … 1)"),
        (leaf(np.ones(100), name="W"), "Tensor(shape=(100,), 1 … 1, name='W', requires_grad=True, grad not computed)"),
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


def test_a_tensor_of_a_tensor():
    """A Tensor made of another one's values would cut the graph silently."""
    h = (W * 2).named("h")
    assert message(TypeError, lambda: Tensor(h, name="hidden")) == (
        "'h' of shape (2, 3) is a Tensor already, and a new one of its values would not be connected with it.\n"
        'For another name: tensor.named("h"). For the values alone, without their history: tensor.detach().'
    )
    assert Tensor(h.detach(), requires_grad=True).is_leaf


@pytest.mark.parametrize(
    ("data", "dtype", "called"),
    [
        (np.arange(3), None, "int64"),
        ([1, 2], int, "int64"),
        ([True], None, "bool"),
    ],
)
def test_a_gradient_for_what_cannot_change_by_a_little(data, dtype, called):
    """Only floating-point Tensors can require a gradient."""
    assert message(TypeError, lambda: leaf(data, dtype=dtype)) == (
        f"Tensor of dtype {called} cannot require a gradient: only floating-point values can change by a little.\n"
        "Give it a dtype: Tensor(..., dtype=float, requires_grad=True)."
    )
    assert message(TypeError, lambda: leaf(data, dtype=dtype, name="k")).startswith(f"Tensor 'k' of dtype {called} cannot")


@pytest.mark.parametrize("data", [None, [None, 1.0], [object()]])
def test_what_holds_no_numbers(data):
    """A Tensor of None, such as a gradient that was not computed, is refused."""
    assert message(TypeError, lambda: Tensor(data)) == f"A Tensor holds numbers; it was given {data!r}."


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        ("abc", "<U3"),
        (["a"], "<U1"),
        (b"ab", "|S2"),
        (np.array(["2020-01-01"], "M8[D]"), "datetime64[D]"),
        (np.timedelta64(3, "s"), "timedelta64[s]"),
        (np.zeros(2, [("a", float)]), "[('a', '<f8')]"),
        (np.void(b"ab"), "|V2"),
    ],
)
@pytest.mark.parametrize("requires_grad", [False, True])
def test_what_is_no_number(data, dtype, requires_grad):
    """Text, dates, times and structured arrays are refused with their dtype, as parameters and as constants."""
    said = message(TypeError, lambda: Tensor(data, requires_grad=requires_grad))
    assert said == f"A Tensor holds numbers; it was given {data!r}, of dtype {dtype}."


MASKED = np.ma.masked_array([[1.0, 2.0, 3.0]] * 2, mask=[[0, 1, 0]] * 2)


@pytest.mark.parametrize(
    "compute",
    [
        lambda: Tensor(MASKED),
        lambda: leaf(MASKED),
        lambda: W * MASKED,
        lambda: W - MASKED,
        lambda: microgradnn.where(W > 0, W, MASKED),
        lambda: microgradnn.concatenate([W, MASKED]),
    ],
)
def test_a_masked_array(compute):
    """A mask is not dropped silently, neither by a Tensor nor by an operation; the message says how to leave elements out."""
    assert message(TypeError, compute) == (
        "A Tensor has no mask; it was given a masked array of shape (2, 3), whose mask would be lost.\n"
        "Give it array.filled(0) or array.data, and leave elements out by where(mask, x, y) or x[mask]."
    )


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_matrix_is_an_array():
    """Of a numpy.matrix, * is by elements as that of every array."""
    matrix = np.matrix([[1.0, 2.0], [3.0, 4.0]])
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    for z in (x * matrix, x * Tensor(matrix)):
        assert z.data.tolist() == [[1, 4], [9, 16]]


def test_sorting_in_place():
    """An array's sort() works in place; a Tensor's is refused with the function that makes a new one, and x stays."""
    x = leaf([3.0, 1.0, 2.0], name="x")
    for sort in (x.sort, lambda: x.sort(axis=0), lambda: x.sort(-1)):
        assert message(TypeError, sort) == (
            "'x' of shape (3,) cannot be sorted in place: what was computed from it would not know.\n"
            "For a new Tensor with its elements in order: y = np.sort(x), or microgradnn.sort(x)."
        )
    assert np.sort(x).data.tolist() == [1, 2, 3]
    assert x.data.tolist() == [3, 1, 2]


def test_assignment_into_a_tensor():
    """What others were computed from cannot be changed under their feet."""

    def assign():
        W[0] = 1

    assert message(TypeError, assign) == (
        "'W' of shape (2, 3) cannot be changed in place: what was computed from it would not know.\n"
        "As a new Tensor: W = W.at[0].set(1)"
    )


def test_an_array_cannot_take_a_tensor_in_place():
    """array += tensor would lose the record."""

    def add_in_place():
        array = np.ones((2, 3))
        array += W

    assert message(TypeError, add_in_place) == (
        "np.add cannot write what comes from a Tensor into an array: it would not be recorded.\n"
        "Make a new Tensor: a = a + x in place of a += x, and no out=. To change values alone, use .data of both."
    )


def test_a_numpy_function_that_is_not_an_operation():
    """It says what to do instead: values, or an Op."""
    said = message(TypeError, lambda: np.i0(W))
    assert message(TypeError, lambda: np.linalg.eig(W)) == said.replace("i0", "linalg.eig")
    assert said == (
        "np.i0 is not an operation that microgradnn can differentiate.\n"
        "On values alone it works: give it tensor.numpy(). Or write it as an Op: one forward, one vjp per input."
    )


def test_every_ufunc_is_an_operation_or_says_that_it_is_none():
    """Each ufunc of NumPy's gives something for Tensors, or is refused by its name; so is one of another library."""
    others = [np.frompyfunc(lambda x: x, 1, 1), np.frompyfunc(lambda x, y: x, 2, 1)]
    refused = []
    for ufunc in {value for value in vars(np).values() if isinstance(value, np.ufunc)} | set(others):
        try:
            with np.errstate(all="ignore"):
                ufunc(*[leaf([[0.5, 0.25], [1.0, 2.0]] if ufunc.signature else [0.5, 0.25]) for _ in range(ufunc.nin)])
        except TypeError as error:
            refused.append(ufunc)
            called = "the ufunc <lambda> (vectorized)" if ufunc in others else f"np.{ufunc.__name__}"
            assert str(error).splitlines()[0] == f"{called} is not an operation that microgradnn can differentiate."
    assert {np.gcd, np.nextafter, *others} <= set(refused)
    assert message(TypeError, lambda: others[1].outer(W, W)).startswith("the ufunc <lambda> (vectorized).outer is not recorded")


def test_a_parameter_of_numpys_that_ours_has_not():
    """The function that is called, and what it does not take."""
    assert message(TypeError, lambda: np.var(W, mean=0.0)) == (
        "np.var with a Tensor calls microgradnn.var: got an unexpected keyword argument 'mean'."
    )
    assert message(TypeError, lambda: np.add.reduce(W)) == (
        "np.add.reduce is not recorded for Tensors; use an operation of microgradnn."
    )


def test_a_parameter_as_a_plain_array():
    """np.asarray of a parameter says how to get its values on purpose."""
    assert message(TypeError, lambda: np.asarray(W)) == (
        "'W' of shape (2, 3) requires a gradient; as a plain array it would lose it silently.\n"
        "Say so: .numpy() or .detach() give the values alone. To join Tensors, with their gradients: stack([a, b])."
    )


def test_item_of_several():
    """item() of more than one number says to index first."""
    assert message(ValueError, W.item) == "item() gives one number; this Tensor has shape (2, 3): index it first."
