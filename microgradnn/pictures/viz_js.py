"""DOT text as a picture where no process can be started: in a page, by npm's @viz-js/viz, which the page hands in.

Under Pyodide: `pyodide.registerJsModule("viz", await Viz.instance())`.
"""

import json
import sys

from ..errors import RendererError

FORMATS = ("svg", "json0")  # its Graphviz is built without others
ATTRIBUTES = {"G": "graphAttributes", "N": "nodeAttributes", "E": "edgeAttributes"}  # as Graphviz's options are called there


def handed_in():
    """The instance of viz.js that the page has handed in; None if it has not, and where there is no page."""
    if sys.platform != "emscripten":
        return None
    try:
        import viz
    except ImportError:
        return None
    return viz


def draw(viz, source, *options):
    """What viz.js makes of DOT text, with Graphviz's own options, such as -Tsvg and -Earrowhead=none.

    Parameters
    ----------
    viz : JsProxy
        An instance, as `Viz.instance()` of @viz-js/viz gives it.
    source : str
        The graph in DOT.
    *options : str

    Returns
    -------
    bytes

    Raises
    ------
    RendererError
        If it is asked for another format than SVG, or cannot draw the graph.
    """
    from js import JSON

    asked = {"format": next(option for option in options if option.startswith("-T")).removeprefix("-T")}
    if asked["format"] not in FORMATS:
        raise RendererError(
            f"viz.js makes no {asked['format'].upper()}. Save a .svg, a .html, or the text: .save('graph.dot')."
        )
    for option in options:
        if option[1] in ATTRIBUTES:
            name, value = option[2:].split("=", 1)
            asked.setdefault(ATTRIBUTES[option[1]], {})[name] = value
    drawn = viz.render(source, JSON.parse(json.dumps(asked)))
    if drawn.status != "success":
        told = "\n".join(error.message for error in drawn.errors)
        raise RendererError(f"viz.js could not draw the graph: {told}\n.save('graph.dot') writes it as text, to look at.")
    return drawn.output.encode()
