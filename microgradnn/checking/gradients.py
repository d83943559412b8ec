"""Is this gradient right? `gradcheck` compares it with finite differences, and says where it is wrong, and perhaps why.

The function's value is projected on random directions, never only summed: where every upstream gradient is 1, a rule that
returns dz² in place of dz passes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..backprop import between, grad
from ..errors import GradcheckError, operand_letters
from ..formulas.brief import index_text
from ..graph import Node, reachable, values_of
from ..source.leaving import where_values_left
from ..source.rules import definition_of, rule_text
from ..tensor import Tensor
from .differences import coarsest, compare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Literal

    from ..annotations import Operand, Seed
    from ..graph import Op

FEW = 200  # elements up to which every one is compared at once


def gradcheck(
    function: Callable[..., Any],
    inputs: Operand | Sequence[Operand],
    *,
    order: Literal[1, 2] = 1,
    eps: float | None = None,
    rtol: float | None = None,
    atol: float = 0.0,
    rng: Seed = 0,
) -> bool:
    """Hold the gradients of a function against central differences.

    Parameters
    ----------
    function : callable
        Of Tensors; returns a Tensor of any shape.
    inputs : array, Tensor or sequence of them
        Where to check. Gradients are checked for Tensors that require one; if none does, for all floating-point inputs.
    order : {1, 2}, optional
        With 2, the gradients of the gradients are checked as well.
    eps : float, optional
        The first step of the differences; by default, what suits the coarsest type that anything is computed in.
    rtol, atol : float, optional
        How far an element may be off, rtol · |expected| + atol, besides what rounding does to the differences. By default
        10⁻⁵ in float64; more if something on the way is computed in less.
    rng : numpy.random.Generator, int or None, optional
        Where the random directions come from: a generator, or a seed of one; None for directions that nobody can foresee.

    Returns
    -------
    bool
        True: so that `assert gradcheck(f, x)` reads well.

    Raises
    ------
    GradcheckError
        If a gradient is wrong: the message names function, input, element, received and expected. Also if differences
        cannot tell, as at a kink; and if there is nothing to check: no floating-point input, a value that does not depend
        on an input, an empty one.
    ValueError
        If an input is not float64: in lower precision the differences are mostly rounding.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import gradcheck
    >>> gradcheck(lambda x: x.tanh() * x, np.array([0.5, -1.0]))
    True
    """
    rng = np.random.default_rng(rng)
    name = getattr(function, "__name__", type(function).__name__)
    given = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    arrays = [np.array(values_of(x)) for x in given]
    checked = _checked_positions(name, given, arrays)

    u = None
    for _ in range(2):
        value, leaves = _record(function, arrays, checked)
        u = rng.normal(size=value.shape)
        _refuse_nothing(name, value, leaves, function, arrays, checked)
        received = grad(value, leaves, u)
        _compare(name, function, arrays, checked, value, received, u, rng, {"step": eps, "rtol": rtol, "atol": atol})
    if order == 2:
        gradcheck(_gradient_of(function, checked, u, name), given, eps=eps, rtol=rtol, atol=atol, rng=rng)
    return True


def check_op(op: Op, *operands: Operand, order: Literal[1, 2] = 2, rng: Seed = 0) -> bool:
    """Compare the rules of an operation with differences: gradients, their gradients, and linearity in dz.

    Parameters
    ----------
    op : Op
        An instance, with its parameters.
    *operands : array or Tensor
        float64 where a gradient is to be checked: for Tensors that require one; if none does, for all of floating point.
    order : {1, 2}, optional
        With 2, the gradients of the gradients are checked as well.
    rng : numpy.random.Generator, int or None, optional
        Where the random directions come from: a generator, or a seed of one; None for directions that nobody can foresee.

    Returns
    -------
    bool
        True: so that `assert check_op(op, x)` reads well.

    Raises
    ------
    GradcheckError
        As `gradcheck` does; also if a vjp is not linear in the upstream gradient, vjp(a·dz) = a·vjp(dz), and if forward or
        a vjp changes what it is given in place: those are other nodes' values.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import check_op
    >>> from microgradnn.ops import Tanh
    >>> check_op(Tanh(), np.array([0.5, -1.0]))
    True
    """
    rng = np.random.default_rng(rng)

    def apply(*xs):
        return op(*xs)

    apply.__name__ = repr(op)
    arrays = [np.asarray(values_of(x)) for x in operands]
    _refuse_changes(op, arrays, _checked_positions(repr(op), operands, arrays))
    try:
        gradcheck(apply, operands, order=order, rng=rng)
    except GradcheckError as error:
        rules = _rules(op, arrays) if "is wrong" in str(error) else ""
        raise GradcheckError(f"{error}{rules}", error.certain) from None
    value, leaves = _record(op, arrays, _checked_positions(repr(op), operands, arrays))
    u = rng.normal(size=value.shape)
    for i, (once, scaled) in enumerate(zip(grad(value, leaves, u), grad(value, leaves, -2.5 * u), strict=True)):
        if not np.allclose(scaled, -2.5 * once):
            message = f"{op!r}: the vjp of input {i} is not linear in dz: vjp(−2.5·dz) is not −2.5·vjp(dz)."
            raise GradcheckError(message, certain=True)
    return True


def _refuse_changes(op, arrays, checked):
    """Raise if forward, or a vjp whose gradient is checked, changes an array that it is given."""
    letters = operand_letters(op, len(arrays))
    xs = [array.copy() for array in arrays]
    z = np.asarray(_unchanged(op, "forward", op.forward, dict(zip(letters, xs, strict=True))))
    for i in checked:
        vjp, letter = op.vjps[i], letters[i]
        if vjp is not None:
            given = {"dz": np.ones_like(z), "z": z, **dict(zip(letters, xs, strict=True))}
            _unchanged(op, f"the vjp of {letter}", partial(vjp, op), given)


def _unchanged(op, which, function, given):
    """What a function returns for the arrays, given by their letters; an exception, if one of them is another afterwards."""
    before = {letter: array.copy() for letter, array in given.items()}
    returned = function(*given.values())
    for letter, array in given.items():
        if array.tobytes() != before[letter].tobytes():  # NaNs, too
            message = (
                f"{op!r}: {which} changes {letter} in place, whose values others were computed from, or will be.\n"
                f"Make a new array: {letter} = {letter} + 1 in place of {letter} += 1, and no out={letter}."
            )
            raise GradcheckError(message, certain=True)
    return returned


def _rules(op, arrays):
    """The rules as they are written, for a message; empty where their text is not to be had."""
    z = np.asarray(op.forward(*arrays))
    operands = (op, z, z, *arrays)  # z for dz: of a rule with branches, shapes say which is taken
    letters = operand_letters(op, len(arrays))
    texts = [f"d{x} = {rule_text(vjp, operands)}" for x, vjp in zip(letters, op.vjps, strict=True) if definition_of(vjp)]
    return f"\nThe rule: {'; '.join(texts)}" if texts else ""


def _checked_positions(name, given, arrays):
    """The positions of the inputs whose gradients are checked."""
    asked = [i for i, x in enumerate(given) if isinstance(x, Node) and x.requires_grad]
    checked = asked or [i for i, array in enumerate(arrays) if array.dtype.kind == "f"]
    for i in checked:
        if arrays[i].dtype != np.float64:
            raise ValueError(
                f"gradcheck needs float64; input {i} of {name} is {arrays[i].dtype}, where differences are mostly rounding.\n"
                "Convert it: x.astype(float)."
            )
    if not checked:
        raise GradcheckError(f"{name}: there is nothing to check: no input is a floating-point array.")
    return checked


def _record(function, arrays, checked):
    """The function's value, recorded, and the leaves that it was computed from."""
    leaves = {i: Tensor(arrays[i], requires_grad=True) for i in checked}
    args = [leaves.get(i, array) for i, array in enumerate(arrays)]
    value = function(*args)
    if not isinstance(value, Node):
        where = where_values_left(function, args, leaves.values())
        raise GradcheckError(f"The function returned {value!r}; it should compute a Tensor from its inputs.{where}")
    return value, list(leaves.values())


