"""The extension in VS Code itself, in a browser: opt-in, by MICROGRADNN_CODE_SERVER (see vs_code.py)."""

import os
import shutil
import time
from pathlib import Path

import pytest
from dap_client import TRAIN

pytestmark = pytest.mark.skipif("MICROGRADNN_CODE_SERVER" not in os.environ, reason="MICROGRADNN_CODE_SERVER is not set")
LINE = TRAIN.splitlines().index("    L.backward()") + 1


@pytest.fixture
def open_editor(tmp_path):
    """VS Code with the extension over a program; pictures go into the folder $MICROGRADNN_SHOTS."""
    pytest.importorskip("selenium")
    if not shutil.which("chromedriver"):
        pytest.skip("chromedriver is not installed")
    from vs_code import VSCode

    opened = []

    def over(program):
        opened.append(VSCode(program, tmp_path, os.environ.get("MICROGRADNN_SHOTS")))
        return opened[0]

    yield over
    for editor in opened:
        editor.close()


def test_a_training_loop_in_vscode(open_editor):
    """Stopped at pass 57; into the rule, on, back into pass 56, and on to where the loss rises, by VS Code's own buttons."""
    from selenium.webdriver.common.keys import Keys

    editor = open_editor(TRAIN)
    editor.go_to_line(LINE)
    editor.command("View: Show Run and Debug")
    editor.command("Debug: Add Conditional Breakpoint")
    editor.type("n == 57 or n > 57 and loss > last")
    editor.press(Keys.ENTER)
    time.sleep(1)
    editor.press(Keys.F5)
    editor.wait_for(lambda: any("<module>" in row for row in editor.stack()))
    time.sleep(1)
    editor.shot("pass_57")
    editor.step(Keys.F11, "Mean.dx")
    editor.step(Keys.F10, "Power.dx")
    editor.step(Keys.F10, "Subtract.dy")
    time.sleep(2)
    editor.shot("step_3")
    names = [row.partition("=")[0].strip() for row in editor.rows(".debug-variables")]
    assert names[1:7] == ["rule", "dz", "z", "x", "y", "dy"]
    assert any("dz = [−0.3089" in line for line in editor.lines())
    editor.click("Step Back")
    editor.wait_for(lambda: any("Power.dx" in row for row in editor.stack()))
    for _ in range(3):
        editor.click("Step Back")
        time.sleep(0.8)
    editor.wait_for(lambda: any("Matmul.dy" in row for row in editor.stack()))
    editor.shot("pass_56")
    editor.command("microgradnn: Show the Graph")
    time.sleep(4)
    editor.shot("graph")
    for _ in range(2):  # to pass 57, which is known, and on
        editor.press(Keys.F5)
        editor.wait_for(lambda: any("<module>" in row for row in editor.stack()))
        time.sleep(1)
    editor.wait_for(lambda: "pass 58, step 0" in editor.screen())
    editor.shot("loss_rises")
    editor.click("Reverse")
    editor.wait_for(lambda: "pass 57, step 0" in editor.screen())


def test_the_first_minute_in_vscode(open_editor):
    """The README's network, forth to the last rule and back to the start, and the derivation in the console."""
    from selenium.webdriver.common.keys import Keys

    text = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    program = text.partition("## A first minute")[2].partition("```python\n")[2].partition("draw(L")[0]
    editor = open_editor(program)
    editor.go_to_line(next(i for i, line in enumerate(program.splitlines(), start=1) if line.startswith("L.backward()")))
    editor.press(Keys.F9)
    editor.press(Keys.F5)
    editor.wait_for(lambda: any("<module>" in row for row in editor.stack()))
    time.sleep(1)
    rules = ["Power.dx", "Subtract.dy", "Matmul.dx", "Matmul.dy", "Tanh.dx", "Matmul.dy"]
    for key, rule in zip([Keys.F11] + [Keys.F10] * 5, rules, strict=True):
        editor.step(key, rule)
        time.sleep(0.7)
    editor.shot("first_minute")
    editor.command("Debug Console: Focus on Debug Console View")
    editor.type("explain W[0, 0]")
    editor.press(Keys.ENTER)
    editor.wait_for(lambda: "finite differences   2.104" in editor.screen())
    editor.shot("explained")
    for rule in rules[-2::-1]:
        editor.click("Step Back")
        editor.wait_for(lambda rule=rule: any(rule in row for row in editor.stack()))
    editor.click("Step Back")
    editor.wait_for(lambda: "step 0" in editor.screen())
