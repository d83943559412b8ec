"""How Sphinx builds the site. It is called by build.py, which gathers the pages; a warning is an error there."""

import re

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

project = "microgradnn"
author = "the microgradnn authors"
language = "en"
extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_nb"]
root_doc = "index"
default_role = "code"

html_theme = "furo"
html_title = "microgradnn"
html_extra_path = ["extra"]  # pictures and pages that raw HTML asks for, in their folders
html_show_sourcelink = False
html_show_copyright = False
html_copy_source = False
html_math_renderer = "mathml"

autodoc_typehints = "none"  # NumPy's sections say them
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
nb_execution_mode = "off"  # the tests run the notebook; its outputs are in it
nb_mime_priority_overrides = [("html", "text/html", 1)]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a lesson may begin a level deeper


def display(self, node):
    """A formula as MathML, which browsers draw by themselves: no script, and nothing to load."""
    formula = node.astext().replace(r"\displaystyle", "").replace("aligned}", "align*}")  # what the converter knows
    written = re.sub(r'columnalign="(\w+)"', r'style="text-align:\1"', convert(formula, display="block"))  # as browsers align
    self.body.append(f'<div tabindex="0" style="overflow-x:auto; padding:0.6em 0">{written}</div>')
    raise SkipNode  # all is written


def inline(self, node):
    """The same within a line."""
    self.body.append(convert(node.astext()))
    raise SkipNode


def as_text(app, what, name, obj, options, lines):
    """Let |x| and x * y in the prose of docstrings be what they are in Python: text. Examples and `code` stay."""
    example = False
    for i, line in enumerate(lines):
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        if not example and not re.match(r" *\*+\w", line):  # *args among the parameters
            parts = re.split(r"(`[^`]*`)", line)
            lines[i] = "".join(part if part[:1] == "`" else re.sub(r"([|*])", r"\\\1", part) for part in parts)


def setup(app):
    """Sign in as a renderer of formulas, and as the first reader of docstrings."""
    app.connect("autodoc-process-docstring", as_text, priority=100)
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(display, None))
