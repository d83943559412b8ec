"""`live(L)`: a page on which the numbers of a recorded graph can be changed, and everything follows.

The page is one file. Its script is programs/arrays/, the programs of this graph, and the files in live/, put together as they
are; a content policy admits this script alone, and reaches nothing.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING

from ..drawing.graph_diagram import draw
from ..errors import describe, one_of
from ..formulas.spelling import spell_made
from ..graph import Node
from ..optim import SGD, Adam
from ..pictures.page_parts import json_island
from ..pictures.themes import theme_named
from ..pictures.trust import frame
from ..programs.javascript_writer import javascript_of_rule, runtime
from ..saving.savers import save, saver
from ..saving.whole_files import write
from ..tensor import Tensor
from .live_conventions import Written

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from ..annotations import FilePath
    from ..passes import Pass

SCRIPTS = ("state", "conventions", "writing", "cone", "scrub", "graph", "derivation", "nudge", "train", "steps", "quiz", "page")
STYLES = ("colours", "base", "page", "derivation", "charts", "panels", "graph", "media")
THEMES = ("light", "dark")
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none';"
OPTIMISERS = {
    "SGD": (SGD, {}, "W ← W − α g"),
    "momentum": (SGD, {"momentum": 0.9}, "v ← 0.9 v + g,  W ← W − α v"),
    "Adam": (Adam, {}, "m ← 0.9 m + 0.1 g,  v ← 0.999 v + 0.001 g²,  W ← W − α m̂ / (√v̂ + 10⁻⁸)"),
}


def live(output: Tensor | Mapping[str, Tensor]) -> Live:
    """A page on which the numbers of a recorded graph can be touched: drag one, and values, gradients and derivation follow.

    What no page can compute is shown as it was recorded, and the page says why nothing can be dragged: a graph of more than
    20,000 numbers, or an operation that cannot be written as JavaScript.

    Parameters
    ----------
    output : Tensor or dict of str to Tensor
        The loss: one number. Or several, by the titles that they have in a menu on the page.

    Returns
    -------
    Live
        Save it, `live(L).save("page.html")`; in a notebook it shows itself.

    Raises
    ------
    TypeError
        If what is given is no Tensor, or holds something else than real numbers.
    ValueError
        If the output is not one number.
    RuntimeError
        If nothing that the output was computed from requires a gradient.

    Examples
    --------
    >>> from microgradnn import Tensor, live
    >>> x, w = Tensor([1.0, 2.0], name="x"), Tensor([0.5, 0.25], requires_grad=True, name="w")
    >>> live(((x @ w).named("o") ** 2).named("L"))
    <the live page of L = o²>
    """
    return Live(output)


class Live:
    """The live page of a recorded graph, or of several; see `live`.

    It holds the graphs as they were recorded, and the values as they are when it is made.
    """

    def __init__(self, output: Tensor | Mapping[str, Tensor]) -> None:
        outputs = output if isinstance(output, Mapping) else {"": output}
        for loss in outputs.values():
            if not isinstance(loss, Node):
                raise TypeError(f"live takes the loss as a Tensor, L and not L.item(); it was given {describe(loss)}.")
        if not outputs:
            raise ValueError("live was given no loss: of a menu, there must be at least one.")
        self.networks = {title: Written(loss) for title, loss in outputs.items()}

    @classmethod
    def of_pass(cls, recorded: Pass, why: str = "") -> Live:
        """The page of a pass that was; if something is said why, as it was, so that nothing can be dragged."""
        found = cls.__new__(cls)
        found.networks = {"": Written(recorded.output, recorded, why)}
        return found

    @property
    def title(self) -> str:
        """str: how each network begins, or is called."""
        return ", ".join(title or title_of(network) for title, network in self.networks.items())

    def page(self, theme: Literal["light", "dark"] = "light", mode: Literal["explore", "steps"] = "explore") -> str:
        """The HTML text.

        Parameters
        ----------
        theme : {"light", "dark"}, optional
            A light page follows the reader's system; a dark one starts dark.
        mode : {"explore", "steps"}, optional
            What it opens with.

        Raises
        ------
        ValueError
            If the theme is another one.
        RendererError
            If there is no Graphviz renderer to lay the graph out, or it fails.
        """
        one_of(THEMES, theme, "live page in the theme")
        networks = self.networks.values()
        script, style = (
            script_of([written.programs for written in networks]),
            signs() + "".join(part_of(f"{name}.css") for name in STYLES),
        )
        told = [written.data | {"mode": mode, "title": title} for title, written in self.networks.items()]
        notes = [note for written in networks for note in written.recorded.notes]
        parts = {
            "theme": {"light": "auto"}.get(theme, theme),
            "title": html.escape(self.title),
            "policy": f"{POLICY} script-src {hashed(script)}; style-src {hashed(style)}",
            "style": style,
            "notes": "".join(f'<p class="note">{html.escape(note)}</p>' for note in dict.fromkeys(notes)),
            "data": json_island(told),
            "script": script,
        }
        return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], part_of("page.html"))

    def save(self, path: FilePath, theme: Literal["light", "dark"] = "light") -> Path:
        """Write the page to a file: .html, one file that needs no network.

        Parameters
        ----------
        path : str or Path
        theme : {"light", "dark"}, optional
            A light page follows the reader's system; a dark one starts dark.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ValueError
            If the suffix or the theme is another one.
        RendererError
            If there is no Graphviz renderer, or it fails, or takes longer than a minute.
        """
        return save(self, path, theme=theme)

    def _repr_html_(self) -> str | None:
        """What a notebook shows: the page in a frame; None where it cannot be made."""
        try:
            return saver(self, "")(self)
        except Exception:  # noqa: BLE001 - a notebook cell that fails to show its result hides everything else in it
            return None

    def __repr__(self) -> str:
        return f"<the live page of {self.title}>"


def save_page(thing, path, theme):
    """Write the page."""
    write(path, thing.page(theme))


def to_notebook(thing):
    """The page in a frame; where the notebook is not trusted, a picture of the first graph."""
    first = next(iter(thing.networks.values())).recorded
    return frame(thing.page(), f"The live page of {thing.title}", draw(first.output, show=("shape", "value")).render())


def title_of(written):
    """L = (t − o)²."""
    network = written.recorded
    return f"{network.labels[network.output]} = {spell_made(network.output)}".removesuffix(" = ")


def script_of(programs):
    """The whole script: the arrays, the programs of each graph, the optimisers' rules, the page."""
    text = "const PROGRAMS = [\n" + ",\n".join(programs) + "\n];"
    parts = [runtime(), text, optimisers(), *(part_of(f"{name}.js") for name in SCRIPTS)]
    return "\n".join(parts).replace("</", "<\\/").replace("<!--", "<\\!--")


def optimisers():
    """The optimisers' rules, and what is told of them."""
    some, text, told = [Tensor(0.0, requires_grad=True)], [], []
    for name, (kind, settings, formula) in OPTIMISERS.items():
        rule = kind(some, **settings)
        text.append(javascript_of_rule(f"update{name}", rule))
        remembers = json.dumps(rule.remembered())
        told.append(
            f"  {name}: {{ update: update{name}, remembers: {remembers}, formula: {json.dumps(formula, ensure_ascii=False)} }},"
        )
    return "\n\n".join([*text, "\n".join(["const OPTIMISERS = {", *told, "};"])])


def signs():
    """The colours of signs, those of the pictures, as variables of CSS. Paper is white."""
    light, dark = (
        f"--ink: {theme.ink}; --positive: {theme.positive}; --negative: {theme.negative}; --zero: {theme.grey};"
        for theme in map(theme_named, THEMES)
    )
    return f":root {{ {light} }}\n@media screen {{ :root[data-theme=dark] {{ {dark} }} }}\n"


def part_of(name):
    """A file of the page."""
    return files(__package__).joinpath("live", name).read_text(encoding="utf-8")


def hashed(text):
    """How a content policy names a script or a style: by what it is."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
