"""The prompt in tests: a script with a backward pass, its graph, and what is written when commands are typed."""

import io

from microgradnn import remember_lines
from microgradnn.debugging.prompt.prompt import BackwardPrompt
from microgradnn.debugging.session import Session, of_recorded
from microgradnn.passes import Pass, record
from microgradnn.watching.observers import observing

SCRIPT = """\
from microgradnn import Tensor
x = Tensor([0.5, -1.0], name="x")
w = Tensor([0.2, 0.3], requires_grad=True, name="w")
o = (x @ w).tanh().named("o")
L = ((1 - o) ** 2).named("L")
L.backward()
print("the script goes on:", w.grad.round(4))
"""

TRAINING = """\
from microgradnn import Tensor
x = Tensor([0.5, -1.0], name="x")
w = Tensor([[0.2, 0.3], [0.1, -0.4]], requires_grad=True, name="w")
for epoch in range(1, 7):
    w.grad = None
    h = (x @ w).tanh().named("h")
    L = ((1 - h) ** 2).sum().named("L")
    L.backward()
    w.data -= 0.1 * w.grad
said.append(epoch)
"""


def unit():
    """L = (1 − tanh(x w))², not yet differentiated, and its tensors by name."""
    names = {}
    exec(SCRIPT.partition("L.backward()")[0], names)
    return names["L"], names


def session(*commands, output=None):
    """What the prompt over a pass that is over writes when these commands are typed, and the prompt."""
    output = unit()[0] if output is None else output
    recorded = output if isinstance(output, Pass) else record(output)
    written = io.StringIO()
    prompt = BackwardPrompt(of_recorded([recorded]), stdin=io.StringIO(), stdout=written)
    for command in commands:
        prompt.onecmd(command)
    return written.getvalue(), prompt


def live(program, *commands, steps=1, **options):
    """What the prompt writes while a program runs that is given as text, and these commands are typed; and the prompt.

    It stops at the first pass, unless `steps` is 0.
    """
    written = io.StringIO()
    session = Session(None, **options)
    prompt = BackwardPrompt(session, stdin=io.StringIO("".join(f"{line}\n" for line in commands)), stdout=written)
    prompt.prompt = ""
    session.going.steps = steps
    names, before = {"__name__": "__main__", "said": []}, observing()
    with session, remember_lines():
        try:
            exec(compile(program, "program.py", "exec"), names)
        except SystemExit:
            names["said"].append("SystemExit")
    prompt.program = names
    for observer in observing():  # a hook of the program's
        if observer not in before:
            observer.remove()
    return written.getvalue(), prompt
