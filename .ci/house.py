"""Draw the map of the house from the imports, and write the tables of its page: `python .ci/house.py`.

A room is a folder of the package, or a file that stands alone. Its floor is the lowest that its imports leave it: one above
the highest room that it imports from, so that every arrow points down. A circle of imports has no floors, and is an error.

Written are `.github/house.svg` and `house_dark.svg`, drawn by microgradnn itself, and in `.github/ARCHITECTURE.md` the tables
of rooms and files; what they say is the first line of each docstring, or what a script or a style sheet opens with.
tests/test_house.py fails while they are not current.
"""

import ast
import html
import re
from functools import cache
from graphlib import TopologicalSorter
from itertools import takewhile
from pathlib import Path

import microgradnn
from microgradnn.pictures.diagram import Diagram
from microgradnn.pictures.picture import Arrow, Box, Line, Picture

PACKAGE = Path(microgradnn.__file__).parent
FOLDER = Path(__file__).parents[1] / ".github"
PAGE = FOLDER / "ARCHITECTURE.md"
PICTURES = {"light": FOLDER / "house.svg", "dark": FOLDER / "house_dark.svg"}
WIDEST = 22  # characters in a line of a box, so that the map fits a page of GitHub
# Stubs, which only type checkers read: operations give Tensor its methods and return Tensors, a circle for them alone.
FOR_CHECKERS = {"methods"}
FOR_PAGES = {".js", ".css"}  # files that have a comment in place of a docstring


# The rooms, and what they import


@cache
def tree_of(path):
    """What stands in a file; each is read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def room_of(path):
    """The room that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_by(path):
    """The rooms that a file imports from, be it for type checkers or inside a function."""
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.level >= depth:
            names = [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]
            yield from (name if is_room(name) else "__init__" for name in names)


def is_room(name):
    """Whether it is a room; what else is imported from the package itself comes through its front door."""
    return (PACKAGE / name).is_dir() or any((PACKAGE / f"{name}{suffix}").exists() for suffix in (".py", ".pyi"))


def loaded_later():
    """The rooms that the front door loads when they are first asked for: those of the tables in `__init__.py`."""
    return {place.split(".")[0] for place in [*microgradnn.LATER.values(), *microgradnn.SAVERS.values()]}


