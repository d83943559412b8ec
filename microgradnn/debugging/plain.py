"""A step as plain lists, numbers and strings, for other tools: what `microgradnn debug --json` prints."""

import numpy as np


def as_json(step):
    """A step, for `json.dumps`."""
    return {
        "number": step.number,
        "kind": step.kind,
        "operation": step.op.name,
        "gradient": step.name,
        "input": step.letter,
        "shape": list(np.shape(step.dx)),
        "rule": step.rule,
        "dz": plain(step.dz),
        "dx": plain(step.dx),
        "old": plain(step.old),
        "new": plain(step.new),
    }


def plain(array):
    """An array as lists of numbers; as lists of text where JSON has no such numbers: NaN, inf."""
    if array is None:
        return None
    array = np.asarray(array)
    return array.tolist() if np.isfinite(array).all() else array.astype(str).tolist()