def _refuse_nothing(name, value, leaves, function, arrays, checked):
    """Refuse to pass where nothing is compared."""
    if np.size(value.data) == 0 or any(x.size == 0 for x in leaves):
        raise GradcheckError(f"{name}: there is nothing to check: the value or an input is empty.")
    reached = between(value, leaves) if value.requires_grad else {}
    for i, x in zip(checked, leaves, strict=True):
        if x not in reached:
            args = [*arrays[:i], x, *arrays[i + 1 :]]
            where = where_values_left(function, args, [x])
            raise GradcheckError(f"{name}: there is nothing to check: the value does not depend on input {i}.{where}")


def _compare(name, function, arrays, checked, value, received, u, rng, options):
    """Compare along a random direction; where that differs, or elements are few, compare each and report the worst."""

    def projected(shifted):
        return float(np.sum(u * function(*[Tensor(a) if i in checked else a for i, a in enumerate(shifted)]).numpy()))

    def along(h):
        return projected([a + h * directions[i] if i in checked else a for i, a in enumerate(arrays)])

    here, size = projected(arrays), float(np.sum(np.abs(u * value.numpy())))
    computed = coarsest(*(node.dtype for node in reachable(value)))
    directions = {i: rng.normal(size=arrays[i].shape) for i in checked}
    if sum(arrays[i].size for i in checked) > FEW:
        slope = sum(float(np.sum(dx * directions[i])) for i, dx in zip(checked, received, strict=True))
        if compare(along, here, slope, 0.0, computed, size=size, **options).agrees:
            return
    for i, dx in zip(checked, received, strict=True):
        found = {}
        for index in np.ndindex(dx.shape):

            def shifted(h, i=i, index=index):
                moved = [a.copy() if k == i else a for k, a in enumerate(arrays)]
                moved[i][index] += h
                return projected(moved)

            found[index] = compare(shifted, here, dx[index], arrays[i][index], computed, size=size, **options)
        _refuse_wrong(name, i, dx, found)


