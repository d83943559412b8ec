"""`compiled(loss_of, parameters, optimiser)`: a training step as one function in C, forward, backward and update."""

from __future__ import annotations

import copy
import warnings
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from ..formulas.brief import counted
from ..graph import Node, audience, values_of
from ..programs.recordings import as_example
from ..watching.changes import put, set_gradients
from .compiler import CompilerError
from .runs import WATCHED, Run, refuse_difference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..optim import Optimiser
    from ..tensor import Tensor

MOST_KINDS = 24  # for which a step is compiled
UNFIT = (TypeError, ValueError, RuntimeError, IndexError, CompilerError)  # what is said to be the reason


class CompiledStep:
    """A training step. `compiled` makes it.

    Attributes
    ----------
    reason : str
        Why the last call ran eagerly, as usual; empty if it was compiled.

    Notes
    -----
    What the function does with its arguments is recorded once for each kind of them, and compiled. A step that cannot be, since
    it reads values (`if loss > 1`, `float(loss)`), draws random numbers, or has an operation without C, runs as usual; a
    warning, and `reason`, say why. So does every step where there is no C compiler, and while somebody watches the graph.

    What the function reads from outside is looked at in each call: what its closure, globals, defaults and the objects that
    it reaches hold under the names in its code, the data of Tensors, whether they require a gradient, whether layers are in
    training mode, the optimiser's settings. If something is another, the step is compiled anew; what is another each time is
    quicker as an argument. An array of more than a megabyte is to be an argument, or a Tensor. The clock, files, what
    libraries keep, a `.grad` that is read and an error that is caught within are not seen. The function is called a few times
    more when it is recorded, and not at all in the calls that are compiled.

    Numbers are those of the usual step but for rounding: sums are added up in another order. A warning of NumPy's, such as of
    a division by 0, is not given.
    """

    def __init__(self, function, parameters, optimiser=None):
        self.function, self.parameters, self.optimiser = function, tuple(parameters), optimiser
        self.reason, self.made = "", 0
        self.turn = [True]  # whoever takes it has it: pop() and append() are whole, and take a third of the time of a Lock

    def __setattr__(self, name: str, value: object) -> None:
        """Forget what was compiled for another function, other parameters or another optimiser."""
        if name in ("function", "parameters", "optimiser"):
            self.runs: dict[Any, Any] = {}  # by the kinds of the arguments: a Run, or the reason why there is none
            self._latest = None
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        name = getattr(self.function, "__qualname__", repr(self.function))
        if self.reason:
            return f"CompiledStep({name}, runs as usual: {self.reason.splitlines()[0]})"
        kinds = counted(sum(isinstance(run, Run) for run in self.runs.values()), "kind")
        return f"CompiledStep({name}, compiled for {kinds} of arguments)"

    def __call__(self, *args: Any) -> Any:
        """Take a step.

        Parameters
        ----------
        *args : array, Tensor, number or anything
            What the function takes: a batch. Arrays, lists and numbers come to it as Tensors.

        Returns
        -------
        number, or tuple
            The loss before the step; with what else the function returned, as arrays.
        """
        try:
            turn = self.turn.pop()
        except IndexError:  # another thread is in a step, or was when this process began as its copy
            return self.eager(args)
        try:
            run = self._latest
            result = None if run is None else run.quick_step(args)
            return self.looked_up(args) if result is None else result
        finally:
            self.turn.append(turn)

    def looked_up(self, args):
        """A step for arguments, or at a time, that may be of another kind than the last."""
        key = tuple(map(kind_of_argument, args))
        run, self._latest = self.runs.get(key), None
        if run is None or (isinstance(run, Run) and not run.can_be_right(args)):
            return self.first(key, args)
        self.reason = run if isinstance(run, str) else ""
        if any(getattr(audience, event) for event in WATCHED):
            self.reason = "Somebody watches the graph: checked(), a hook, or another observer."
        if self.reason:
            return self.eager(args)
        self._latest = run
        return run()

    @property
    def c_source(self) -> str:
        """str: the C source of the step that was compiled last; empty if there is none."""
        return next((run.native.module.source for run in reversed(self.runs.values()) if isinstance(run, Run)), "")

    def eager(self, args):
        """The step as everybody writes it."""
        output, others = self.called([as_example(x) for x in args])
        set_gradients(self.all_parameters(), repeat(None))
        output.backward()
        if self.optimiser is not None:
            self.optimiser.step()
        return (output.data[()], *map(values_of, others)) if others else output.data[()]

    def all_parameters(self):
        """What gets gradients: the parameters, and those of the optimiser."""
        return list({**dict.fromkeys(self.parameters), **dict.fromkeys(getattr(self.optimiser, "parameters", ()))})

    def called(self, args):
        """The loss, and what else the function returns."""
        made = self.function(*args)
        output, *others = made if isinstance(made, tuple) else (made,)
        if not isinstance(output, Node):
            raise TypeError(
                f"compiled(function, parameters): the function should return a loss, a Tensor; it returned {output!r}."
            )
        return output, others

    def first(self, key, args):
        """A call with arguments of a new kind: eager, and compared with what is compiled for the calls that follow."""
        if self.made >= MOST_KINDS:
            self.reason = self.runs[key] = (
                f"The step has been compiled {MOST_KINDS} times, for other shapes or settings each time."
            )
            return self.eager(args)
        self.made += 1
        before = self.state()
        result = self.eager(args)
        try:
            run = Run(self, args)
            self.compare(run, args, before, result)
            self.runs[key], self.reason = run, ""
        except UNFIT as error:
            self.runs[key] = self.reason = str(error)
            warnings.warn(f"This step is not compiled, but runs as usual. {error}", RuntimeWarning, stacklevel=3)
        return result

    def compare(self, run, args, before, result):
        """Raise RuntimeError unless what is compiled does, from where the eager step began, what that did."""
        after, gradients = self.state(), [x.grad for x in run.wanted]
        self.put_back(before)
        try:
            if not run.can_be_right(args):
                raise RuntimeError("The step changes something that it is compiled for.")
            run.compute()
            ours = self.state()
        finally:
            self.put_back(after)
        expected = [*(result if isinstance(result, tuple) else (result,)), *(() if run.has_rule else gradients)]
        (values, memories), (its_values, its_memories) = ours, after
        pairs = [*zip(run.native.results, expected, strict=True)]
        if run.has_rule:
            pairs += [(values[x], its_values[x]) for x in values]
            for memory, its in zip(memories, its_memories, strict=True):
                pairs += [(memory[name], its[name]) for name in its if name != "t"]
            set_gradients(run.wanted, repeat(None))
        refuse_difference(pairs)

    def state(self):
        """Copies of all that a step changes."""
        memories = copy.deepcopy(self.optimiser.memories) if self.optimiser is not None else []
        return {x: np.array(x.data, order="C") for x in self.all_parameters() if x.requires_grad}, memories

    def put_back(self, state):
        """Let parameters, and what the optimiser remembers, be what they were."""
        values, memories = state
        put(values.items(), [(setattr, self.optimiser, "memories", memories)] if memories else [])


