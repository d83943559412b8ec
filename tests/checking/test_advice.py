"""The way out: what a message about a NaN or inf advises, for each way in which one is made."""

import numpy as np
import pytest
from checked_programs import message, run


def test_the_double_where_of_the_message_helps():
    """What the messages advise is finite, forward and backward."""
    names = run("""
        x = Tensor([4.0, 0.0, -1.0], requires_grad=True)
        y = where(x > 0, sqrt(where(x > 0, x, 1)), 0) + where(x != 0, x / where(x != 0, x, 1), 1)
        y.sum().backward()
        """)
    np.testing.assert_array_equal(names["x"].grad, [0.25, 0, 0])


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("z = np.log1p(-x)", ["log1p made NaN", "log1p is finite for x > -1 only"]),
        ("z = np.arctanh(x * 2)", ["arctanh made NaN", "arctanh is finite for -1 < x < 1 only"]),
        ("z = np.cosh(x * 1000)", ["cosh made inf", "larger than float64 can hold"]),
        ("z = exp(x * 709)", ["exp made inf", "train.py:2", "(x * 709)[1] = 1418", "softmax"]),
        ("z = (x * 1e200) ** 2", ["power made inf", "(x * 1e+200)[0] = 1e+200", "learning rate"]),
        ("z = sqrt(-x)", ["sqrt made NaN", "(-x)[0] = -1", "negative number"]),
        ("z = np.log(x - 1)", ["log made -inf", "(x - 1)[0] = 0"]),
        ("z = (x * 1e200) @ (x * 1e200)", ["matmul made inf", "x * 1e+200 from 1e+200 to 2e+200", "learning rate"]),
        ("z = x / (x - x)", ["divide made inf", "The divisor is 0"]),
        ("z = where(x != 1, x / (x - 1), 0)", ["second where", "where(x != 1, x / where(x != 1, x - 1, 1), 0)"]),
        ("z = np.where(x < 2, 0, (x - 2).log())", ["np.where(x < 2, 0, np.where(x < 2, 1, x - 2).log())"]),
        ("z = softmax(where(x > 5, x, -np.inf))", ["softmax made NaN, in the forward pass", "leave at least one unmasked"]),
        ("z = x + (np.array([np.inf, 0]) - Tensor([np.inf, 0]))", ["subtract made NaN, in", "inf − inf"]),
        ("z = exp(np.array([-np.inf, 1e3]) * x)", ["exp made inf out of finite numbers", "[1] = 2000"]),
        ("z = where(log(x - 1) > 0, x, 0)", ["log made -inf", "(x - 1)[0] = 0", "cross-entropy"]),  # in a mask
        ("z = log(x * 0j)", ["log made (-inf+0j) out of finite numbers", "(x * 0j)[0] = 0j"]),
    ],
)
def test_producers(line, parts):
    """A producer is named with its line, the first element in question and what it was made of; and a way out."""
    said = message(f"x = Tensor([1.0, 2.0], requires_grad=True)\n{line}")
    assert [part for part in parts if part not in said] == []


@pytest.mark.parametrize(
    ("program", "parts"),
    [
        ("L = sqrt(x ** 2).sum(); L.backward()", ["sqrt made inf", "x[0] = 0", "= 1 · inf = inf", "abs(x)", "norm(x)"]),
        ("L = (sqrt(x) ** 2).sum(); L.backward()", ["sqrt made NaN", "0 · inf = NaN", "infinite"]),
        ("L = (x ** 0.5).sum(); L.backward()", ["power made inf", "slope at 0 is infinite"]),
        ("L = (x * 1e200).sum(); L.backward(1e200)", ["multiply made inf", "dz[0] = 1e+200", "learning rate"]),
        ("L = (x + np.ones((3, 2))).sum(); L.backward(1e308)", ["gradient of x, summed over the axes", "became inf"]),
        ("y = x[0]; L = y * 1e308 + y * 1e308; L.backward()", ["gradient of y, added up over its uses, became inf"]),
        ("L = x.sum(); L.backward(np.nan)", ["came in with the upstream gradient"]),
        ("y = x * 2; y.sum().backward(); y.backward([np.nan, 1])", ["came in with the upstream gradient"]),
        ("L = (x ** -1).sum(); L.backward()", ["power made inf out of finite numbers", "It divides by 0"]),
        ("p = Tensor([2.0, 2.0], requires_grad=True); ((x - 1) ** p)[0].backward()", ["make the exponent a constant"]),
        ("y = x * 2; y.register_hook(lambda d: d * np.nan); y.sum().backward()", ["a hook made it NaN"]),
        ("L = np.arcsin(x[1] - 1); L.backward()", ["arcsin made inf", "slope of arcsin is not finite there"]),
        ("grad(sqrt(x).sum(), x)", ["sqrt made inf"]),
        ("grad(sqrt(x).sum(), x, create_graph=True)", ["sqrt made inf", "in the backward pass", "dx = dz / (2 * z)"]),
        (
            "r = 3 * x.sqrt()\nL = where(x > 0, r, 0).sum()\nL.backward()",
            ["0 · inf", "train.py:3", "safe = where(x > 0, x, 1)"],
        ),
        ("y = Tensor(x.data)\nL = where(y == 0, 1, sqrt(x)).sum()\nL.backward()", ["sqrt(where(y == 0, 1, x))"]),
    ],
)
def test_producers_in_the_backward_pass(program, parts):
    """Backward as well: the rule, the numbers that it had, and whether it was 0 · inf, overflow, or not of its making."""
    said = message(f"x = Tensor([0.0, 2.0], requires_grad=True)\n{program}")
    assert [part for part in parts if part not in said] == []


@pytest.mark.parametrize(
    "L",
    [
        "inner = where(x >= 0, sqrt(x), 0)\nL = where(x > 0, inner, 1).sum()",
        "L = where(x > 0, where(x >= 0, sqrt(x), 0), 1).sum()",
    ],
)
def test_of_two_masks_the_one_that_drops_the_element_is_named(L):
    """Behind two where, the advice is to guard with the mask of the one that does not take the element, and that helps."""
    said = message(f"x = Tensor([0.0, 4.0], requires_grad=True)\n{L}\nL.backward()")
    assert "where(x > 0, …) in train.py" in said
    assert said.splitlines()[-1].strip() == "safe = where(x > 0, x, 1)"
    names = run(f"x = Tensor([0.0, 4.0], requires_grad=True)\n{L.replace('sqrt(x)', 'sqrt(where(x > 0, x, 1))')}\nL.backward()")
    np.testing.assert_array_equal(names["x"].grad, [0, 0.25])
