"""A graph as DOT text, and the picture a Graphviz renderer makes of it.

The renderer is the program in $MICROGRADNN_DOT; else `dot`; else `graphviz-pure`, which pip installs with
`microgradnn[render]`. Without any of them the text forms still work.
"""

import html
import os
import platform
import shutil
import subprocess
import sysconfig
from pathlib import Path

import graphviz

PICTURE_FORMATS = ("svg", "png", "pdf")
SECONDS = 60  # a renderer that takes longer is stopped
INSTALL = {
    "Linux": "apt install graphviz    (or dnf, pacman, ...)",
    "Darwin": "brew install graphviz",
    "Windows": "winget install graphviz",
}


class RendererError(RuntimeError):
    """No picture could be made of a graph; the message says why, and what to do."""


class Diagram:
    """A graph to look at: DOT text, which is rendered when a picture is asked for.

    Parameters
    ----------
    graph : graphviz.Digraph
        The graph.
    """

    def __init__(self, graph):
        self._graph = graph

    @property
    def source(self):
        """str: the graph in Graphviz's language, DOT."""
        return self._graph.source

    def render(self, format="svg"):
        """The picture as bytes.

        Parameters
        ----------
        format : {"svg", "png", "pdf"}, optional

        Raises
        ------
        ValueError
            If the format is another one.
        RendererError
            If there is no renderer, or it fails, or takes longer than a minute.
        """
        if format not in PICTURE_FORMATS:
            raise ValueError(f"There is no picture format {format!r}; there are {', '.join(PICTURE_FORMATS)}.")
        return run_renderer(self.source, format)

    def save(self, path):
        """Write the picture to a file, in the format that its suffix says: .svg, .png, .pdf, or .dot for the text.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ValueError
            If the suffix is another one.
        RendererError
            If there is no renderer, or it fails, or takes longer than a minute. The file is not touched then.
        """
        path = Path(path)
        format = path.suffix.removeprefix(".").lower()
        if format in ("dot", "gv"):
            path.write_text(self.source, encoding="utf-8")
        elif format in PICTURE_FORMATS:
            path.write_bytes(self.render(format))
        else:
            raise ValueError(f"Cannot tell the format of {path.name!r}: its suffix should be .svg, .png, .pdf or .dot.")
        return path

    def _repr_svg_(self):
        try:
            return self.render("svg").decode()
        except (RendererError, ValueError):
            return None

    def __repr__(self):
        return f"<Diagram of {self.source.count(chr(10))} lines of DOT; .save('picture.svg') draws it>"


def escape(name):
    """A name as it may stand in an HTML-like label, whatever characters are in it.

    >>> escape('<a & "b">'), escape("line\\nbreak")
    ('&lt;a &amp; &quot;b&quot;&gt;', 'line\\\\nbreak')
    """
    return html.escape("".join(c if c.isprintable() else repr(c)[1:-1] for c in name))


def run_renderer(source, format):
    """DOT text as a picture, by the first renderer there is."""
    program = find_renderer()
    if format == "pdf" and Path(program).stem == "graphviz-pure":
        raise RendererError(f"graphviz-pure makes no PDF. Save a .svg or .png, or install Graphviz: {install_line()}")
    command = [program, "-q", f"-T{format}", *(["-Gdpi=200"] if format == "png" else [])]
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise RendererError(
            f"{program} did not finish within {SECONDS} seconds and was stopped: the graph is too large to lay out.\n"
            "Draw less of it; .save('graph.dot') writes it as text."
        ) from None
    except OSError as error:
        raise RendererError(f"{program} could not be run: {error}. Is $MICROGRADNN_DOT right?") from None
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
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


def new_graph(**attributes):
    """An empty directed graph in the project's style."""
    graph = graphviz.Digraph(graph_attr=attributes)
    graph.attr("graph", bgcolor="white", pad="0.3", fontname=FONT)
    graph.attr("node", shape="box", style="rounded,filled", fontname=FONT, fontsize="13", margin="0.16,0.09")
    graph.attr("edge", fontname=FONT, fontsize="12", arrowsize="0.7")
    return graph


FONT = "Helvetica,Arial,sans-serif"
