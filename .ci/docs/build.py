"""Build the documentation: `python .ci/docs/build.py [FOLDER]`; the folder is .site, if not given.

It needs `pip install -e ".[docs]"` and a Graphviz renderer. The pages are gathered into a folder for Sphinx: README, lessons,
guides and the tour as they stand in the repository, a gallery, and a reference of all public names. A warning is an error.
What is built needs no network and no server: its search works from the file.
"""

import inspect
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import microgradnn
from microgradnn import nn, ops, optim
from microgradnn.commands.gallery import KINDS, NETWORK, made_by

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
TEXTS = (
    "README.md",
    *(f".github/{name}.md" for name in ("ARCHITECTURE", "CONTRIBUTING", "CHANGELOG")),
    "demos/**/*.md",
    "microgradnn/*/README.md",
)
PICTURES = ("demos/pictures/*.svg", "demos/pictures/*.gif", ".github/*.svg")
THEMSELVES = (".md", ".ipynb", ".svg", ".gif")  # files that stand on the site as they are; of others it shows the text
LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")
CONTENTS = """
```{{toctree}}
:hidden:
:caption: {caption}

{pages}
```
"""
TREE = {  # what the sidebar lists
    "Learn": ["demos/tour", "demos/course", "demos/lessons"],
    "How to": [
        "demos/guides/pictures",
        "demos/guides/papers",
        "demos/guides/stepping",
        "demos/guides/vscode",
        "demos/guides/live",
        "demos/guides/none_gradients",
        "demos/guides/nan",
        "demos/guides/learning",
        "demos/guides/training",
        "demos/guides/webassembly",
    ],
    "Understand": [
        "demos/guides/one_idea",
        "demos/guides/fast",
        "demos/conventions",
        "microgradnn/compiling/README",
        "github/ARCHITECTURE",
    ],
    "Look up": ["gallery", "reference/index", "github/CHANGELOG", "github/CONTRIBUTING"],
}
ACCESSIBLE = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="The site">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="This page">',
    "<pre>": '<pre tabindex="0">',
    '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
}
SEEING = (
    "draw",
    "chain_rule",
    "backward_steps",
    "live",
    "step_through",
    "break_on",
    "clear_breakpoints",
    "name_tensors",
    "remember_lines",
)
DERIVATIVES = ("value_and_grad", "vjp", "jvp", "jacobian", "hessian", "hvp")
GROUPS = {  # the reference: title, module, names
    "tensor": ("Tensors and gradients", "microgradnn", ("Tensor", "grad", "no_grad", "Op", "NonFiniteError")),
    "derivatives": ("Derivatives of functions", "microgradnn", DERIVATIVES),
    "seeing": ("Drawing, explaining, stepping", "microgradnn", SEEING),
    "checking": ("Checking", "microgradnn", ("checked", "gradcheck", "check_op", "Passes", "watch", "why")),
    "programs": ("Programs", "microgradnn", ("unroll", "compiled")),
    "training": ("Training", "microgradnn", ("fit", "batches", "EarlyStopping", "save", "load")),
    "optim": ("Optimisers: microgradnn.optim", "microgradnn.optim", optim.__all__),
    "nn": ("Layers and losses: microgradnn.nn", "microgradnn.nn", [name for name in nn.__all__ if name != "init"]),
    "init": ("First weights: microgradnn.nn.init", "microgradnn.nn.init", None),
    "ops": ("Operations", "microgradnn.ops", [name for name in ops.__all__ if name != "Op"]),
    "diagrams": ("What draw returns", "microgradnn.pictures.diagram", ("Diagram",)),
    "derivations": ("What chain_rule returns", "microgradnn.explaining.derivation", ("ChainRule",)),
    "steps": ("What backward_steps returns", "microgradnn.debugging.steps", ("BackwardSteps", "Step")),
    "pages": ("What live returns", "microgradnn.pages.live_page", ("Live",)),
    "unrolled": ("What unroll returns", "microgradnn.programs.unrolled", ("Unrolled",)),
}


