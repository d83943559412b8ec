"""Error messages, word for word: each names what was computed, on what, and the way out, and keeps NumPy's type."""

import numpy as np
import pytest

from microgradnn import Op, Tensor, affine, backward_steps, concatenate, grad, no_grad, stack, step_through, where

AxisError = np.exceptions.AxisError


def leaf(x, **parameters):
    return Tensor(x, requires_grad=True, **parameters)


W = leaf(np.ones((2, 3)), name="W")
b = Tensor(np.ones(4), name="b")


def message(error, function):
    """What `function` says when it raises exactly this type of error."""
    with pytest.raises(error) as raised:
        function()
    assert raised.type is error
    return str(raised.value)


def test_a_tensor_of_a_tensor():
    """A Tensor made of another one's values would cut the graph silently."""
    h = (W * 2).named("h")
    assert message(TypeError, lambda: Tensor(h, name="hidden")) == (
        "'h' of shape (2, 3) is a Tensor already, and a new one of its values would not be connected with it.\n"
        'For another name: tensor.named("h"). For the values alone, without their history: tensor.detach().'
    )
    assert Tensor(h.detach(), requires_grad=True).is_leaf


@pytest.mark.parametrize("join", [concatenate, stack])
def test_joined_without_a_list(join):
    """Arrays to join come as one list."""
    said = message(TypeError, lambda: join(W, W))
    assert said == f"{join.__name__} takes what it joins as one list, and then the axis: {join.__name__}([a, b], axis=0)."
    assert join(x for x in (W, W)).requires_grad


def test_what_is_no_tensor_to_begin_with():
    """A backward pass begins at a Tensor."""
    for begin in (backward_steps, step_through):
        assert message(TypeError, lambda begin=begin: begin(3)).startswith(
            "A backward pass begins at a Tensor, usually a loss;"
        )


# Shapes and axes


def test_shapes_that_do_not_broadcast():
    """Both operands are named with their shapes, on whichever side the Tensor is."""
    way_out = (
        "Counted from the last axis, two lengths must be equal or one of them 1: insert an axis with expand_dims, or reshape."
    )
    assert message(ValueError, lambda: W + b) == (
        f"add cannot be computed for x = 'W' of shape (2, 3), y = 'b' of shape (4,): the shapes do not broadcast.\n{way_out}"
    )
    assert message(ValueError, lambda: np.ones(4) * (W * 2)) == (
        "multiply cannot be computed for x = a Tensor of shape (4,), y = a Tensor of shape (2, 3): "
        f"the shapes do not broadcast.\n{way_out}"
    )
    assert message(ValueError, lambda: where(W > 0, W, b)) == (
        "where cannot be computed for mask = a Tensor of shape (2, 3), x = 'W' of shape (2, 3), y = 'b' of shape (4,): "
        f"the shapes do not broadcast.\n{way_out}"
    )


def test_matrices_that_do_not_fit():
    """A product says which axes must agree."""
    assert message(ValueError, lambda: W @ b) == (
        "matmul cannot be computed for x = 'W' of shape (2, 3), y = 'b' of shape (4,): the shapes do not fit.\n"
        "The last axis of x must be as long as the second-to-last axis of y (its only one if y is 1-D): transpose one of them?"
    )
    assert message(ValueError, lambda: W @ 2) == (
        "matmul cannot be computed for x = 'W' of shape (2, 3), y = the number 2: a number has no axis to sum over.\n"
        "Use * instead of @."
    )


@pytest.mark.parametrize(
    ("W", "b", "said"),
    [
        (np.ones(2), 3.0, "W = an array of shape (2,), b = the number 3.0"),
        (np.ones((2, 2)), np.ones(3), "W = an array of shape (2, 2), b = an array of shape (3,)"),
    ],
)
def test_affine_of_what_does_not_fit(W, b, said):
    """affine names its matrix and its bias, and says which shapes they should have."""
    text = message(ValueError, lambda: affine(leaf([1.0, 2.0]), W, b))
    assert text.startswith(f"affine(x, W, b) cannot be computed for {said}: the shapes do not fit.\n")
    assert "b has one number for each output" in text


def test_reshape_to_another_number_of_elements():
    """The lengths asked for are in the message."""
    assert message(ValueError, lambda: W.reshape(4, 2)) == (
        "reshape(shape=(4, 2)) cannot be computed for x = 'W' of shape (2, 3): a reshape keeps the number of elements.\n"
        "One of the new lengths may be -1; it follows from the others."
    )


