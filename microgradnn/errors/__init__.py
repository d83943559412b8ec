"""Error messages that say what was computed, on what, and the way out.

NumPy (or Dask) raises the error; this module keeps its type and says it in the user's terms: where its message contains
the words on the left, those on the right stand in its place, the problem first and then the way out.
"""

import numpy as np

NO_NUMBERS = "mMSUV"  # kinds of dtypes: times, dates, text, records; NumPy computes with some of them, and rounds
NO_FIT = (
    "the shapes do not fit.\n"
    "The last axis of x must be as long as the second-to-last axis of y (its only one if y is 1-D): transpose one of them?"
)
OTHER_SIZE = "a reshape keeps the number of elements.\nOne of the new lengths may be -1; it follows from the others."


class NonFiniteError(FloatingPointError):
    """A NaN or inf was made by an operation, or came in with its data: what `checked()` raises."""


class GradcheckError(AssertionError):
    """A gradient is wrong, or there was nothing to check; the message says which, where, and a likely cause.

    Attributes
    ----------
    certain : bool
        Whether a gradient is wrong for certain: something was checked, and there is no kink that could explain it.
    """

    def __init__(self, message: str, certain: bool = False) -> None:
        super().__init__(message)
        self.certain = certain


class LostGradientWarning(UserWarning):
    """A Tensor that requires a gradient became a plain number where the program does not say so, as in `math.exp(x)`.

    Nothing computed from that number has a gradient. `float(x)`, `x.item()` and formats say that a number is meant.

    Examples
    --------
    As an error, it ends the program at the line in question:

    >>> import math, warnings
    >>> from microgradnn import Tensor
    >>> from microgradnn.errors import LostGradientWarning
    >>> x = Tensor(0.0, requires_grad=True)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", LostGradientWarning)
    ...     math.exp(x)
    Traceback (most recent call last):
    microgradnn.errors.LostGradientWarning: exp() made a plain number of a Tensor that requires a gradient, which is lost here.
    To keep it: np.exp, which takes Tensors. If the number alone is meant, say so: x.item().
    """


class RendererError(RuntimeError):
    """No picture could be made of a graph; the message says why, and what to do."""


OUR_WORDS = {
    "could not be broadcast": (
        "the shapes do not broadcast.\n"
        "Counted from the last axis, two lengths must be equal or one of them 1: insert an axis with expand_dims, or reshape."
    ),
    "mismatch in its core dimension": NO_FIT,
    "Chunks do not add up to shape": NO_FIT,  # what Dask says
    "does not have enough dimensions": "a number has no axis to sum over.\nUse * instead of @.",
    "unsupported operand type(s) for @": "a number has no axis to sum over.\nUse * instead of @.",
    "cannot reshape": OTHER_SIZE,
    "total size of new array must be unchanged": OTHER_SIZE,  # what Dask says
    "concatenation axis must match": "all lengths must agree, except along the axis where they are joined.",
    "must have same number of dimensions": (
        "all must have the same number of axes.\nexpand_dims gives one more; stack joins along a new axis."
    ),
    "all input arrays must have the same shape": "all must have one shape.\nconcatenate joins unequal lengths.",
    "axes don't match": "each axis must be given once.\nGive as many axes as there are, or none to reverse them all.",
}


def describe(x):
    """How a message calls one operand: by its name, else by its kind, and always with its shape.

    >>> from microgradnn import Tensor
    >>> describe(Tensor([1.0, 2.0], name="b")), describe(np.ones((2, 3))), describe(2.5)
    ("'b' of shape (2,)", 'an array of shape (2, 3)', 'the number 2.5')
    """
    name = getattr(x, "name", None)
    if isinstance(name, str):
        return f"{name!r} of shape {x.shape}"
    value = getattr(x, "data", x) if hasattr(x, "requires_grad") else x
    if type(value) in (bool, int, float, complex):
        return f"the number {value!r}"
    kind = "a Tensor" if hasattr(x, "requires_grad") else "an array"
    return f"{kind} of shape {np.shape(value)}"


def no_values(op, inputs):
    """The exception to raise for an operation on Tensors whose `.data` was set to what is no array; None if all are arrays."""
    for x in inputs:
        data = x.data
        if not (hasattr(data, "dtype") or type(data) in (bool, int, float, complex)):
            way = "Set it to an array: .data = np.array(...)."
        elif hasattr(data, "requires_grad"):
            way = "Set it to the values alone: .data = tensor.data."
        elif isinstance(data, np.ndarray) and (hasattr(data, "mask") or isinstance(data, np.matrix)):
            way = "Set it to a plain array: .data = np.asarray(...)."  # whose * is no @, and which has no mask
        elif getattr(data, "dtype", None) is not None and np.dtype(data.dtype).kind in f"{NO_NUMBERS}O":
            way = f"Its elements are {data.dtype}. Set it to an array of numbers: .data = data.astype(float)."
        else:
            continue
        called = "a Tensor" if x.name is None else repr(x.name)
        return TypeError(f"{op} cannot be computed: .data of {called} was set to a {type(data).__name__}.\n{way}")
    return None


