"""DOT text as a picture, by a Graphviz renderer in a process of its own.

The renderer is the program in $MICROGRADNN_DOT; else `dot`; else `graphviz-pure`, which pip installs with
`microgradnn[render]`.
"""

import os
import platform
import shutil
import subprocess
import sysconfig
from pathlib import Path

from ..errors import RendererError, one_of
from ..formulas.brief import visible

FORMATS = ("svg", "png", "pdf")
SECONDS = 60  # a renderer that takes longer is stopped
INSTALL = {
    "Linux": "apt install graphviz    (or dnf, pacman, ...)",
    "Darwin": "brew install graphviz",
    "Windows": "winget install graphviz",
}


def render(source, format, inches=None):
    """DOT text as a picture, by the first renderer there is.

    Parameters
    ----------
    source : str
        The graph in DOT.
    format : {"svg", "png", "pdf"}
    inches : float, optional
        What a larger picture is reduced to, in width and height.

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
    if format == "pdf" and Path(find_renderer()).stem == "graphviz-pure":
        raise RendererError(f"graphviz-pure makes no PDF. Save a .svg or .png, or install Graphviz: {install_line()}")
    fine = ["-Gdpi=200"] if format == "png" else []
    small = [] if inches is None else [f"-Gsize={inches},{inches}"]
    return run_renderer(source, f"-T{format}", *fine, *small)


def run_renderer(source, *options):
    """What the renderer writes when it is given DOT text and some options; `render` says what is raised."""
    program = find_renderer()
    command = [program, "-q", *options]
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - the renderer that the user installed
    except subprocess.TimeoutExpired:
        raise RendererError(
            f"{program} did not finish within {SECONDS} seconds and was stopped: the graph is too large to lay out.\n"
            "Draw less of it; .save('graph.dot') writes it as text."
        ) from None
    except OSError as error:
        raise RendererError(f"{program} could not be run: {error}. Is $MICROGRADNN_DOT right?") from None
    if done.returncode != 0 or not done.stdout:
        lines = done.stderr.decode(errors="replace").strip().splitlines()  # which may quote what stands in the boxes
        said = "\n".join(map(visible, lines)) or f"exit code {done.returncode}"
        raise RendererError(f"{program} could not draw the graph: {said}\n.save('graph.dot') writes it as text, to look at.")
    return done.stdout


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