def compiled(function: Callable[..., Any], parameters: Sequence[Tensor], optimiser: Optimiser | None = None) -> CompiledStep:
    """A training step as one function in C: forward, backward, and the optimiser's own rule.

    Parameters
    ----------
    function : callable
        Returns the loss; or a tuple of the loss, and tensors on the way to it that are wanted too, such as a prediction.
    parameters : sequence of Tensor
        What to differentiate by.
    optimiser : Optimiser, optional
        Whose step is taken; its lr is read at each call. Without one, the gradients are put into `.grad`, as after
        `zero_grad()` and `backward()`.

    Returns
    -------
    CompiledStep
        Call it with what the function takes. Its first call with arguments of new shapes or types is made as usual, and what
        is compiled is compared with it.

    Raises
    ------
    TypeError
        If what is given is no function, or no list of Tensors.

    Examples
    --------
    >>> from microgradnn import Tensor, compiled, optim
    >>> W = Tensor([1.0, -2.0], requires_grad=True, name="W")
    >>> step = compiled(lambda x, t: ((x @ W - t) ** 2), [W], optim.SGD([W], lr=0.25))
    >>> [round(float(step([1.0, 1.0], 3.0)), 6) for _ in range(3)]
    [16.0, 0.0, 0.0]
    >>> W.data
    array([3., 0.])
    """
    if not callable(function) or isinstance(parameters, Node) or hasattr(parameters, "parameters"):
        raise TypeError("compiled(function, parameters) takes a function that returns a loss, and a list of Tensors.")
    return CompiledStep(function, parameters, optimiser)


def kind_of_argument(x):
    """What must be the same for what was compiled to be right: shape and type of arrays, anything else itself."""
    if type(x) is np.ndarray:  # of others, a masked array is refused
        return x.shape, x.dtype
    if isinstance(x, Node):
        return x.shape, x.data.dtype, id(x) if x.requires_grad else 0
    example = as_example(x)
    if isinstance(example, Node):
        return example.shape, example.data.dtype, type(x)
    try:
        hash(x)
    except TypeError:
        return id(x)
    return type(x), x