def refuse_mask(array):
    """Raise TypeError for a masked array: the values behind its mask would be computed with."""
    if hasattr(array, "mask"):
        raise TypeError(
            f"A Tensor has no mask; it was given a masked array of shape {array.shape}, whose mask would be lost.\n"
            "Give it array.filled(0) or array.data, and leave elements out by where(mask, x, y) or x[mask]."
        )


def explained(op, inputs, error):
    """The exception to raise when `op.forward` raised `error`: of the same type, naming operation, operands, way out."""
    wrong = no_values(op, inputs)
    if wrong is not None:
        return wrong
    operands = ", ".join(
        f"{letter} = {describe(x)}" for letter, x in zip(operand_letters(op, len(inputs)), inputs, strict=True)
    )
    words = next((ours for theirs, ours in OUR_WORDS.items() if theirs in str(error)), str(error))
    message = f"{op!r} cannot be computed for {operands}: {words}"
    try:
        return type(error)(message).with_traceback(error.__traceback__)  # which ends at the line in question
    except TypeError:  # an exception type that wants more than a message
        error.add_note(message)
        return error


def wrong_vjp(op, dx, shape):
    """The exception to raise when a vjp of `op` returned something that no input of this shape can have as gradient."""
    returned = "None: is its return missing?" if dx is None else f"an array of shape {np.shape(dx)}."
    returned = returned if dx is None or hasattr(dx, "shape") else f"{dx!r}: an array is due, such as dz * {dx!r}."
    return ValueError(
        f"The vjp of {op!r} for an input of shape {shape} returned {returned}\n"
        "∂L/∂x has the shape of x, or one that x broadcasts to: the backward pass sums it over what was repeated."
    )


def whole_numbers(op, dtype):
    """The exception to raise when an input of `op` requires a gradient that its dtype cannot hold."""
    return TypeError(
        f"{op!r} was given an input of dtype {dtype} that requires a gradient: rounded to {dtype}, it would be wrong.\n"
        "Make the input floating-point: return (x > 0).astype(x.dtype) in place of x > 0, or Tensor(..., dtype=float)."
    )


def complex_numbers(what):
    """The exception to raise when a derivative would be one of complex numbers."""
    return TypeError(
        f"{what} complex: a derivative is here that of a real function of real numbers, and the rules know no other.\n"
        "Write real and imaginary part as two Tensors. Values alone may be complex: of Tensors that require no gradient."
    )


def refuse_complex(op, x):
    """Refuse complex values for an operation whose forward is made for real ones, and would give something else."""
    if x.dtype.kind == "c" if hasattr(x, "dtype") else np.iscomplexobj(x):
        raise TypeError(
            f"{op} of complex numbers is not computed: {describe(x)} is complex, and the rules are those of real numbers.\n"
            "On values alone it works: give tensor.numpy() to NumPy's function."
        )


def no_derivative(op, x):
    """The exception to raise when a gradient is asked for an operand that has none: its vjp is None."""
    return TypeError(
        f"{op!r} has no derivative with respect to {describe(x)}, which requires a gradient: its vjp there is None.\n"
        "Give it x.detach() in place of x, or write the vjp."
    )


def refuse_differences(what, differences):
    """Raise ValueError, with all differences, if a state that is to be loaded has any."""
    if differences:
        # Names may come from a file: what in them would steer a terminal is written as Python writes it.
        lines = [line if line.isprintable() else repr(line)[1:-1] for line in differences]
        raise ValueError(f"{what}, and nothing was loaded:\n    " + "\n    ".join(lines))


def one_of(choices, chosen, what):
    """What was chosen, if it is among the choices; else a ValueError that names them.

    >>> one_of(("svg", "png"), "gif", "picture format")
    Traceback (most recent call last):
    ValueError: There is no picture format 'gif'; there are svg, png.
    """
    if chosen not in choices:
        raise ValueError(f"There is no {what} {chosen!r}; there are {', '.join(choices)}.")
    return chosen


def independent(output, x):
    """The exception to raise when a gradient is asked for that there is none of: the output was not computed from x."""
    return ValueError(
        f"The output, {describe(output)}, does not depend on {describe(x)}, or not through anything recorded.\n"
        "Was it made with requires_grad=True, before the output was computed, and outside of no_grad()?"
    )


def operand_letters(op, count):
    """The operands' names as the rules write them: x, y for two inputs, x1, x2, ... for a list of them.

    >>> from microgradnn.ops import Multiply, Stack
    >>> operand_letters(Multiply(), 2), operand_letters(Stack(axis=0, count=3), 3)
    (['x', 'y'], ['x1', 'x2', 'x3'])
    """
    code = type(op).forward.__code__
    letters = list(code.co_varnames[1 : code.co_argcount])
    return letters if len(letters) == count else [f"x{i + 1}" for i in range(count)]