def main(folder=ROOT / ".site"):
    """Gather the pages, and let Sphinx build them."""
    with tempfile.TemporaryDirectory() as place:
        source = Path(place)
        gather(source)
        write_gallery(source)
        write_reference(source)
        shutil.copy(HERE / "conf.py", source)
        options = ["-W", "--keep-going", "-q", "-E", "-j", "2", "-d", str(source / ".doctrees")]
        subprocess.run([sys.executable, "-m", "sphinx", *options, str(source), str(folder)], check=True)  # noqa: S603
    for page in Path(folder).rglob("*.html"):
        page.write_text(accessible(page.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"the documentation begins at {Path(folder) / 'index.html'}")


def accessible(page):
    """A page with what its theme leaves out for who uses a keyboard, or listens: levels, names, and what scrolls."""
    for theme, ours in ACCESSIBLE.items():
        page = page.replace(theme, ours)
    return page


def gather(source):
    """Copy texts, the tour and pictures to where they find each other, and make a page of each file that they lead to."""
    wanted = set()
    for pattern in TEXTS:
        for path in sorted(ROOT.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            wanted |= files_in(path, text)
            write(source / placed(path), linked(path, text))
    tour = ROOT / "demos" / "tour.ipynb"
    write(source / placed(tour), linked(tour, tour.read_text(encoding="utf-8")))
    for pattern in PICTURES:
        for path in ROOT.glob(pattern):
            target = source / "extra" / placed(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    for path in wanted:
        write_source(source, path)
    index = source / "index.md"
    tree = "".join(CONTENTS.format(caption=caption, pages="\n".join(pages)) for caption, pages in TREE.items())
    index.write_text(index.read_text(encoding="utf-8") + tree, encoding="utf-8")


def write(path, text):
    """Write a file, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def placed(path):
    """Where a file of the repository is on the site: the README is its front page, and hidden folders are shown."""
    inside = path.relative_to(ROOT).as_posix()
    return Path("index.md" if inside == "README.md" else inside.removeprefix("."))


def target_of(path, found):
    """The file of the repository that a link leads to."""
    return (path.parent / found[1]).resolve()


def files_in(path, text):
    """The files that a text links to and that are no pages of their own."""
    targets = {target_of(path, found) for found in LINK.finditer(text)}
    return {target for target in targets if target.is_file() and target.suffix not in THEMSELVES}


def linked(path, text):
    """A text whose links lead to pages of the site; those to folders are words, since there is nothing to show."""
    text = re.sub(r"\[([^\]]+)\]\(((?!https?:)[^)\s#]+)\)", lambda found: unlinked(path, found), text)
    text = text.replace('"../.github/', '"../github/')
    return LINK.sub(lambda found: link(path, found), text)


def unlinked(path, found):
    """A link, or its words alone where it leads to a folder."""
    return found[1] if (path.parent / found[2]).is_dir() else found[0]


def link(path, found):
    """Where a link leads on the site."""
    target = target_of(path, found)
    if not target.exists():
        return found[0]
    depth = len(placed(path).parents) - 1
    page = placed(target)
    name = page.as_posix() if page.suffix in THEMSELVES else f"source/{page.as_posix()}.md"
    return "../" * depth + name + (found[2] or "")


def write_source(source, path):
    """A page that shows a file of the repository."""
    inside = placed(path).as_posix()
    language = "python" if path.suffix == ".py" else "text"
    code = path.read_text(encoding="utf-8")
    write(source / "source" / f"{inside}.md", f"---\norphan: true\n---\n\n# {inside}\n\n`````{language}\n{code}`````\n")


def write_gallery(source):
    """What `microgradnn gallery` draws, as a page of the site: pictures and pages, each with the code that makes it."""
    folder = source / "extra" / "gallery"
    folder.mkdir(parents=True)
    parts = [
        "# Gallery",
        "Each is made by the code below it, after this; `microgradnn gallery` writes them all.",
        code(NETWORK),
    ]
    for kind in KINDS:
        made_by(kind).save(folder / kind.file)
        parts += [f"## {kind.shows}", view_of(kind), code(kind.text)]
    write(source / "gallery.md", "\n\n".join(parts) + "\n")


def view_of(kind):
    """How the site shows a kind of picture: a picture, a page in a frame, or a link to a text."""
    file = f"gallery/{kind.file}"
    if file.endswith(".svg"):
        return f'<img alt="{kind.shows}" src="{file}">'
    link = f'<a href="{file}">{kind.file}</a>'
    frame = f'<iframe title="{kind.shows}" src="{file}" style="width:100%; height:640px; border:1px solid #8884"></iframe>'
    return f"{frame}\n\n{link}, the page alone" if file.endswith(".html") else link


def code(text):
    """Python code in Markdown."""
    return f"```python\n{text.rstrip()}\n```"


def write_reference(source):
    """A page for each group of names, from their docstrings."""
    grouped = {name for _, module, names in GROUPS.values() if module == "microgradnn" for name in names}
    rest = {*microgradnn.__all__} - grouped - {*ops.__all__} - {"nn", "optim"}
    for key, (title, module, names) in (GROUPS | {"more": ("More", "microgradnn", rest)}).items():
        listed = public_of(import_module(module)) if names is None else names
        write(source / "reference" / f"{key}.rst", page_of(title, module, sorted(listed, key=str.lower)))
    pages = "\n".join(f"   {key}" for key in (*GROUPS, "more"))
    write(source / "reference" / "index.rst", f"Reference\n=========\n\n.. toctree::\n   :maxdepth: 1\n\n{pages}\n")


def public_of(module):
    """The functions that a module defines."""
    return [name for name, value in vars(module).items() if inspect.getmodule(value) is module and name[0] != "_"]


def page_of(title, module, names):
    """A page in reStructuredText that documents some names of a module."""
    parts = [f"{title}\n{'=' * len(title)}\n"]
    for name in names:
        if inspect.isclass(getattr(import_module(module), name)):
            parts.append(f".. autoclass:: {module}.{name}\n   :members:\n")
        else:
            parts.append(f".. autofunction:: {module}.{name}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    main(*sys.argv[1:])
