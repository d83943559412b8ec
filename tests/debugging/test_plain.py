"""A step as JSON."""

import json

import numpy as np

from microgradnn import Tensor, backward_steps
from microgradnn.debugging.plain import as_json


def test_a_step_as_json():
    """A step holds all that other tools need, as plain numbers; json.dumps takes it."""
    x = Tensor([3.0, 1.0], requires_grad=True, name="x")
    step = as_json(backward_steps((x * x).named("L"), [1.0, 2.0])[1])
    assert (
        json.loads(json.dumps(step))
        == step
        == {
            "number": 2,
            "kind": "vjp",
            "operation": "multiply",
            "gradient": "∂L/∂x",
            "input": "y",
            "shape": [2],
            "rule": "dy = dz * x",
            "dz": [1.0, 2.0],
            "dx": [3.0, 2.0],
            "old": [3.0, 2.0],
            "new": [6.0, 4.0],
        }
    )


def test_what_json_has_no_numbers_for():
    """NaN and inf are texts; what is not there yet is null."""
    x = Tensor([0.0, 4.0], requires_grad=True)
    with np.errstate(all="ignore"):
        step = as_json(backward_steps(x.sqrt(), [1.0, 1.0])[0])
    assert (step["dx"], step["old"]) == (["inf", "0.25"], None)
