"""Texts with code: run what they show, and see what comes out.

In a text, blocks of ```python run in order, as one program; a block of ```text after one is what it printed, or how the
exception ended it. A block whose first line is a comment with a file's name is also written to that file. In a block of
```console the command runs, and what stands behind its prompts is typed.

The cells of a notebook run in a kernel of their own; those of its answers, which stand in the text, run too, after all others.

`python tests/documents.py` writes the outputs into README.md, the texts in demos/ and demos/tour.ipynb anew.
"""

import contextlib
import io
import linecache
import os
import re
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
GUIDES = sorted((ROOT / "demos" / "guides").glob("*.md"))
TEXTS = (ROOT / "README.md", ROOT / "demos" / "lessons.md", ROOT / "demos" / "conventions.md", *GUIDES)
TOUR = ROOT / "demos" / "tour.ipynb"
FENCED = re.compile(r"```(\w+)\n(.*?)```", flags=re.DOTALL)
PROMPT = re.compile(r"^\((?:backprop|Pdb)\) ", flags=re.MULTILINE)
ERROR = re.compile(r"^[\w.]*Error: ", flags=re.MULTILINE)  # what a text does not show must not end in one
KERNEL = re.compile(r"\S*ipykernel_\d+\W")  # where the files of cells are: in another folder each time
PLACE = re.compile(r"\S*/microgradnn/([\w/]+\.py)([:(])\d+")  # a line of the package: it moves with every edit


def run_again(text):
    """The text, with every output as it is now. Files are read and written in the working directory."""
    names, printed, parts, end = {"__name__": "__main__"}, "", [], 0
    for found in FENCED.finditer(text):
        language, block = found.groups()
        if language != "text":
            assert printed == "", f"nothing in the text shows this output:\n{printed}"
        if language == "python":
            printed = run_block(block, names, f"block_{found.start()}.py")
        elif language in ("text", "console"):
            assert language == "console" or ERROR.search(block) or not ERROR.search(printed), printed
            parts += [text[end : found.start(2)], printed if language == "text" else run_session(block)]
            end = found.end(2)
            printed = ""
    assert printed == "", f"nothing in the text shows this output:\n{printed}"
    return "".join([*parts, text[end:]])


def run_block(block, names, path):
    """Run a block; returns what it prints, and the last words of the exception that ends it."""
    if named := re.match(r"# (\w+\.py)\n", block):
        path = named[1]
        Path(path).write_text(block, encoding="utf-8")
    linecache.cache[path] = (len(block), None, block.splitlines(keepends=True), path)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            exec(compile(block, path, "exec"), names)
        except Exception as error:  # noqa: BLE001 - a text may show any
            out.write("".join(traceback.format_exception_only(error)))
    return out.getvalue()


def run_session(block):
    """A session in a terminal: the command, and what it answers to each line typed at its prompt.

    Of the package's files only the names are told, without folders and lines.
    """
    command, *lines = block.splitlines()
    prompt = PROMPT.search(block)[0]
    typed = [line.removeprefix(prompt) for line in lines if line.startswith(prompt)]
    done = subprocess.run(
        [sys.executable, *command.removeprefix("$ python ").split()],
        input="".join(f"{line}\n" for line in typed),
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        check=False,
    )
    assert done.stderr == ""
    said = PLACE.sub(r"…/\1\2…", done.stdout).replace(f"{Path.cwd()}/", "")
    first, *answers = said.split(prompt)
    assert len(answers) == len(typed), said
    return "".join([f"{command}\n", first, *(f"{prompt}{line}\n{answer}" for line, answer in zip(typed, answers, strict=True))])


def run_notebook(path, folder, **environment):
    """The notebook with its outputs as they are now; and the outputs of its answers. Files are written in the folder."""
    notebook = nbformat.read(path, as_version=4)
    own = len(notebook.cells)
    for cell in notebook.cells[:own]:
        if cell.cell_type == "markdown":
            answers = [block for language, block in FENCED.findall(cell.source) if language == "python"]
            notebook.cells += [nbformat.v4.new_code_cell(block) for block in answers]
    client = NotebookClient(
        notebook, timeout=120, record_timing=False, coalesce_streams=True, resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env={**os.environ, "PYTHONUTF8": "1", **environment})
    answered, notebook.cells = notebook.cells[own:], notebook.cells[:own]
    return notebook, [cell.outputs for cell in answered]


def without_folders(text):
    """A message without the folder of its cell's file, and what is marked in the line below still marked."""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        folder = KERNEL.search(line)
        if folder:
            lines[i] = line.replace(folder[0], "")
            if not lines[i + 1].strip(" ^"):
                lines[i + 1] = lines[i + 1][len(folder[0]) :]
    return "\n".join(lines)


def write_tour(folder):
    """Write the tour with its outputs, so that they are seen where notebooks are only shown.

    Pages are left out, since nobody shows them there and they are long; pictures stay, as SVG and PNG.
    """
    notebook, _ = run_notebook(TOUR, folder)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("text/html", None)
            if "text" in output:
                output.text = without_folders(output.text)
    notebook.metadata.language_info = {"name": "python"}
    nbformat.write(notebook, TOUR)


def main():
    """Write the outputs anew."""
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            path.write_text(run_again(text), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        write_tour(folder)


if __name__ == "__main__":
    main()
