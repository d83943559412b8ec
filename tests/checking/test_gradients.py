"""gradcheck itself: it passes what is right, fails what is wrong, and never passes where nothing is compared."""

import numpy as np
import pytest

from microgradnn import Op, Tensor, check_op, exp, gradcheck, relu, where
from microgradnn.errors import GradcheckError


def op_with(rule, forward=np.multiply):
    """z = x y, with another rule for x."""

    class Product(Op):
        """z = x y"""

        def forward(self, x, y):
            return forward(x, y)

        def dx(self, dz, z, x, y):
            return rule(dz, x, y)

        def dy(self, dz, z, x, y):
            return dz * x

        vjps = dx, dy

    return Product()


X, Y = np.array([[0.5, -1.0], [2.0, 0.25]]), np.array([[1.5, 0.7], [-0.4, 2.0]])


def test_what_is_right_passes():
    """Right gradients pass, at first and second order, for one input or several, alone or among constants."""
    assert gradcheck(exp, np.array([0.5, -1.0]), order=2)
    assert gradcheck(lambda x, y: (x @ y).tanh(), (X, Y), order=2)
    assert gradcheck(lambda x, y: x * y, (Tensor(X, requires_grad=True), Y))
    assert gradcheck(lambda x, i: x[i], (X, np.array([0, 0])))
    assert gradcheck(lambda x: x * 2, X, order=2)


