"""The prompt in tests: a script with a backward pass, its graph, and what is written when commands are typed."""

import io

from microgradnn import backward_steps
from microgradnn.stepping.prompt import BackwardPrompt

SCRIPT = """\
from microgradnn import Tensor
x = Tensor([0.5, -1.0], name="x")
w = Tensor([0.2, 0.3], requires_grad=True, name="w")
o = (x @ w).tanh().named("o")
L = ((1 - o) ** 2).named("L")
L.backward()
print("the script goes on:", w.grad.round(4))
"""


def unit():
    """L = (1 − tanh(x w))², not yet differentiated, and its tensors by name."""
    names = {}
    exec(SCRIPT.partition("L.backward()")[0], names)
    return names["L"], names


def session(*commands, output=None):
    """What the prompt writes when these commands are typed."""
    written = io.StringIO()
    prompt = BackwardPrompt(backward_steps(unit()[0] if output is None else output), stdin=io.StringIO(), stdout=written)
    for command in commands:
        prompt.onecmd(command)
    return written.getvalue(), prompt
