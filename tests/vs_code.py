"""VS Code in a browser (code-server, from npm), driven as a person would: for the opt-in tests of the extension.

Set MICROGRADNN_CODE_SERVER to code-server's program. From npm alone, with Node 20:

    npm install --ignore-scripts code-server@4.100.3
    cd node_modules/code-server/lib/vscode && npm install --ignore-scripts --omit=dev --legacy-peer-deps
    then rebuild argon2, node-pty, native-watchdog, @parcel/watcher, @vscode/spdlog and @vscode/deviceid with node-gyp
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

from browser import chromium

from microgradnn.debugging.adapter.extension_file import install, write_extension

ROWS = "return [...document.querySelectorAll(arguments[0] + ' .monaco-list-row')].map(e => e.innerText.replace(/\\n/g, ' | '))"

CLICK = """
    const found = [...document.querySelectorAll('.action-label')].find(e => (e.ariaLabel || '').startsWith(arguments[0]));
    if (found) found.click();
    return Boolean(found);
"""


class VSCode:
    """VS Code over a folder with one program, in a Chromium of 1500 by 950 points."""

    def __init__(self, program, folder, shots=None):
        self.folder, self.shots = folder, shots
        self.workspace = folder / "workspace"
        (self.workspace / ".vscode").mkdir(parents=True)
        (self.workspace / "train.py").write_text(program, encoding="utf-8")
        launch = {
            "type": "microgradnn",
            "request": "launch",
            "name": "Backprop",
            "program": "${file}",
            "python": sys.executable,
        }
        configurations = {"version": "0.2.0", "configurations": [launch]}
        (self.workspace / ".vscode" / "launch.json").write_text(json.dumps(configurations), encoding="utf-8")
        self._serve()
        self._browse()

    def _serve(self):
        own = ["--user-data-dir", str(self.folder / "data"), "--extensions-dir", str(self.folder / "extensions")]
        server = self.folder / "code-server"
        server.write_text(f'#!/bin/sh\nexec {os.environ["MICROGRADNN_CODE_SERVER"]} {" ".join(own)} "$@"\n', encoding="utf-8")
        server.chmod(0o755)
        said, well = install(str(server), write_extension(self.folder / "microgradnn.vsix"))
        assert well, said
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        quiet = ["--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"]
        address = ["--bind-addr", f"127.0.0.1:{port}"]
        self.server = subprocess.Popen([str(server), *quiet, *address, str(self.workspace)], stdout=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}/?folder={self.workspace}"
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
                return
            except OSError:
                time.sleep(0.2)
        raise AssertionError("code-server does not answer")

    def _browse(self):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = chromium()
        for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1500,950"):
            options.add_argument(flag)
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.driver.get(self.url)
        self.wait_for(lambda: any("train.py" in row for row in self.rows(".explorer-folders-view")))
        time.sleep(1)
        row = next(e for e in self.all(".explorer-folders-view .monaco-list-row") if "train.py" in e.text)
        self.actions().double_click(row).perform()
        self.wait_for(lambda: self.all(".editor-instance .view-line"))
        time.sleep(2)

    def actions(self):
        from selenium.webdriver.common.action_chains import ActionChains

        return ActionChains(self.driver)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def rows(self, selector):
        """The texts of the rows of a list."""
        return self.driver.execute_script(ROWS, selector)

    def wait_for(self, holds, seconds=40):
        """Wait until something holds; returns it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = holds()
            if found:
                return found
            time.sleep(0.2)
        self.shot("timeout")
        raise AssertionError(f"it does not come; on the screen are {self.rows('')}")

    def press(self, *keys):
        """Press keys, the last while the others are held."""
        actions = self.actions()
        for key in keys[:-1]:
            actions.key_down(key)
        actions.send_keys(keys[-1])
        for key in keys[:-1]:
            actions.key_up(key)
        actions.perform()

    def type(self, text):
        self.actions().send_keys(text).perform()
        time.sleep(0.8)

    def command(self, name):
        """Run a command by its name."""
        from selenium.webdriver.common.keys import Keys

        self.press(Keys.F1)
        self.wait_for(lambda: self.all(".quick-input-widget input"))
        time.sleep(0.5)
        self.type(name)
        self.press(Keys.ENTER)
        time.sleep(1)

    def go_to_line(self, line):
        """Put the cursor in a line."""
        from selenium.webdriver.common.keys import Keys

        self.press(Keys.CONTROL, "g")
        self.wait_for(lambda: self.all(".quick-input-widget input"))
        time.sleep(0.5)
        self.type(str(line))
        self.press(Keys.ENTER)
        time.sleep(0.5)

    def lines(self):
        """The lines of the editor, with the values that stand in them."""
        return [e.text.replace("\u00a0", " ") for e in self.all(".view-line")]

    def stack(self):
        """The rows of the call stack."""
        return self.rows(".debug-call-stack")

    def step(self, key, expected):
        """Press a key, and wait until a text is in the call stack."""
        self.press(key)
        return self.wait_for(lambda: any(expected in row for row in self.stack()))

    def screen(self):
        """All text on the screen."""
        return self.driver.execute_script("return document.body.innerText").replace("\u00a0", " ")

    def click(self, label):
        """Click a button of the debugger."""
        assert self.driver.execute_script(CLICK, label), label

    def shot(self, name):
        """Save what is on the screen, where pictures are wanted."""
        if self.shots:
            self.driver.save_screenshot(f"{self.shots}/{name}.png")

    def close(self):
        self.driver.quit()
        self.server.terminate()
        self.server.wait()