def _refuse_wrong(name, i, dx, found):
    """Raise if one of the elements of a gradient is wrong, or cannot be told."""
    wrong = [index for index, comparison in found.items() if comparison.agrees is False]
    untold = [index for index, comparison in found.items() if comparison.agrees is None]
    if not wrong and not untold:
        return
    expected = np.array([comparison.expected for comparison in found.values()]).reshape(dx.shape)
    worst = max(wrong or untold, key=lambda index: np.nan_to_num(abs(dx[index] - expected[index]), nan=np.inf))
    at = index_text(worst) or "()"
    verdict = "is wrong" if wrong else "cannot be held against differences"
    report = (
        f"{name}: the gradient of input {i} {verdict} at element {at}.\n"
        f"    received {dx[worst]:.10g}\n"
        f"    expected {expected[worst]:.10g}   (central differences, of a random projection of the value)\n"
        f"{_likely_cause(dx, expected, found[worst], worst)}"
    )
    raise GradcheckError(report.rstrip(), certain=bool(wrong))


def _likely_cause(dx, expected, comparison, worst):
    """A sentence on what the numbers look like, if they look like something."""
    if comparison.why:
        return f"{comparison.why[0].upper()}{comparison.why[1:]}."
    if not np.isfinite(dx[worst]):
        return (
            "It is not a finite number: a division by 0, or the logarithm or root of a number that has none?\n"
            "Within `with checked():` a backward pass names the operation that made it."
        )
    if dx.ndim == 2 and dx.shape[0] == dx.shape[1] and np.allclose(dx.T, expected, rtol=1e-3, atol=1e-6):
        return "It is the transpose of what it should be."
    with np.errstate(all="ignore"):
        ratios = (dx / expected)[np.abs(expected) > 1e-6]
    if ratios.size and np.isfinite(ratios).all() and np.ptp(ratios) < 1e-3 * np.abs(ratios).max():
        ratio = ratios.mean()
        if abs(ratio + 1) < 1e-3:
            return "Every element has the wrong sign."
        return f"Every element is {ratio:.6g} times what it should be: a forgotten factor, or a sum over a broadcast axis?"
    return ""


def _gradient_of(function, checked, u, name):
    """The gradients of ⟨u, function⟩ as one Tensor, for checking the second order."""

    def gradients(*xs):
        leaves = {i: xs[i] if _is_leaf(xs[i]) else Tensor(xs[i], requires_grad=True) for i in checked}
        value = function(*[leaves.get(i, x) for i, x in enumerate(xs)])
        found = grad(value, list(leaves.values()), u, create_graph=True)
        linear = sum((x * 0).sum() for x in leaves.values())  # so that a linear function's constant gradient can be checked
        return sum((dx * dx).sum() + dx.sum() for dx in found) + linear

    gradients.__name__ = f"gradient of {name}"
    return gradients


def _is_leaf(x):
    return isinstance(x, Node) and x.requires_grad
