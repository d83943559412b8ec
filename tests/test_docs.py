"""The API documentation is made from the docstrings, without a warning, and nothing public is missing from it."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import microgradnn
from microgradnn import nn, optim

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / ".ci" / "docs.py"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The documentation, written into a folder of its own."""
    pytest.importorskip("pdoc")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(SCRIPT), str(folder)], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def ids(page):
    """The names that a page documents."""
    return set(re.findall(r'<section id="([\w.]+)">', page)) | set(re.findall(r'<div id="([\w.]+)" class="classattr">', page))


def test_every_public_name_is_documented(site):
    """The page of the package has every name of `__all__`, and the pages of nn and optim theirs."""
    for module in (microgradnn, nn, optim):
        page = site.joinpath(*module.__name__.split(".")).with_suffix(".html").read_text(encoding="utf-8")
        functions = {name for name in module.__all__ if not inspect.ismodule(getattr(module, name))}
        assert functions <= ids(page)


def test_methods_that_are_set_from_a_table_are_documented(site):
    """Tensor's methods that are operations, such as tanh and sum, stand among those that are written in the class."""
    found = ids((site / "microgradnn.html").read_text(encoding="utf-8"))
    assert {"Tensor.tanh", "Tensor.sum", "Tensor.reshape", "Tensor.backward", "Tensor.T"} <= found


def test_sections_are_headings_and_lists(site):
    """Sections of NumPy's style become headings, and nothing of their underlines is left over in the text."""
    for path in site.rglob("*.html"):
        text = re.sub(
            r"<pre.*?</pre>|<script.*?</script>|<div class=\"pdoc-code.*?</div>",
            "",
            path.read_text(encoding="utf-8"),
            flags=re.DOTALL,
        )
        for line in re.sub(r"<[^>]+>", "\n", text).splitlines():
            assert not re.fullmatch(r"\s*-{4,}\s*", line), path
    page = (site / "microgradnn.html").read_text(encoding="utf-8")
    tensor = page[page.index('<section id="Tensor">') :]
    for heading in ("Parameters", "Attributes", "Raises", "Examples"):
        assert re.search(rf"<h6[^>]*>{heading}</h6>", tensor)


def test_the_contributors_page_names_what_there_is():
    """Every file and folder that the contributor's page names is there, in the repository or in the package."""
    page = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[\w.]+/)*[\w.]+(?:\.py|/))`", page)) | set(re.findall(r"\]\(([\w./]+)\)", page))
    assert len(named) > 15
    places = (ROOT, ROOT / "microgradnn", ROOT / ".github")
    assert not {name for name in named if not any((place / name).exists() for place in places)}


EVERYWHERE = (microgradnn, microgradnn.ops, nn, optim)
PUBLIC = {
    name: getattr(module, name) for module in EVERYWHERE for name in module.__all__ if name not in ("init", "nn", "optim")
}
PUBLIC |= {name: value for name, value in vars(nn.init).items() if inspect.getmodule(value) is nn.init and name[0] != "_"}
CALLED = {name for name, value in PUBLIC.items() if not (inspect.isclass(value) and issubclass(value, Exception))}
WITHOUT_EXAMPLE = {"step_through", "NonFiniteError"}  # a prompt waits for a person; the other is raised in that of `checked`


def sections(function):
    """The sections of a docstring, and those of the function that it says they are as for, or that a layer applies."""
    docstring = inspect.getdoc(function) or ""
    found = set(re.findall(r"^(\w+)\n-{4,}$", docstring, flags=re.MULTILINE))
    for other in re.findall(r"as for `(\w+)`|see `microgradnn.(\w+)`", docstring):
        found |= sections(PUBLIC["".join(other)])
    return found


def test_every_public_name_has_an_example():
    """Functions and classes say what they are, and show it."""
    assert {name for name, value in PUBLIC.items() if ">>>" not in (inspect.getdoc(value) or "")} == WITHOUT_EXAMPLE


@pytest.mark.parametrize("name", sorted(CALLED))
def test_parameters_and_result_are_described(name):
    """Each function and class describes its parameters, and each function its result, or says of which one it has them."""
    signature = inspect.signature(PUBLIC[name])
    due = {"Parameters"} if signature.parameters else set()
    if signature.return_annotation not in ("None", "Iterator[None]") and not inspect.isclass(PUBLIC[name]):
        due.add("Returns")
    assert due <= sections(PUBLIC[name])
