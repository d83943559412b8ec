"""`debug --json`: the steps of a script's first pass; its prompt is tested in stepping/test_prompt.py."""

import json

from microgradnn.commands import main


def test_json_of_the_first_pass_alone(script, capsys):
    """`debug` stops at the first pass; those after it run as they would."""
    text = "from microgradnn import Tensor\nx = Tensor(1.0, requires_grad=True)\n"
    assert main(["debug", "--json", script(text + "(x * x).backward()\nprint('not reached')")]) == 0
    assert "not reached" not in capsys.readouterr().out


def test_debug_names_tensors_by_their_variables(script, capsys):
    """Steps are told in the names of the script's variables, so that `break w` needs no named()."""
    assert main(["debug", "--json", script()]) == 0
    steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"∂loss/∂o", "∂loss/∂w"} <= {step["gradient"] for step in steps}
