"""What optimisers have in common: parameters that they change in place, and a memory of earlier gradients for each.

An optimiser is a rule, as the derivative of an operation is one: `update(W, g, t, lr, **memory)` returns the new W and the
new memory, in plain NumPy. So it runs on arrays, on Tensors (which gives derivatives with respect to lr) and on the names
of a program that is being written. What changes from step to step is handed in, lr too; all else are settings, attributes
of the optimiser, and a rule may branch on them, but on nothing that it is handed.

The legend of all formulas:

    W      a parameter           t       how often it was changed, this time included
    g      ∂L/∂W                 m, v    what is remembered of earlier gradients; each begins at 0
    lr     α, the learning rate

Of arrays, statements such as `v *= 0.9` change them in place, without another array for each of them; of what cannot be
changed, they make a new one. So a rule returns what it has in the end. The arrays that it is handed in a step are copies: all
parameters change when all rules have returned, so that no exception, and no Ctrl-C, leaves a step half-done.
"""

from __future__ import annotations

import copy
from itertools import repeat
from operator import setitem
from typing import TYPE_CHECKING

import numpy as np

from ..backprop import array_of, refuse_gradient
from ..errors import describe
from ..graph import Node, audience, shape_of, tell
from ..watching.changes import put, set_gradients
from .configured import Configured, missing_and_unknown, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Self

    from ..tensor import Tensor


