"""The extension in VS Code itself, in a browser: opt-in, by MICROGRADNN_CODE_SERVER (see vs_code.py)."""

import os
import shutil
import time

import pytest
from dap_client import TRAIN

pytestmark = pytest.mark.skipif("MICROGRADNN_CODE_SERVER" not in os.environ, reason="MICROGRADNN_CODE_SERVER is not set")
LINE = TRAIN.splitlines().index("    L.backward()") + 1


@pytest.fixture
def editor(tmp_path):
    """VS Code with the extension; pictures go into the folder $MICROGRADNN_SHOTS."""
    pytest.importorskip("selenium")
    if not shutil.which("chromedriver"):
        pytest.skip("chromedriver is not installed")
    from vs_code import VSCode

    editor = VSCode(TRAIN, tmp_path, os.environ.get("MICROGRADNN_SHOTS"))
    yield editor
    editor.close()


def test_a_training_loop_in_vscode(editor):
    """A conditional breakpoint stops at pass 57; from there into the rule, on and back by VS Code's own keys and buttons."""
    from selenium.webdriver.common.keys import Keys

    editor.go_to_line(LINE)
    editor.command("View: Show Run and Debug")
    editor.command("Debug: Add Conditional Breakpoint")
    editor.type("n == 57")
    editor.press(Keys.ENTER)
    time.sleep(1)
    editor.press(Keys.F5)
    editor.wait_for(lambda: any("<module>" in row for row in editor.stack()))
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
    editor.click("Reverse")
    editor.wait_for(lambda: any("<module>" in row for row in editor.stack()))
