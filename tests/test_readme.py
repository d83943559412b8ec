"""The README and the lessons: their code runs, what they show is what comes out, and their pictures are today's."""

import ast
import importlib.util
import re

import pytest
from documents import FENCED, ROOT, TEXTS, TOUR, run_again

PICTURES = ROOT / "demos" / "pictures"
SAVED = {  # by the code of each text
    "README": {"network.svg"},
    "lessons": {"cube.svg", "equal_units.svg", "one_weight.svg", "other_weight.svg"},
}


@pytest.fixture(scope="module")
def make():
    """The script that draws the pictures, as a module."""
    spec = importlib.util.spec_from_file_location("make", PICTURES / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drawn(svg):
    """What is in a picture, whichever renderer drew it: the texts, and the titles of boxes and arrows.

    Some renderers give the graph itself a title too, %3 where it has no name.
    """
    return sorted(re.findall(r"<text[^>]*>(.*?)</text>", svg)), sorted(re.findall(r"<title>([^%].*?)</title>", svg))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_code_runs_and_gives_what_is_shown(path, tmp_path, monkeypatch):
    """Every block of code runs, and every output and session is to the letter what comes out; else: tests/documents.py.

    Pictures that the code saves, and that the text shows, have the same in them.
    """
    monkeypatch.chdir(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert run_again(text) == text
    saved = {picture.name for picture in tmp_path.glob("*.svg")}
    assert saved == SAVED.get(path.stem, set())
    for name in saved:
        assert f'pictures/{name}"' in text
        here = (tmp_path / name).read_text(encoding="utf-8")
        assert drawn(here) == drawn((PICTURES / name).read_text(encoding="utf-8")), name


def test_blocks_run_alone_or_say_what_they_go_on_from():
    """Who pastes one block of the README alone gets no NameError: it names all it needs, or says which file comes before."""
    blocks = [block for language, block in FENCED.findall(TEXTS[0].read_text(encoding="utf-8")) if language == "python"]
    goes_on = [block for block in blocks if block.startswith("# goes on from first_minute.py\n")]
    assert len(goes_on) >= 2
    for block in blocks:
        nodes = [*ast.walk(ast.parse(block))]
        asked = {node.id for node in nodes if isinstance(node, ast.Name)}
        made = {name for node in nodes for name in names_bound(node)}
        assert block in goes_on or {"Tensor", "np", "L", "W", "draw", "Op", "unroll", "nn", "chain_rule"} & asked <= made


def test_what_is_shown_of_guides_stands_there():
    """An output that the README shows without its code is to the letter one of a guide, where the code stands and runs."""
    outputs = re.findall(
        r"^```\n(.*?)^```$",
        re.sub(r"```\w+\n.*?```", "", TEXTS[0].read_text(encoding="utf-8"), flags=re.DOTALL),
        re.DOTALL | re.MULTILINE,
    )
    assert outputs
    guides = "".join(path.read_text(encoding="utf-8") for path in TEXTS[1:])
    assert all(output in guides for output in outputs)


def names_bound(node):
    """The names that a statement makes."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name for alias in node.names]
    return [node.id] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else []


def test_the_first_picture_moves():
    """It is an animated picture of less than a megabyte."""
    text = TEXTS[0].read_text(encoding="utf-8")
    first = re.search(r'!\[[^\]]+\]\(([^)]+)\)|<img [^>]*src="([^"]+)"', text)
    moving = (ROOT / (first[1] or first[2])).read_bytes()
    assert moving.startswith(b"GIF89a")
    assert moving.count(b"\x21\xf9\x04") > 10  # what begins each frame
    assert len(moving) < 1_000_000


def anchors(path):
    """What GitHub calls the headings of a text."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    ("path", "least"), [(TEXTS[0], 20), (TEXTS[1], 10), (TOUR, 3)], ids=lambda value: getattr(value, "stem", "")
)
def test_what_it_links_to_exists(path, least):
    """Every file, picture and heading that the texts and the tour lead to is there."""
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    assert len(links) >= least
    for link in links:
        file, _, heading = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        assert not heading or heading in anchors(target), link


def test_pictures_are_those_of_todays_code(make):
    """Every picture notes the checksum of the DOT text that its code makes today, and has in it what this text draws.

    If this fails: python demos/pictures/make.py
    """
    expected = dict(make.themed())
    assert set(expected) == set(PICTURES.glob("*.svg"))
    for path, diagram in expected.items():
        svg = path.read_text(encoding="utf-8")
        assert svg.endswith(make.note(diagram)), f"{path.name} is not current"
        texts, titles = drawn(svg)
        assert (texts, titles) == drawn(diagram.render("svg").decode()), path.name
        assert len(texts) > 5
        assert len(titles) > 5


def test_pictures_are_seen_on_any_page(make):
    """Each picture has a background of its own, and a dark twin, which has another."""
    backgrounds = {
        path.name: re.search(r'<polygon fill="([^"]+)"', path.read_text(encoding="utf-8"))[1] for path in PICTURES.glob("*.svg")
    }
    assert "none" not in backgrounds.values()
    assert "transparent" not in backgrounds.values()
    for name, _ in make.pictures():
        assert backgrounds[f"{name}.svg"] != backgrounds[f"{name}_dark.svg"]
