"""Nothing public lacks documentation: docstrings are whole, and the site's pages name all that there is and lead somewhere.

.ci/run builds the site; a warning is an error there. What is gathered for it is looked at here.
"""

import importlib.util
import inspect
import re
import sys
from pathlib import Path

import pytest

import microgradnn
from microgradnn import nn, optim

ROOT = Path(__file__).parents[1]
SITE = ROOT / ".ci" / "docs"


@pytest.fixture(scope="module")
def build():
    """The script that builds the site."""
    sys.path.insert(0, str(SITE))
    try:
        spec = importlib.util.spec_from_file_location("build_site", SITE / "build.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(SITE))


@pytest.fixture(scope="module")
def gathered(build, tmp_path_factory):
    """The pages as Sphinx gets them, but for the pictures of the gallery."""
    folder = tmp_path_factory.mktemp("pages")
    build.gather(folder)
    build.write_reference(folder)
    return folder


def test_the_reference_has_every_public_name(gathered):
    """Every name of `__all__`, of the package, of nn, of optim and of ops, stands in the reference, once for each."""
    documented = set()
    for page in (gathered / "reference").glob("*.rst"):
        documented |= set(re.findall(r"^\.\. auto\w+:: ([\w.]+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE))
    for module in (nn, optim, microgradnn.ops):
        assert {f"{module.__name__}.{name}" for name in module.__all__} - documented <= {
            "microgradnn.nn.init",
            "microgradnn.ops.Op",
        }
    own = {name for name in microgradnn.__all__ if name not in microgradnn.ops.__all__} - {"nn", "optim"}
    assert {f"microgradnn.{name}" for name in own} <= documented


def test_pages_lead_to_pages(gathered, build):
    """Each link within the site leads to a page or picture that is there, and so does the sidebar."""
    links = 0
    for page in [*gathered.rglob("*.md"), gathered / "demos" / "tour.ipynb"]:
        if page.parent.parts[len(gathered.parts) :][:1] == ("source",):
            continue
        for found in build.LINK.finditer(page.read_text(encoding="utf-8")):
            target = page.parent / found[1]
            assert target.exists() or (gathered / "extra" / target.relative_to(gathered)).exists(), (page, found[0])
            links += 1
    assert links > 100
    listed = [page for pages in build.TREE.values() for page in pages if page != "gallery"]
    assert all(any((gathered / f"{page}{suffix}").exists() for suffix in (".md", ".ipynb", ".rst")) for page in listed)


def test_the_gallery(build, tmp_path, monkeypatch, renderer):
    """It shows what `microgradnn gallery` draws: pictures, pages in frames, texts as links, each with its code."""
    chosen = [kind for kind in build.KINDS if kind.file in ("network.svg", "steps.html", "text.dot")]
    monkeypatch.setattr(build, "KINDS", chosen)
    build.write_gallery(tmp_path)
    page = (tmp_path / "gallery.md").read_text(encoding="utf-8")
    assert {path.name for path in (tmp_path / "extra" / "gallery").iterdir()} == {kind.file for kind in chosen}
    for kind in chosen:
        assert f"## {kind.shows}" in page
        assert kind.text in page
    assert page.count("<img") == page.count("<iframe") == page.count('<a href="gallery/text.dot">') == 1


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
# A prompt waits for a person; the others stand in the examples of `checked` and `save_run`.
WITHOUT_EXAMPLE = {"step_through", "NonFiniteError"}


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