def test_joining_what_does_not_fit():
    """concatenate and stack name every operand and point to each other."""
    x = Tensor(np.ones((3, 2)))
    assert message(ValueError, lambda: concatenate([W, x])) == (
        "concatenate(axis=0, ends=[2, 5]) cannot be computed for x1 = 'W' of shape (2, 3), x2 = a Tensor of shape (3, 2): "
        "all lengths must agree, except along the axis where they are joined."
    )
    assert message(ValueError, lambda: concatenate([W, b])) == (
        "concatenate(axis=0, ends=[2, 6]) cannot be computed for x1 = 'W' of shape (2, 3), x2 = 'b' of shape (4,): "
        "all must have the same number of axes.\nexpand_dims gives one more; stack joins along a new axis."
    )
    assert message(AxisError, lambda: concatenate([W, W], axis=2)) == (
        "concatenate(axis=2) cannot be computed for 'W' of shape (2, 3), 'W' of shape (2, 3): the axis must be there already.\n"
        "stack puts arrays side by side along a new one."
    )
    assert message(ValueError, lambda: stack([W, b])) == (
        "stack(axis=0, count=2) cannot be computed for x1 = 'W' of shape (2, 3), x2 = 'b' of shape (4,): "
        "all must have one shape.\nconcatenate joins unequal lengths."
    )


def test_axes_that_are_not_there():
    """A wrong axis is NumPy's AxisError, with the operation and its operand."""
    assert message(AxisError, lambda: W.sum(axis=2)) == (
        "sum(axis=2, keepdims=False) cannot be computed for x = 'W' of shape (2, 3): "
        "axis 2 is out of bounds for array of dimension 2"
    )
    assert message(AxisError, lambda: W.swapaxes(0, 3)) == (
        "swapaxes(0, 3) cannot be computed for x = 'W' of shape (2, 3): it has 2 axes."
    )
    assert message(ValueError, lambda: W.transpose(0)) == (
        "transpose(axes=(0,)) cannot be computed for x = 'W' of shape (2, 3): each axis must be given once.\n"
        "Give as many axes as there are, or none to reverse them all."
    )


def test_index_out_of_bounds():
    """An index error is NumPy's, with the index and the Tensor."""
    assert message(IndexError, lambda: W[0, 5]) == (
        "getitem(index=(0, 5)) cannot be computed for x = 'W' of shape (2, 3): index 5 is out of bounds for axis 1 with size 3"
    )


# Differentiation


def test_backward_from_several_numbers():
    """backward() on what is not one number asks for a loss or an upstream gradient."""
    assert message(ValueError, (W * 2).named("z").backward) == (
        "The output, 'z' of shape (2, 3), is not one number, so it has no single gradient.\n"
        "Reduce it to a loss, with .sum() or .mean(), or give the upstream gradient: backward(dz) with dz of this shape."
    )


def test_backward_from_what_was_not_recorded():
    """With nothing to differentiate, backward() and grad() say how there would be."""
    words = (
        "There is nothing to differentiate: {} was computed from nothing that requires a gradient.\n"
        "Make a parameter with Tensor(..., requires_grad=True), and compute the output outside of no_grad()."
    )
    assert message(RuntimeError, b.sum().backward) == words.format("a Tensor of shape ()")
    assert message(RuntimeError, lambda: grad(b, W)) == words.format("'b' of shape (4,)")
    with no_grad():
        L = W.sum().named("L")
    assert message(RuntimeError, L.backward) == words.format("'L' of shape ()")


def test_an_upstream_gradient_of_another_shape():
    """The two shapes that should agree are in the message."""
    assert message(ValueError, lambda: W.sum(axis=0).backward([1.0])) == (
        "The upstream gradient has shape (1,), but the output is a Tensor of shape (3,).\n"
        "∂L/∂z has the shape of z: one number for each element."
    )


def test_a_gradient_with_respect_to_something_unused():
    """grad() of what does not depend on a Tensor is an error, not 0."""
    unused = leaf(1.0, name="unused")
    assert message(ValueError, lambda: grad(W.sum().named("L"), [W, unused])) == (
        "The output, 'L' of shape (), does not depend on 'unused' of shape (), or not through anything recorded.\n"
        "Was it made with requires_grad=True, before the output was computed, and outside of no_grad()?"
    )


