"""The graph: nodes, numbers among their inputs, operations of one's own, and what is recorded when."""

import re
import threading
import weakref
from contextlib import nullcontext, suppress

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from messages import W, message
from networks import leaf
from op_table import TABLE

from microgradnn import Op, Tensor, grad, no_grad, norm, stack, where


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


def test_constants_are_not_kept(without_collector):
    """Without a gradient to compute, nothing is recorded, and no input is kept alive."""
    x = Tensor([1.0])
    inner = x * 2
    alive = weakref.ref(inner)
    outer = inner + 1
    assert outer.op is None and outer.inputs == ()
    del inner
    assert alive() is None


def test_no_grad_records_nothing():
    """Inside no_grad, results are constants; outside again, they are recorded."""
    x = leaf(2.0)
    with no_grad():
        assert not (x * x).requires_grad
        with no_grad():
            pass
        assert not (x * x).requires_grad
    assert (x * x).requires_grad


def test_no_grad_ends_with_an_exception():
    """An exception inside leaves the switch as it was, at each level."""
    x = leaf(2.0)
    with no_grad():
        with pytest.raises(ZeroDivisionError), no_grad():
            raise ZeroDivisionError
        assert not (x * x).requires_grad
    assert (x * x).requires_grad


def test_no_grad_as_a_decorator():
    """A decorated function records nothing, at every call, and keeps its name."""

    @no_grad()
    def predict(x):
        """Predict."""
        return x * x

    x = leaf(2.0)
    assert not predict(x).requires_grad
    assert not predict(x).requires_grad
    assert (x * x).requires_grad
    assert (predict.__name__, predict.__doc__) == ("predict", "Predict.")


def test_no_grad_holds_for_its_thread_only():
    """While one thread records nothing, another records, and the other way round."""
    x, seen = leaf(2.0), {}
    inside, looked = threading.Event(), threading.Event()

    def without():
        with no_grad():
            inside.set()
            looked.wait(10)
            seen["without"] = (x * x).requires_grad

    thread = threading.Thread(target=without)
    thread.start()
    assert inside.wait(10)
    seen["with"] = (x * x).requires_grad
    looked.set()
    thread.join()
    assert seen == {"with": True, "without": False}


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


