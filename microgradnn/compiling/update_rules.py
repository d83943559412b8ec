"""The optimiser's own rule as steps of a program: `update` is run on Names, as the rules of operations are."""

import numpy as np

from ..programs.names import Name
from ..programs.recorder import Recorder
from ..programs.recordings import unchanged
from ..tensor import Tensor


def update_rules(program, optimiser):
    """What an optimiser does to parameters, behind the gradients of a program.

    Parameters
    ----------
    program : Program
        It gets lr, t and what is remembered of earlier gradients as parameters, and gives no gradients any more.
    optimiser : Optimiser

    Returns
    -------
    updates : list of (list of Expression, dict of Expression to Expression)
        As `Schedule` takes them.
    slots : dict of Expression to tuple
        What the new parameters are: ("lr", dtype), ("t",), or ("memory", position of the parameter, name).
    """
    recorder, updates, slots, rates = Recorder(unchanged), [], {}, {}
    parameter_of = {node: x for x, node in program.parameters.items()}

    def parameter(array, name, *slot):
        made = recorder.parameter(array)
        slots[made.expression] = slot
        program.parameters[made.expression] = Tensor(np.zeros(array.shape, array.dtype), name=name)
        return made

    t = parameter(np.float64(1), "t", "t")
    for node in program.wanted:
        i = [id(x) for x in optimiser.parameters].index(id(node))
        if node.dtype not in rates:
            rates[node.dtype] = parameter(node.dtype.type(1), "lr", "lr", node.dtype)
        zeros, before = np.zeros(node.shape, node.dtype), len(recorder.expressions)
        kept = {name: parameter(zeros, f"{name}_{node.name or i}", "memory", i, name) for name in optimiser.remembered()}
        old = {name: x.expression for name, x in kept.items()}  # a rule may change in place what it is handed
        W, g = (Name(recorder, x, zeros) for x in (parameter_of[node], program.gradients[node]))
        W, remembered = optimiser.update(W, g, t, rates[node.dtype], **kept)
        values = {parameter_of[node]: W} | {old[name]: remembered[name] for name in old}
        values = {x: recorder.name(value).expression for x, value in values.items()}
        updates.append(([x for x in recorder.expressions[before:] if x.op not in ("parameter", "number")], values))
    program.results = program.results[: -len(program.wanted)]
    return updates, slots
