"""DOT text as a picture, by a Graphviz renderer in a process of its own.

The renderer is the program in $MICROGRADNN_DOT; else `dot`; else `graphviz-pure`, which pip installs with
`microgradnn[render]`. In a page, where no process can be started, it is what the page hands in (viz_js.py).
"""

import contextlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from ..errors import RendererError, one_of
from ..formulas.brief import visible
from . import viz_js

FORMATS = ("svg", "png", "pdf")
DPI = 200
SECONDS = 60  # a renderer that takes longer is stopped
MOST_BYTES = 300 * 10**6  # and one that writes more
LONGEST_MESSAGE = 4000
BEGINS = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "json0": b"{"}  # what is in the first bytes of each format
NO_NEATO = (
    "\nThis Graphviz came without its engine neato: apt install libgvplugin-neato-layout8"  # as Debian has it from 2026 on
)
INSTALL = {
    "Linux": "apt install graphviz    (or dnf, pacman, ...)",
    "Darwin": "brew install graphviz",
    "Windows": "winget install graphviz",
}


def render(source, format, dpi=DPI):
    """DOT text as a picture, by the first renderer there is.

    Parameters
    ----------
    source : str
        The graph in DOT.
    format : {"svg", "png", "pdf"}
    dpi : int, optional
        Pixels of a PNG to the inch.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If the format is another one.
    RendererError
        If there is no renderer, or it fails, or takes longer than a minute.
    """
    one_of(FORMATS, format, "picture format")
    is_pure = format in ("pdf", "png") and not viz_js.handed_in() and Path(find_renderer()).stem == "graphviz-pure"
    if is_pure and format == "pdf":
        raise RendererError(f"graphviz-pure makes no PDF. Save a .svg or .png, or install Graphviz: {install_line()}")
    if is_pure:
        source = source.replace("⊙", "ʘ")  # the font of its PNGs has no ⊙, but this letter, which looks the same
    fine = [f"-Gdpi={dpi}"] if format == "png" else []
    return run_renderer(source, f"-T{format}", *fine)


def run_renderer(source, *options):
    """What the renderer writes when it is given DOT text and some options; `render` says what is raised.

    It has a session of its own, so that it can be stopped with all that it has started.
    """
    if viz := viz_js.handed_in():
        return viz_js.draw(viz, source, *options)
    program = find_renderer()
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as drawn, tempfile.TemporaryFile() as said:
        given.write(source.encode())
        given.seek(0)
        command = [program, "-q", *options]
        try:
            process = subprocess.Popen(command, stdin=given, stdout=drawn, stderr=said, start_new_session=True)  # noqa: S603 - the renderer that the user installed
        except OSError as error:
            raise RendererError(f"{program} could not be run: {error}. Is $MICROGRADNN_DOT right?") from None
        try:
            _wait(process, program, (drawn, said))
        finally:
            _stop(process)
        drawn.seek(0)
        said.seek(0)
        output = drawn.read()
        lines = said.read(LONGEST_MESSAGE).decode(errors="replace").strip().splitlines()  # which may quote what is in boxes
    if process.returncode != 0 or not output:
        told = "\n".join(map(visible, lines)) or f"exit code {process.returncode}"
        if "nop2" in told and "ayout" in told:
            told += NO_NEATO
        raise RendererError(f"{program} could not draw the graph: {told}\n.save('graph.dot') writes it as text, to look at.")
    kind = next(option for option in options if option.startswith("-T")).removeprefix("-T")
    if BEGINS[kind] not in output[:2000]:
        begins = visible(output[:40].decode(errors="replace"))
        raise RendererError(
            f"{program} wrote no {kind.upper()}; it begins with {begins!r}. Is $MICROGRADNN_DOT a Graphviz program?"
        )
    return output


def _wait(process, program, files):
    """Until the renderer has finished; RendererError if that takes too long, or if it writes too much."""
    deadline = time.monotonic() + SECONDS
    while process.poll() is None:
        if sum(os.fstat(file.fileno()).st_size for file in files) > MOST_BYTES:
            raise RendererError(
                f"{program} wrote more than {MOST_BYTES // 10**6} MB and was stopped: this is no picture of the graph.\n"
                "Draw less of it; .save('graph.dot') writes it as text."
            )
        if time.monotonic() > deadline:
            raise RendererError(
                f"{program} did not finish within {SECONDS} seconds and was stopped: it hangs, or the graph is too large to "
                "lay out.\nDraw less of it, or in a shape such as 'slide', which needs no layout; .save('graph.dot') writes it "
                "as text."
            )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)


def _stop(process):
    """End the renderer and what it has started, if anything of it still runs."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def which_renderer():
    """What draws: the path of a program, or "viz.js"; RendererError if there is none."""
    return "viz.js" if viz_js.handed_in() else find_renderer()


def find_renderer():
    """The path of the renderer to use.

    Raises
    ------
    RendererError
        If there is none; the message says how to install one.
    """
    chosen = os.environ.get("MICROGRADNN_DOT")
    if chosen:
        return chosen
    beside_python = sysconfig.get_path("scripts")  # pip's programs, also where the environment is not activated
    found = shutil.which("dot") or shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=beside_python)
    if found is None and sys.platform == "emscripten":
        raise RendererError(
            "Nothing can be started in a page, so no Graphviz. Hand in npm's @viz-js/viz, in JavaScript:\n"
            '    pyodide.registerJsModule("viz", await Viz.instance())\n'
            "The DOT text is there without it: .source, .save('graph.dot')."
        )
    if found is None:
        raise RendererError(
            "There is no Graphviz renderer to draw the picture with. Install one:\n"
            '    pip install "microgradnn[render]"\n'
            f"    {install_line()}\n"
            "or name its program in $MICROGRADNN_DOT. The DOT text is there without it: .source, .save('graph.dot')."
        )
    return found


def install_line():
    """How Graphviz is installed on this system."""
    return INSTALL.get(platform.system(), "https://graphviz.org/download")