@pytest.mark.parametrize(
    ("data", "dtype", "called"),
    [
        (np.arange(3), None, "int64"),
        ([1, 2], int, "int64"),
        ([True], None, "bool"),
        (["a"], None, "<U1"),
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


def test_a_gradient_through_whole_numbers():
    """What requires a gradient cannot be made into whole numbers on the way."""
    assert message(TypeError, lambda: W.astype("int64")) == (
        "'W' of shape (2, 3) requires a gradient, which int64 cannot carry: it does not change by a little.\n"
        "On values alone it works: tensor.numpy().astype(dtype)."
    )


# Values in place, and NumPy


def test_assignment_into_a_tensor():
    """What others were computed from cannot be changed under their feet."""

    def assign():
        W[0] = 1

    assert message(TypeError, assign) == (
        "'W' of shape (2, 3) cannot be changed in place: what was computed from it would not know.\n"
        "Build the new values with where(mask, x, y) or concatenate, or change .data before anything is computed."
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
    assert message(TypeError, lambda: np.unique(W)) == message(TypeError, lambda: np.median(W)).replace("median", "unique")
    assert message(TypeError, lambda: np.median(W)) == (
        "np.median is not an operation that microgradnn can differentiate.\n"
        "On values alone it works: give it tensor.numpy(). Or write it as an Op: one forward, one vjp per input."
    )


def test_a_parameter_of_numpys_that_ours_has_not():
    """The function that is called, and what it does not take."""
    assert message(TypeError, lambda: np.sum(W, dtype=float)) == (
        "np.sum with a Tensor calls microgradnn.sum: got an unexpected keyword argument 'dtype'."
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


# Operations of one's own


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (np.ones(2), "an array of shape (2,)."),
        (np.ones((1, 3)), "an array of shape (1, 3)."),
        (np.float64(1), "an array of shape ()."),
        (np.ones((3, 2)), "an array of shape (3, 2)."),
        (2.0, "2.0: an array is due, such as dz * 2.0."),
        (None, "None: is its return missing?"),
    ],
    ids=["axis missing", "row", "scalar", "transposed", "number", "None"],
)
def test_a_vjp_that_returns_something_else(returned, words):
    """A rule whose result cannot be the gradient of its input is named, with what it returned."""

    class Twice(Op):
        def forward(self, x):
            return 2 * x

        def dx(self, dz, z, x):
            return returned

        vjps = (dx,)

    assert message(ValueError, Twice()(W).sum().backward) == (
        f"The vjp of twice for an input of shape (2, 3) returned {words}\n"
        "∂L/∂x has the shape of x, or one that x broadcasts to: the backward pass sums it over what was repeated."
    )
    assert W.grad is None


@pytest.mark.parametrize("vjps", [(), len, (len, len)], ids=["none", "no tuple", "too many"])
def test_an_operation_without_one_vjp_for_each_operand(vjps):
    """`vjps = dx,` forgotten, or without its comma, is an error where the class is written, and no missing gradient."""
    assert message(TypeError, lambda: type("Twice", (Op,), {"forward": lambda self, x: 2 * x, "vjps": vjps})) == (
        "Twice.forward takes x, so the class needs one vjp for each, in this order:\n"
        "    vjps = dx,\n"
        "None stands for an operand that has no derivative."
    )


def test_an_operation_without_forward():
    """It says which method is missing."""

    class Nothing(Op):
        pass

    assert message(NotImplementedError, lambda: Nothing()(W)) == ("Nothing needs a method forward(self, x, ...) that returns z")


def test_a_gradient_for_an_operand_without_rule():
    """An operand whose vjp is None gets no gradient: the message says which, and the way out."""

    class Pick(Op):
        """z = x, whatever y is"""

        def forward(self, x, y):
            return x * 1

        def dx(self, dz, z, x, y):
            return dz

        vjps = dx, None

    y = leaf(2.0, name="y")
    assert message(TypeError, lambda: Pick()(leaf(1.0), y).backward()) == (
        "pick has no derivative with respect to 'y' of shape (), which requires a gradient: its vjp there is None.\n"
        "Give it x.detach() in place of x, or write the vjp."
    )
    assert y.grad is None


def test_an_exception_that_takes_more_than_a_message():
    """What cannot be made anew from a message keeps its type, and gets the message as a note."""

    class Two(ValueError):
        def __init__(self, one, other):
            super().__init__(one, other)

    class Fails(Op):
        """z = nothing"""

        def forward(self, x):
            raise Two(1, 2)

        def dx(self, dz, z, x):
            return dz

        vjps = (dx,)

    with pytest.raises(Two) as caught:
        Fails()(leaf(1.0, name="x"))
    assert caught.value.__notes__[0].startswith("fails cannot be computed for x = 'x' of shape ()")


@pytest.mark.parametrize(("shape_W", "shape_b"), [((3,), (2,)), ((2, 3, 2), (2,)), ((3, 2), (3,)), ((3, 2), (4, 2))])
def test_affine_refuses_what_is_no_layer(shape_W, shape_b):
    """affine takes a matrix W, and one number for each output or one for all: another b would make the result larger."""
    W, b = Tensor(np.ones(shape_W), requires_grad=True, name="W"), np.ones(shape_b)
    with pytest.raises(ValueError, match=r"^affine\(x, W, b\) cannot be computed for W = 'W'(.|\n)*a row for each input"):
        affine(np.ones(3), W, b)
    assert affine(np.ones(3), Tensor(np.ones((3, 2))), np.ones(1)).shape == (2,)