def imports():
    """Of each room those that it imports from, also later."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        found.setdefault(room_of(path), set()).update(imported_by(path))
    found["__init__"] |= loaded_later()
    return {room: below - {room} - FOR_CHECKERS for room, below in found.items()}


def floors(arrows):
    """The floor of each room. Raises CycleError, which names the circle, where there is one.

    >>> floors({"roof": {"wall", "ground"}, "wall": {"ground"}, "ground": set()})
    {'ground': 0, 'wall': 1, 'roof': 2}
    """
    floor = {}
    for room in TopologicalSorter(arrows).static_order():
        floor[room] = max((floor[below] + 1 for below in arrows[room]), default=0)
    return floor


def direct(arrows):
    """The arrows without those that a longer way implies.

    >>> direct({"roof": {"wall", "ground"}, "wall": {"ground"}, "ground": set()})
    {'roof': {'wall'}, 'wall': {'ground'}, 'ground': set()}
    """
    all_below = {}
    for room in TopologicalSorter(arrows).static_order():
        all_below[room] = arrows[room].union(*(all_below[below] for below in arrows[room]))
    return {room: below.difference(*(all_below[other] for other in below)) for room, below in arrows.items()}


def files_of(folder):
    """The modules in a folder, but for what makes it a package."""
    return sorted(path for path in (PACKAGE / folder).glob("*.py") if path.stem != "__init__")


def folders():
    """The rooms that are folders, and the folders in them."""
    return sorted(path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*/__init__.py"))


def assets_of(folder):
    """The scripts and style sheets in a folder."""
    return sorted(path for path in (PACKAGE / folder).iterdir() if path.suffix in FOR_PAGES)


def folders_with_files():
    """All folders, also those that hold nothing but what pages are made of."""
    return sorted({*folders(), *(path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.js"))})


def called(room):
    """What the room is called on the map: `ops/` or `graph.py`."""
    return f"{room}/" if (PACKAGE / room).is_dir() else f"{room}.py"


# The picture


def picture():
    """The map: the roof at the top, the ground at the bottom, and one line of rooms straight down between them."""
    arrows = imports()
    straight = longest_way(arrows)
    boxes = []
    for room in sorted(arrows):
        within = [f"{folder.rpartition('/')[2]}/" for folder in folders() if folder.startswith(f"{room}/")]
        words = [*within, *(path.stem for path in files_of(room))]
        head = "name" if words else "code"  # in which an underscore is one, and not a subscript
        content = [Line(called(room), head), *(Line(text, "code") for text in in_lines(words))]
        boxes.append(Box(room, "intermediate" if words else "output", content, lane=room in straight))
    later = loaded_later()
    drawn = [(room, below) for room, rooms in sorted(direct(arrows).items()) for below in sorted(rooms)]
    kinds = ["faint" if room == "__init__" and below in later else "plain" for room, below in drawn]
    return Picture(
        boxes=boxes,
        arrows=[Arrow(room, below, kind=kind) for (room, below), kind in zip(drawn, kinds, strict=True)],
        direction="TB",
    )


def longest_way(arrows):
    """A way down that touches every floor."""
    floor = floors(arrows)
    way = [max(floor, key=floor.get)]
    while floor[way[-1]]:
        way.append(min(room for room in arrows[way[-1]] if floor[room] == floor[way[-1]] - 1))
    return way


def in_lines(words):
    """Words in as few lines as WIDEST allows, of lengths as equal as they can be.

    >>> in_lines(["check", "debug", "demo", "graph", "script"])
    ['check · debug · demo', 'graph · script']
    """
    fewest = len(broken(words, WIDEST))
    return next(lines for width in range(WIDEST + 1) if len(lines := broken(words, width)) == fewest)


def broken(words, width):
    """Words in lines of at most a width, where a word is not longer."""
    lines = []
    for word in words:
        if lines and len(f"{lines[-1]} · {word}") <= width:
            lines[-1] += f" · {word}"
        else:
            lines.append(word)
    return lines


def told(drawn):
    """What a picture tells, whatever drew it, from its SVG text: its boxes and arrows, and all that is written in it."""
    titles = {html.unescape(title) for title in re.findall("<title>([^%].*?)</title>", drawn)}  # %3 is the graph's own
    return titles, sorted(html.unescape(text) for text in re.findall("<text[^>]*>(.*?)</text>", drawn))


def to_tell(picture):
    """The same, of a Picture."""
    titles = {box.id for box in picture.boxes} | {f"{arrow.tail}->{arrow.head}" for arrow in picture.arrows}
    return titles, sorted(line.text for box in picture.boxes for line in box.content)


# The page


def first_line(path):
    """What a module is for: the first line of its docstring."""
    return ast.get_docstring(tree_of(path)).splitlines()[0].replace("|", r"\|")


def opening(path):
    """What a script or a style sheet is for: the comment that it opens with.

    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "a.js"
    >>> _ = place.write_text("// ---- Frames: each can\\n// be closed.\\n\\n// More\\nlet x;")
    >>> opening(place)
    'Frames: each can be closed.'
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    words = [line.strip("/* -") for line in takewhile(lambda line: re.match(r"//|/\*| \*", line), lines)]
    return " ".join(takewhile(bool, words)).replace("|", r"\|")


def rooms_table():
    """The rooms from the roof down, each with what it is for."""
    arrows = imports()
    floor = floors(arrows)
    drawn, all_of_them = (sum(map(len, some.values())) for some in (direct(arrows), arrows))
    yield f"{len(arrows)} rooms on {max(floor.values()) + 1} floors; of {all_of_them} arrows {drawn} are drawn."
    yield ""
    yield "| floor | room | what it is for |"
    yield "|---|---|---|"
    for room in sorted(arrows, key=lambda room: (-floor[room], room)):
        path = PACKAGE / room / "__init__.py" if (PACKAGE / room).is_dir() else PACKAGE / f"{room}.py"
        yield f"| {floor[room]} | [`{called(room)}`](../microgradnn/{called(room)}) | {first_line(path)} |"


def files_table():
    """The files of the rooms that are folders, and of the folders in them."""
    for folder in folders_with_files():
        told = PACKAGE / folder / "__init__.py"
        within = f": {first_line(told)}" if "/" in folder and told.exists() else ""
        yield f"**`{folder}/`**{within}"
        files = [(path, first_line(path)) for path in files_of(folder)] + [(path, opening(path)) for path in assets_of(folder)]
        if files:
            yield from ("", "| file | what it is for |", "|---|---|")
        for path, words in files:
            yield f"| [`{path.name}`](../microgradnn/{folder}/{path.name}) | {words} |"
        yield ""


def page(text):
    """The text of the page with today's tables in it, each between comments that name it."""
    for name, table in {"rooms": rooms_table, "files": files_table}.items():
        start, end = f"<!-- {name}: by .ci/house.py -->\n", f"<!-- end of {name} -->"
        before, _, rest = text.partition(start)
        text = before + start + "\n" + "\n".join(table()).rstrip() + "\n\n" + end + rest.partition(end)[2]
    return text


def main():
    """Write what is not current."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    now = picture()
    for theme, path in PICTURES.items():
        if not path.exists() or told(path.read_text(encoding="utf-8")) != to_tell(now):
            Diagram(now, theme).save(path)
            print(f"drawn  {path}")


if __name__ == "__main__":
    main()
