"""Magics, displays and break_on in JupyterLab, in a browser: opt-in, by MICROGRADNN_JUPYTER_LAB, the program jupyter-lab.

Its kernel must find this package; pictures of the screen go into the folder $MICROGRADNN_SHOTS.
"""

import os
import shutil
import socket
import subprocess
import time

import nbformat
import pytest
from browser import chromium

pytestmark = pytest.mark.skipif("MICROGRADNN_JUPYTER_LAB" not in os.environ, reason="MICROGRADNN_JUPYTER_LAB is not set")
FIRST = """\
%load_ext microgradnn
import numpy as np
from microgradnn import Tensor, break_on, checked
W, x = Tensor(np.random.default_rng(0).normal(size=(3, 4)), requires_grad=True), Tensor([0.5, -1.2, 0.3])
W"""
CELLS = [
    FIRST,
    "%%backprop\nh = (x @ W).tanh()\nL = (h ** 2).sum()",
    "L.backward()\nW",
    "%explain W[0, 1]",
    "Tensor(np.ones((30, 40)), name='large')",
    "with checked():\n    (W - W).log()",
    "stop = break_on(W)\nL.backward()",
]


@pytest.fixture
def lab(tmp_path):
    """JupyterLab over a notebook of these cells, and the browser that shows it."""
    pytest.importorskip("selenium")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    open_to_all = ["--no-browser", "--ServerApp.token=", "--ServerApp.password=", "--allow-root"]
    command = [os.environ["MICROGRADNN_JUPYTER_LAB"], f"--port={port}", f"--notebook-dir={tmp_path}", *open_to_all]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1300,2400"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        for _ in range(60):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.5)
        driver.get(f"http://127.0.0.1:{port}/lab/tree/notebook.ipynb")
        yield driver
    finally:
        driver.quit()
        server.terminate()
        server.wait()


def test_a_notebook(lab):
    """Tensors are tables, steps a page, an element a formula; a NaN ends at the cell's line; break_on opens the prompt."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    def texts():
        return [output.text for output in lab.find_elements("css selector", ".jp-OutputArea-output")]

    def wait_for(holds, seconds=40):
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, texts()
            time.sleep(0.3)

    def all_of(selector):
        return lab.find_elements("css selector", selector)

    wait_for(lambda: len(all_of(".jp-Cell .jp-InputArea-editor")) >= len(CELLS) - 1)
    time.sleep(5)  # until the kernel is there
    ActionChains(lab).click(all_of(".jp-Cell .jp-InputArea-editor")[0]).perform()
    for _ in CELLS:
        ActionChains(lab).key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT).perform()
        time.sleep(1.5)
    wait_for(lambda: all_of(".jp-Stdin-input"))
    for line in ("dy.shape", "back", "continue"):
        all_of(".jp-Stdin-input")[-1].send_keys(line + Keys.ENTER)
        time.sleep(1.5)
    if "MICROGRADNN_SHOTS" in os.environ:
        lab.save_screenshot(f"{os.environ['MICROGRADNN_SHOTS']}/jupyterlab.png")
    shown = "\n".join(texts())
    assert "Cell In[6]:2:" in shown and "(3, 4)" in shown and "∂L/∂W" in shown
    assert all_of(".jp-OutputArea-output table td") and all_of(".jp-OutputArea-output mjx-container, .jp-RenderedLatex")
    assert "checker.py" not in shown