class Optimiser(Configured):
    """Base class of all optimisers. A subclass has the rule by which one parameter is updated, and says what it remembers.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What to change, in place: leaves that require a gradient. In groups, as in PyTorch, each is a dict of its "params" and
        of the settings it has for itself: [{"params": [W], "weight_decay": 0.1}, {"params": [b]}]. A learning rate of its
        own is kept as a share of `lr`, so that a schedule changes all of them.
    **settings : float
        lr, the learning rate, and whatever else the formula has. They become attributes, and may be changed at any time.

    Raises
    ------
    TypeError
        If `params` is no list of Tensors, such as the network in place of its parameters.
    ValueError
        If there are no parameters, one is given twice or is no leaf, a setting is negative, or a group has an unknown one.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, optim
    >>> class SignDescent(optim.Optimiser):
    ...     def __init__(self, params, lr):
    ...         super().__init__(params, lr=lr)
    ...     def update(self, W, g, t, lr):
    ...         return W - lr * np.sign(g), {}
    >>> w = Tensor([3.0, -2.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> SignDescent([w], lr=0.5).step()
    >>> w.data
    array([ 2.5, -1.5])
    """

    lr: float
    weight_decay: float = 0

    def __init__(self, params: Iterable[Tensor], **settings: Any) -> None:
        kind = type(self).__name__
        refuse_no_list(kind, params)
        groups = grouped(kind, list(params), settings)
        self.parameters: list[Tensor] = [parameter for parameters, _ in groups for parameter in parameters]
        # Of the parameters whose group has settings of its own, by their position: these.
        owners = [own for parameters, own in groups for _ in parameters]
        self.own_settings: dict[int, dict[str, Any]] = {i: own for i, own in enumerate(owners) if own}
        # Of each parameter: t, and arrays by the names of `remembered`.
        self.memories: list[dict[str, Any]] = [{} for _ in self.parameters]
        super().__init__(**settings)
        for parameter in self.parameters:
            if not isinstance(parameter, Node):
                given = f"a {type(parameter).__name__}"
                raise TypeError(f"{kind} takes a list of Tensors, such as network.parameters(); it was given {given} in it.")
            if not (parameter.is_leaf and parameter.requires_grad):
                raise ValueError(f"{kind} changes leaves that require a gradient; {describe(parameter)} is none.")
        if not self.parameters:
            raise ValueError(f"{kind} was given no parameters: pass network.parameters(), or a list of Tensors.")
        if len(set(self.parameters)) < len(self.parameters):
            raise ValueError(f"{kind} was given a parameter twice; it would change it twice at every step.")
        every = [*settings.items(), *(item for own in self.own_settings.values() for item in own.items())]
        for name, value in every:
            if isinstance(value, Node) or np.asarray(value).dtype.kind not in "biuf":
                raise TypeError(f"{kind}: {name} is a number; it was given {value!r}.")
            if not np.min(value) >= 0:  # NaN, too
                raise ValueError(f"{'The learning rate' if name == 'lr' else name} must not be negative; it is {value}.")

    def remembered(self) -> tuple[str, ...]:
        """tuple of str: the arrays kept for each parameter from one step to the next; `update` gets them by these names."""
        return ()

    def update(self, W, g, t, lr, **memory):
        """The rule: the new W, and the new memory by the names of `remembered`. Arrays may be changed in place."""
        raise NotImplementedError(
            f"{type(self).__name__} needs a method update(self, W, g, t, lr, ...) that returns the new W and a dict of what "
            "it remembers"
        )

    def refuse_gradients(self) -> None:
        """Raise ValueError, before anything is changed, if a gradient is no array, or has another shape than its parameter."""
        for W in self.parameters:
            dW = W.grad
            if dW is not None and (type(dW) is not np.ndarray or dW.shape != shape_of(W)):
                refuse_gradient(W)

    def step(self) -> None:
        """Change each parameter that has a gradient, and leave alone those whose gradient was not computed.

        Raises
        ------
        ValueError
            If a gradient has another shape than its parameter; none has been changed.
        """
        self.refuse_gradients()
        values, kept = [], []
        for i, (W, memory) in enumerate(zip(self.parameters, self.memories, strict=True)):
            if W.grad is not None:
                rule = self.rule_of(i)
                value, remembered = rule._updated(W, memory, rule.remembered())
                values.append((W, value))
                kept += [(setitem, memory, name, x) for name, x in remembered.items()]
        put(values, kept)
        tell(audience.update, self)

    def rule_of(self, i: int) -> Self:
        """The rule of the i-th parameter: this one, or with the settings of its group."""
        if i not in self.own_settings:
            return self
        rule = copy.copy(self)
        for name, value in self.own_settings[i].items():
            setattr(rule, name, self.lr * value if name == "lr" else value)
        return rule

    def _updated(self, W, memory, names):
        """What the rule makes of a parameter and of its memory; both stay as they are."""
        t = memory.get("t", 0) + 1
        given = {name: memory[name].copy() if name in memory else np.zeros_like(W.data) for name in names}
        result = self.update(W.data.copy(), W.grad, t, self.lr, **given)
        try:
            updated, kept = result
            remembered = {name: array_of(kept[name]) for name in names}
        except (TypeError, ValueError, KeyError):
            raise self._no_result(result, names) from None
        if np.shape(updated) != W.shape:
            raise ValueError(f"The update of {describe(W)} has shape {np.shape(updated)}: it is to be W's own.")
        return updated, {**remembered, "t": t}

    def _no_result(self, result, names):
        """The exception for an update that does not return what is to be kept."""
        memory = f"{{{', '.join(f'{name!r}: {name}' for name in names)}}}"
        return TypeError(f"{type(self).__name__}.update is to end with `return W, {memory}`; it returned {result!r}.")

    def zero_grad(self) -> None:
        """Forget the gradients of the step before."""
        set_gradients(self.parameters, repeat(None))

    def state_dict(self) -> dict[str, Any]:
        """All that the next step depends on, besides the parameters.

        Returns
        -------
        dict
            The settings by name, and for the i-th parameter that has been changed "t.i" and what is remembered ("m.i").
            Arrays are copies.
        """
        state = dict(self.settings)
        for i, memory in enumerate(self.memories):
            for name in ("t", *self.rule_of(i).remembered()):
                if name in memory:
                    state[f"{name}.{i}"] = copy.copy(memory[name])
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take a state back; the steps that follow are the same, to the last bit.

        Parameters
        ----------
        state : mapping
            What `state_dict` of an optimiser of this kind gave, for parameters of these shapes and dtypes in this order.

        Raises
        ------
        ValueError
            If it does not fit; the message lists all differences, and nothing has been changed.
        """
        self.refuse_state(missing_and_unknown(self.setting_names, [name for name in state if "." not in name]))
        loaded = copy.copy(self)
        for name in self.setting_names:
            setattr(loaded, name, plain(state[name]))
        names = [("t", *loaded.rule_of(i).remembered()) for i in range(len(self.parameters))]
        changed = [i for i, own in enumerate(names) if any(f"{name}.{i}" in state for name in own)]
        expected = [*self.setting_names, *(f"{name}.{i}" for i in changed for name in names[i])]
        self.refuse_state([*missing_and_unknown(expected, state), *loaded._misfits(state)])
        loaded.memories = [{} for _ in self.parameters]
        for i in changed:
            arrays = {name: np.array(state[f"{name}.{i}"]) for name in names[i]}
            loaded.memories[i] = {**arrays, "t": plain(arrays["t"])}
        self.__dict__.update(loaded.__dict__)

    def _misfits(self, state):
        """What is remembered in a state for parameters of other shapes and dtypes, as lines of a message."""
        for i, W in enumerate(self.parameters):
            for name in self.rule_of(i).remembered():
                array = np.asarray(state[f"{name}.{i}"]) if f"{name}.{i}" in state else None
                if array is not None and (array.shape, array.dtype) != (W.shape, W.dtype):
                    yield (f"{name}.{i} is {array.dtype} of shape {array.shape}; parameter {i} is {W.dtype} of shape {W.shape}")


def grouped(kind, params, settings):
    """(parameters, own settings) of each group; a learning rate as a share of that of all."""
    if not any(isinstance(group, dict) for group in params):
        return [(params, {})]
    groups = []
    for group in params:
        if not isinstance(group, dict) or "params" not in group:
            raise TypeError(f"{kind}: each group is a dict with its parameters, {{'params': [W], 'lr': 0.1}}; not {group!r}.")
        refuse_no_list(kind, group["params"])
        own = {name: value for name, value in group.items() if name != "params"}
        unknown = [name for name in own if name not in settings]
        if unknown:
            raise ValueError(f"{kind} has no setting {unknown[0]!r} for a group; there are {', '.join(settings)}.")
        if "lr" in own and settings["lr"]:
            own["lr"] /= settings["lr"]
        groups.append((list(group["params"]), own))
    return groups


def refuse_no_list(kind, params):
    """Raise TypeError if an optimiser is given a network or a Tensor in place of parameters."""
    if hasattr(params, "parameters"):
        raise TypeError(f"{kind} takes the parameters of a network, not the network: {kind}(network.parameters(), lr=...).")
    if isinstance(params, Node) or not hasattr(params, "__iter__"):
        raise TypeError(f"{kind} takes a list of Tensors: {kind}([W], lr=...), or {kind}(network.parameters(), lr=...).")
