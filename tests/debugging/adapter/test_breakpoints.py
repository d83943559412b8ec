"""Breakpoints as an editor sets them."""

from dap_client import TRAIN, at_pass, debugged

from microgradnn.ops import Tanh

LINE = TRAIN.splitlines().index("    L.backward()") + 1


def stops(client, count):
    """Where the next stops are."""
    return [client.go("continue")[1].rpartition(",")[0] for _ in range(count)]


def test_lines(tmp_path):
    """Conditions in the program's names, hit counts, lines without code; one on n stops at the pass that begins there."""
    with debugged(TRAIN, tmp_path, **at_pass(1)) as client:
        client.ask("setFunctionBreakpoints", breakpoints=[])

        def set_lines(*breakpoints):
            return client.ask("setBreakpoints", source={"path": client.path}, breakpoints=breakpoints)["breakpoints"]

        told = set_lines({"line": LINE, "condition": "n == 57"}, {"line": 3}, {"line": 999})
        assert [(b["verified"], b["line"]) for b in told] == [(True, LINE), (True, 4), (False, 999)]
        assert stops(client, 1) == ["pass 57, step 0"]
        set_lines({"line": LINE + 1, "condition": "epoch == 60"})
        client.go("continue")
        assert (client.frames()[0][2], client.value("epoch")) == (LINE + 1, "60")
        set_lines({"line": LINE + 1, "hitCondition": "%10"})
        client.go("continue")
        assert client.value("epoch") == "70"
        set_lines({"line": LINE + 1, "condition": "nowhere"})
        client.go("continue")
        assert client.value("epoch") == "71"
        assert "a breakpoint stops since its condition 'nowhere' raises NameError" in client.printed
        assert set_lines({"line": LINE, "condition": "epoch >"})[0]["verified"] is False
        assert set_lines({"line": LINE, "hitCondition": "often"})[0]["message"].startswith("a hit count is a number")


def test_operations_and_rules(tmp_path):
    """A function breakpoint stops at an operation; a line of a rule stops where the rule runs."""
    code = Tanh.dx.__code__
    with debugged(TRAIN, tmp_path, **at_pass(3)) as client:
        names = [{"name": "tanh"}, {"name": "o", "condition": "n > 4"}]
        answers = client.ask("setFunctionBreakpoints", breakpoints=names)
        assert [("message" in answer) for answer in answers["breakpoints"]] == [False, True]
        assert stops(client, 3) == ["pass 3, step 6", "pass 4, step 6", "pass 5, step 3"]
        client.ask("setFunctionBreakpoints", breakpoints=[])
        line = {"line": code.co_firstlineno + 1}
        client.ask("setBreakpoints", source={"path": code.co_filename}, breakpoints=[line])
        assert stops(client, 2) == ["pass 5, step 6", "pass 6, step 6"]
        assert client.frames()[0][1:] == ("trigonometric.py", code.co_firstlineno + 1)


def test_gradients_as_data(tmp_path):
    """A gradient stops where it gets a contribution, or when it is not finite; the loss where it rises; else nothing."""
    with debugged(TRAIN, tmp_path, **at_pass(3)) as client:
        client.ask("setFunctionBreakpoints", breakpoints=[])
        info = client.ask("dataBreakpointInfo", name="∂L/∂o", variablesReference=0)
        assert info["dataId"] == "∂L/∂o" and "gets a contribution" in info["description"]
        assert client.ask("dataBreakpointInfo", name="loss")["dataId"] == "rises"
        assert client.ask("dataBreakpointInfo", name="epoch")["dataId"] is None
        client.ask("setDataBreakpoints", breakpoints=[{"dataId": "∂L/∂o"}])
        assert stops(client, 2) == ["pass 3, step 3", "pass 4, step 3"]
        client.ask("setDataBreakpoints", breakpoints=[{"dataId": "rises"}])
        client.go("continue")
        pass_ = client.variables(2, 10)
        assert float(pass_["loss"]["value"]) > float(pass_["last"]["value"])
        client.ask("setDataBreakpoints", breakpoints=[{"dataId": "∂L/∂W", "condition": "nonfinite"}])
        client.ask("evaluate", expression="V.data *= float('nan')", context="repl")
        client.go("continue")
        assert client.frames()[0][0] == "Matmul.dy → ∂L/∂W"


