"""What an editor is told of a stop: frames, variables, expressions, the picture."""

import numpy as np
import pytest
from dap_client import TRAIN, at_pass, debugged

from microgradnn.errors import RendererError
from microgradnn.pictures.render import find_renderer

LINE = TRAIN.splitlines().index("    L.backward()") + 1


@pytest.fixture
def client(tmp_path):
    """At the second step of pass 57."""
    with debugged(TRAIN, tmp_path, **at_pass(57)) as client:
        client.go("stepIn")
        client.go("next")
        yield client


def test_the_rules_variables_come_first(client):
    """dz, z, x, y, dx; then the gradients so far, and the pass; the scope says where the rule stands in its file."""
    scopes = client.ask("scopes", frameId=1)["scopes"]
    assert [scope["name"] for scope in scopes] == ["Rule", "Gradients so far", "Pass"]
    assert scopes[0]["line"] < scopes[0]["endLine"] and scopes[0]["source"]["path"].endswith("arithmetic.py")
    assert [*client.variables()] == ["rule", "dz", "z", "x", "y", "dx"]
    grads = client.variables(1)
    assert grads["∂L/∂W"]["value"] == "not computed yet" and "type" not in grads["∂L/∂W"]
    assert grads["∂L/∂(… − o)"]["value"].startswith("[−0.3089")
    about = client.variables(2)
    assert (about["n"]["value"], about["step"]["value"]) == ("57", "2; the pass has 7 contributions")
    assert about["kept"]["value"].startswith("57 passes, ")


def test_the_programs_variables(client):
    """Locals of the program's frame; tensors as they are at the step; those beside an earlier pass are said to be today's."""
    assert [scope["name"] for scope in client.ask("scopes", frameId=10)["scopes"]] == ["Locals", "Gradients so far", "Pass"]
    found = client.variables(0, 10)
    assert next(iter(found)) == "rng" and [*found][-2:] == ["np", "Tensor"]
    W = found["W"]
    assert W["value"].startswith("Tensor W (3, 4) float64  ") and W["value"].endswith("grad not computed")
    parts = {v["name"]: v for v in client.ask("variables", variablesReference=W["variablesReference"])["variables"]}
    assert [*parts] == ["data", "grad"]
    rows = client.ask("variables", variablesReference=parts["data"]["variablesReference"])["variables"]
    assert [row["name"] for row in rows] == ["shape", "range", "table", "[0]", "[1]", "[2]"]
    assert rows[2]["value"].count("\n") == 2
    paged = client.ask("variables", variablesReference=parts["data"]["variablesReference"], filter="indexed", start=1, count=1)
    assert [row["name"] for row in paged["variables"]] == ["[1]"]
    for _ in range(3):
        client.go("stepBack")
    assert client.ask("scopes", frameId=10)["scopes"][0]["name"] == "Locals (today's)"


def test_variables_are_over_when_the_program_moves(client):
    """A reference from before is refused."""
    reference = client.ask("scopes", frameId=1)["scopes"][0]["variablesReference"]
    client.go("next")
    assert "these variables are over" in client.fails("variables", variablesReference=reference)


def test_expressions(client):
    """In the rule's names and the program's, as they are then; in the console statements and the prompt's commands, too."""
    assert client.value("dz.shape", 1) == "(3,)"
    assert client.value("x", 1) != client.value("X", 10)
    assert client.value("W.grad", 10) == "not computed yet"
    assert client.value("n, epoch", 10) == "(57, 57)"
    assert client.value("W", 10, context="hover").startswith("Tensor W (3, 4)")
    assert client.value("lr = 3", 10, context="repl") == ""
    assert client.value("lr + 1", 10) == "4"
    assert client.value("explain V[0]", context="repl").startswith("∂L/∂V₁")
    assert "most at" in client.value("diff 55 56", context="repl")
    assert "→ ∂L/∂" in client.value("where", context="repl")
    assert client.value("np.arange(3) * 1.5", 10, context="repl") == repr(np.arange(3) * 1.5)
    assert "NameError" in client.fails("evaluate", expression="nowhere", frameId=10)
    assert "SyntaxError" in client.fails("evaluate", expression="lr =", frameId=10, context="repl")
    assert "cannot be changed" in client.fails("evaluate", expression="dz = 0", frameId=1, context="repl")


def test_completions(client):
    """Names of the rule and the program, attributes, commands."""

    def labels(text):
        return [target["label"] for target in client.ask("completions", text=text, column=len(text) + 1)["targets"]]

    assert labels("print(epo") == ["epoch"]
    assert labels("dz.sh") == ["shape"]
    assert "explain" in labels("expl")
    assert labels("W.gra") == ["grad"]


def test_variables_can_be_set(client):
    """Those of the program; what the rule had cannot be changed."""
    scope = client.ask("scopes", frameId=10)["scopes"][0]["variablesReference"]
    assert client.ask("setVariable", variablesReference=scope, name="epoch", value="7")["value"] == "7"
    assert client.value("epoch", 10) == "7"
    rule = client.ask("scopes", frameId=1)["scopes"][0]["variablesReference"]
    assert "only variables of your program can be set" in client.fails(
        "setVariable", variablesReference=rule, name="dz", value="0"
    )


def test_frames_in_parts(client):
    """A client that asks for some frames gets these, and how many there are."""
    part = client.ask("stackTrace", threadId=1, startFrame=1, levels=1)
    assert [frame["name"] for frame in part["stackFrames"]] == ["made ((… − o)²)"] and part["totalFrames"] == 3


def test_the_picture(client):
    """A request of ours gives the graph with the step lit."""
    try:
        find_renderer()
    except RendererError:
        pytest.skip("there is no renderer")
    picture = client.ask("picture", theme="dark")
    assert "<svg" in picture["svg"] and picture["title"].startswith("pass 57, step 2")


def test_a_rule_without_a_source(tmp_path):
    """A rule that was compiled from a text has no file: its frame is shown without one."""
    program = (
        "from microgradnn import Op, Tensor\n"
        "exec('class Twice(Op):\\n    def forward(self, x): return 2 * x\\n'\n"
        "     '    def dx(self, dz, z, x): return 2 * dz\\n    vjps = (dx,)')\n"
        "Twice()(Tensor(1.0, requires_grad=True, name='x')).backward()\n"
    )
    with debugged(program, tmp_path, **at_pass(1)) as client:
        client.go("stepIn")
        assert client.frames()[0] == ("Twice.dx → ∂L/∂x", None, 0)
        assert client.variables()["dx"]["value"] == "2"
