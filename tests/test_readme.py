"""The README: its code runs, and what it shows is what comes out."""

import re
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, flags=re.DOTALL)


def test_code_blocks_run_and_print_what_is_shown(capsys, tmp_path, monkeypatch):
    """Every Python block runs, in order; a text block after one is what it printed."""
    monkeypatch.chdir(tmp_path)  # for the files it saves
    names = {"__name__": "readme"}
    for language, block in BLOCKS:
        if language == "python":
            exec(compile(block, "README.md", "exec"), names)
        elif language == "text":
            assert capsys.readouterr().out == block
    assert capsys.readouterr().out == ""


def test_what_it_links_to_exists():
    """Every file that the README links to is in the repository."""
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(links) > 5
    for link in links:
        assert (Path(__file__).parents[1] / link).exists(), link