def test_log_points(tmp_path):
    """A log point prints its text with expressions in it, at a line and at a pass, and stops nowhere."""
    at_line = {"line": LINE + 1, "logMessage": "epoch {epoch} of {1 + 99}"}
    of_pass = {"line": LINE, "logMessage": "pass {n}", "condition": "n > 98"}
    logs = {"source": {"path": str(tmp_path / "program.py")}, "breakpoints": [at_line, of_pass]}
    with debugged(TRAIN, tmp_path, setBreakpoints=logs) as client:
        assert client.first is None
        assert client.printed.count("epoch ") == 100 and "epoch 7 of 100\n" in client.printed
        assert "pass 99\n" in client.printed and "pass 98\n" not in client.printed


def test_nan_and_exceptions(tmp_path):
    """A NaN in a gradient stops at the step that made it; what is raised in a pass, or ends the program, if asked to."""
    program = TRAIN.replace(
        "    L.backward()", "    if epoch == 3: V.data[0] = np.nan\n    L.backward()\n    if epoch == 5: 1 / 0"
    )
    program = program.replace("o = (h", "np.seterr(all='ignore'); o = (h")
    every = {"setExceptionBreakpoints": {"filters": ["nonfinite", "raised", "uncaught"]}}
    with debugged(program, tmp_path, **every) as client:
        assert client.first[0] == "exception" and client.first[1].startswith("pass 3, step ")
        assert client.ask("exceptionInfo", threadId=1)["exceptionId"] == "NaN or inf"
        client.ask("setExceptionBreakpoints", filters=["uncaught"])
        assert client.go("continue")[0] == "exception"
        assert client.ask("exceptionInfo", threadId=1)["exceptionId"] == "ZeroDivisionError"
        assert client.frames()[0][2] == LINE + 2
        assert client.value("epoch") == "5"
        assert client.go("stepBack")[1].startswith("pass 5, step 7")
        assert client.go("continue") is None
    raising = TRAIN.replace("for epoch", "hook = W.register_hook(lambda dW: 1 / 0)\nfor epoch")
    with debugged(raising, tmp_path, **every) as client:
        assert client.first[0] == "exception" and client.first[1].startswith("pass 1, step 7")
        client.ask("setExceptionBreakpoints", filters=[])
        assert client.go("continue") is None


def test_a_rule_that_raises(tmp_path):
    """Its frame is the first, at the line that raised, with dz, z and x; then those of the step before."""
    own = "from microgradnn.graph import Op\nclass Cube(Op):\n    def forward(self, x): return x * x * x\n"
    own += "    def dx(self, dz, z, x):\n        return dz * missing\n    vjps = dx,\n"
    program = TRAIN.replace("rng =", f"{own}rng =", 1).replace("(X[batch] @ W).tanh()", "Cube()(X[batch] @ W)")
    with debugged(program, tmp_path) as client:
        assert client.first[0] == "exception"
        frames = client.ask("stackTrace", threadId=1)["stackFrames"]
        assert (frames[0]["name"], frames[0]["source"]["name"], frames[0]["line"]) == (
            "dx of cube raised NameError",
            "program.py",
            8,
        )
        assert frames[1]["name"] == "Matmul.dx → ∂L/∂h" or frames[1]["name"].startswith("Matmul.d")
        (scope, *_) = client.ask("scopes", frameId=frames[0]["id"])["scopes"]
        names = {v["name"] for v in client.ask("variables", variablesReference=scope["variablesReference"])["variables"]}
        assert names == {"dz", "z", "x"}
        assert client.ask("evaluate", expression="dz.shape", frameId=frames[0]["id"])["result"] == "(3, 4)"
        client.go("stepBack")
        assert "raised" not in client.ask("stackTrace", threadId=1)["stackFrames"][0]["name"]


def test_the_programs_own_breakpoints(tmp_path):
    """breakpoint() in the program stops at its line, and break_on in the pass, as anywhere; then the program goes on."""
    program = TRAIN.replace("range(1, 101)", "range(1, 3)").replace("    L.backward()", "    breakpoint()\n    L.backward()")
    program = program.replace("for epoch", "import microgradnn\nmicrogradnn.break_on(V)\nfor epoch")
    with debugged(program, tmp_path) as client:
        assert client.first[0] == "breakpoint" and client.value("epoch") == "1"
        assert client.go("continue") == ("breakpoint", "pass 1, step 5, loss 0.7001")
        assert client.frames()[0][0] == "Matmul.dy → ∂L/∂V"
        assert client.go("stepBack")[1].startswith("pass 1, step 4")
        assert client.go("continue")[1] == "forward, 1 pass done"
        assert client.go("continue")[1].startswith("pass 2, step 5")
        client.adapter.session.stops.found.clear()
        assert client.go("continue") is None
