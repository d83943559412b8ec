"""Write the API documentation, made from the docstrings: `python .ci/docs.py [FOLDER]`; the folder is .site, if not given.

It needs pdoc: `pip install -e ".[docs]"`. A warning is an error.
"""

import sys
import warnings
from pathlib import Path

import pdoc

MODULES = (  # modules that public names lead to are found by pdoc; here are those whose objects they return or raise
    "microgradnn",
    "microgradnn.graph",
    "microgradnn.stepping.steps",
    "microgradnn.pictures.diagram",
    "microgradnn.watching.observers",
    "microgradnn.pictures.render",
)


class AsWritten(str):
    """An annotation whose repr, which pdoc shows, is what stands in the source: `Operand`, not all that it may be."""

    __slots__ = ()
    __repr__ = str.__str__


def as_written(annotation, *_):
    """What pdoc asks for an annotation's meaning."""
    return AsWritten(annotation) if isinstance(annotation, str) else annotation


def main(folder=".site"):
    """Write one page for each module, and an index."""
    warnings.simplefilter("error")
    pdoc.doc.safe_eval_type = pdoc.doc_types.safe_eval_type = as_written
    pdoc.render.configure(docformat="numpy", math=True, include_undocumented=False, footer_text="microgradnn")
    pdoc.pdoc(*MODULES, output_directory=Path(folder))
    print(f"the documentation begins at {Path(folder) / 'microgradnn.html'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