def test_many_elements():
    """Where elements are many, random directions find what is wrong."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 30, 30))
    assert check_op(op_with(lambda dz, x, y: dz * y), x, y)
    with pytest.raises(GradcheckError, match="is wrong at element"):
        check_op(op_with(lambda dz, x, y: dz * y * 1.0005), x, y)


WRONG = {
    "sign": (lambda dz, x, y: -dz * y, "Every element has the wrong sign."),
    "factor": (lambda dz, x, y: 2 * dz * y, "Every element is 2 times what it should be"),
    "0.05 % off": (lambda dz, x, y: 1.0005 * dz * y, "Every element is 1.0005 times"),
    "transposed": (lambda dz, x, y: (dz * y).T, "It is the transpose of what it should be."),
    "dz squared": (lambda dz, x, y: dz * dz * y, "is wrong at element"),
    "not finite": (lambda dz, x, y: dz * y / 0.0, "It is not a finite number"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_rules_fail(wrong):
    """Each wrong rule fails, with what it looks like."""
    rule, cause = WRONG[wrong]
    with np.errstate(all="ignore"), pytest.raises(GradcheckError, match=cause):
        check_op(op_with(rule), X, Y)


def test_a_rule_that_is_wrong_at_second_order_only():
    """A rule that computes with plain values is right once, and wrong when it is differentiated again."""

    def unrecorded(dz, x, y):
        return dz * (y.numpy() if isinstance(y, Tensor) else y)

    assert check_op(op_with(unrecorded), X, Y, order=1)
    with pytest.raises(GradcheckError, match="gradient of product"):
        check_op(op_with(unrecorded), X, Y, order=2)


def test_the_report():
    """The message names function, input, element, received and expected."""
    with pytest.raises(GradcheckError) as caught:
        gradcheck(op_with(lambda dz, x, y: dz * y + np.array([[0, 0], [0, 1.0]])), (X, Y))
    lines = str(caught.value).splitlines()
    assert lines[0] == "Product: the gradient of input 0 is wrong at element [1, 1]."
    received, expected = (float(line.split()[1]) for line in lines[1:3])
    assert received - expected == pytest.approx(1)


@pytest.mark.parametrize(
    ("function", "at", "said"),
    [
        (lambda x: where(x.data > 1, x.sqrt(), 0.0).sum(), 0.0, "received nan\n(.|\n)*not a finite number(.|\n)*`with checked"),
        (lambda x: np.log(x).sum(), -1.0, "The function has no finite value near this element"),
    ],
)
def test_a_gradient_that_is_no_number(function, at, said):
    """Where gradient or function is NaN, that is what is said, and what finds the origin."""
    with np.errstate(invalid="ignore"), pytest.raises(GradcheckError, match=said):
        gradcheck(function, [np.array([at, 4.0])])


def test_a_kink_is_noticed():
    """At a kink, which no gradient is right at for certain, the message gives the slopes to both sides."""
    with pytest.raises(GradcheckError, match=r"cannot be held against differences(.|\n)*A kink: slope -?0 to the left, "):
        gradcheck(relu, np.array([1.0, 0.0]))


@pytest.mark.parametrize(
    ("function", "inputs", "message"),
    [
        (lambda x: x * 2, np.array([1, 2]), "no input is a floating-point array"),
        (lambda x: x * 2, np.zeros(0), "the value or an input is empty"),
        (lambda x, y: x * 2, (X, Y), "the value does not depend on input 1"),
        (lambda x: Tensor(3.0), X, "the value does not depend on input 0"),
        (lambda x: 3.0, X, "The function returned 3.0"),
    ],
)
def test_it_does_not_pass_where_nothing_is_compared(function, inputs, message):
    """A check that would compare nothing fails."""
    with pytest.raises(GradcheckError, match=message):
        gradcheck(function, inputs)


def test_float32_is_refused():
    """In float32 the differences are mostly rounding; the message says what to do."""
    with pytest.raises(ValueError, match=r"^gradcheck needs float64; input 0 of exp is float32"):
        gradcheck(exp, np.ones(2, np.float32))


def test_a_rule_that_is_not_linear_in_dz():
    """A rule that is right for small upstream gradients and cuts off large ones is found by linearity."""
    cut = np.nextafter(abs(np.random.default_rng(0).normal(size=20)).max(), np.inf)
    with pytest.raises(GradcheckError, match=r"the vjp of input 0 is not linear in dz"):
        check_op(op_with(lambda dz, x, y: np.clip(dz, -cut, cut) * y), np.array(0.5), np.array(1.5), order=1)


class Cube(Op):
    """z = x³, with a factor missing in its rule"""

    def forward(self, x):
        return x * x * x

    def dx(self, dz, z, x):
        return dz * 3 * x

    vjps = (dx,)


def test_a_wrong_rule_is_shown():
    """The report on an operation ends with its rule, as it is written."""
    with pytest.raises(AssertionError, match=r"wrong at element(.|\n)*The rule: dx = dz \* 3 \* x$"):
        check_op(Cube(), np.array([1.0, 2.0, 3.0]))


def changing(which):
    """z = x y, where one function writes into one of the arrays that it is given, and gives the right result."""
    where, letter = which.split()

    def written(name, arrays, result):
        if name == where:
            arrays[letter][...] += 1
        return result

    class Product(Op):
        """z = x y"""

        def forward(self, x, y):
            return written("forward", {"x": x, "y": y}, x * y)

        def dx(self, dz, z, x, y):
            return written("dx", {"dz": dz, "z": z, "x": x, "y": y}, dz * y)

        def dy(self, dz, z, x, y):
            return written("dy", {"dz": dz, "z": z, "x": x, "y": y}, dz * x)

        vjps = dx, dy

    return Product()


@pytest.mark.parametrize("shape", [(), (2,)])
@pytest.mark.parametrize(
    "which", ["forward x", "forward y", *(f"{rule} {letter}" for rule in ("dx", "dy") for letter in ("dz", "z", "x", "y"))]
)
def test_an_operation_that_changes_what_it_is_given(which, shape):
    """Whoever writes into an operand, the result or dz is named with it, though what it returns is right."""
    where, letter = which.split()
    named = "forward" if where == "forward" else f"the vjp of {where[1:]}"
    with pytest.raises(
        GradcheckError, match=rf"^product: {named} changes {letter} in place(.|\n)*{letter} = {letter} \+ 1"
    ) as error:
        check_op(changing(which), np.full(shape, 0.5), np.full(shape, 1.5))
    assert error.value.certain


def test_an_operand_that_is_returned_is_not_changed():
    """A rule may return what it is given, or a view of it."""

    class Same(Op):
        """z = x"""

        def forward(self, x):
            return x[...]

        def dx(self, dz, z, x):
            return dz

        vjps = (dx,)

    assert check_op(Same(), np.array([0.5, np.pi]))