def wrong_data(data):
    """A parameter whose values were set to this."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    w.data = data
    return w


TWO = Tensor([1.0, 2.0], requires_grad=True)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize(
    ("data", "way"),
    [
        (lambda: [3.0, 4.0], r"a list\.\n.*np\.array"),
        (lambda: (3.0, 4.0), r"a tuple\.\n.*np\.array"),
        (lambda: "ab", r"a str\.\n.*np\.array"),
        (lambda: Tensor([3.0, 4.0]), r"a Tensor\.\n.*\.data = tensor\.data"),
        (lambda: TWO * 2, r"a Tensor\.\n.*\.data = tensor\.data"),
        (lambda: np.ma.masked_array([3.0, 4.0], [0, 1]), r"a MaskedArray\.\n.*np\.asarray"),
        (lambda: np.matrix([[3.0, 4.0]]), r"a matrix\.\n.*np\.asarray"),
    ],
)
@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize(
    "compute",
    [lambda w: w * 2, lambda w: 3 * w, lambda w: w + w, lambda w: 2.0 - w, lambda w: w + TWO, lambda w: w @ w, lambda w: w**2],
)
def test_values_that_are_no_array(data, way, recorded, compute):
    """What `.data` was set to is found where it is used: right, as NumPy reads it, or refused by its name; never repeated."""
    w, expected = wrong_data(data()), None
    with suppress(Exception):
        values = np.asarray(w.data.data if isinstance(w.data, Tensor) else w.data, float)
        expected = compute(Tensor(values, requires_grad=True)).data
    with nullcontext() if recorded else no_grad():
        try:
            z = compute(w)
        except TypeError as error:
            assert re.search(rf"cannot be computed: \.data of 'w' was set to {way}", str(error))
        else:
            assert type(z.data) is np.ndarray or isinstance(z.data, np.generic)
            assert isinstance(w.data, (list, tuple))
            np.testing.assert_array_equal(z.data, expected)


UNFIT = {  # what `.data` may be set to, made of an array of numbers
    "a mask": lambda x: np.ma.masked_array(x, np.arange(x.size).reshape(x.shape) % 2 == 0),
    "a matrix": np.matrix,
    "a list": lambda x: x.tolist(),
    "a tensor": Tensor,
}


@pytest.mark.filterwarnings("ignore:the matrix subclass", "ignore::RuntimeWarning")  # of what is masked
@pytest.mark.parametrize("kind", UNFIT)
@settings(max_examples=60)
@given(row=st.sampled_from([*TABLE.values()]), data=st.data())
def test_no_operation_takes_what_is_no_array(kind, row, data):
    """Every operation refuses a mask; of a matrix, which multiplies otherwise, a list or a Tensor all is refused or right."""
    op, arrays = data.draw(row.cases)
    fitting = [i for i, x in enumerate(arrays) if x.ndim and (kind != "a matrix" or x.ndim == 2)]
    assume(fitting)
    at = data.draw(st.sampled_from(fitting))
    inputs = [Tensor(x) for x in arrays]
    inputs[at].data = UNFIT[kind](arrays[at])
    try:
        z = op(*inputs)
    except TypeError as error:
        assert "cannot be computed: .data of a Tensor was set to" in str(error)
    else:
        assert kind != "a mask"
        np.testing.assert_array_equal(z.data, op(*arrays), strict=True)


@pytest.mark.parametrize("data", [np.array([1.0, 2.0], object), np.array([1, 2], "m8[s]"), np.array(["a", "b"])], ids=repr)
@pytest.mark.parametrize("compute", [lambda w: w.sum(), lambda w: (TWO * w).sum(), lambda w: w @ TWO, lambda w: w[1]])
def test_elements_that_are_no_numbers(data, compute):
    """Where `.data` was set to an array of objects, times or text, no gradient comes out, and the message says why."""
    w = wrong_data(data)
    with pytest.raises(
        TypeError, match=r"Its elements are .*\. Set it to an array of numbers: \.data = data\.astype\(float\)\."
    ):
        compute(w).backward()
    assert w.grad is None


@pytest.mark.parametrize("data", [np.array([3, 4]), np.array([True, False])], ids=repr)
def test_whole_numbers_have_no_gradient(data):
    """A gradient that `.data` of whole numbers would round is refused, also where they were converted on the way."""
    w = wrong_data(data)
    for compute in ((w * 0.5).sum, lambda: norm(w), w.std):
        with pytest.raises(TypeError, match="that requires a gradient: rounded to"):
            compute().backward()
    assert w.grad is None


@pytest.mark.parametrize(
    "use",
    [
        *(lambda w: w.sum(), lambda w: w.reshape(2, 1), lambda w: w.softmax(), lambda w: w.mean(), lambda w: w.T),
        *(lambda w: w.shape, lambda w: w.size, lambda w: w.dtype, lambda w: w.item(), lambda w: stack([w, w]).sum().backward()),
        *(lambda w: (w + np.ones(2)).sum().backward(), lambda w: grad((w + TWO).sum(), w), lambda w: (w @ [1, 2]).backward()),
    ],
)
@pytest.mark.parametrize("data", [[3.0, 4.0], (3.0, 4.0)])
def test_lists_are_no_values(use, data):
    """Whatever needs an array where `.data` was set to a list says so, the backward pass too: no AttributeError comes out."""
    with pytest.raises(TypeError, match=r"cannot be computed: \.data of 'w' was set to a (list|tuple)\.\nSet it to an array"):
        use(wrong_data(data))


def test_values_that_are_repeated_by_python():
    """A list times 2 is twice as long: refused for one operand, two, and several."""
    for compute in (lambda w: w * 2, lambda w: w + w, lambda w: -w):
        with pytest.raises(TypeError, match=r"\.data of 'w' was set to a list"):
            compute(wrong_data([3.0, 4.0]))
    with pytest.raises(TypeError, match=r"\.data of 'w' was set to a Tensor"):
        stack([wrong_data(Tensor([3.0, 4.0])), TWO])


@pytest.mark.parametrize(
    "other",
    [
        np.timedelta64(1, "s"),
        np.array([1], "m8[s]"),
        np.datetime64("2020-01-01"),
        "a",
        ["a"],
        np.array([(1.0,)], [("a", float)]),
    ],
    ids=repr,
)
@pytest.mark.parametrize("compute", [np.multiply, np.add, np.maximum, lambda x, y: where(x > 0, x, y)])
def test_operands_that_are_no_numbers(other, compute):
    """Times, dates, text and records beside a Tensor are refused: NumPy would compute with some, and round what it gets."""
    x = Tensor([2.7], requires_grad=True)
    for operands in ((x, other), (other, x)) if isinstance(compute, np.ufunc) else ((x, other),):
        with pytest.raises(TypeError, match="^A Tensor is computed with numbers; the other operand was "):
            compute(*operands)
