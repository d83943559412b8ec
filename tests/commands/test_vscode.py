"""`vscode`: the file, the launch configuration, and installing, with an editor that only says what it was given."""

import json
import zipfile

from microgradnn.commands import main, vscode


def test_the_file(tmp_path, monkeypatch, capsys):
    """Alone, the command writes the extension, and says what to do with it; where it cannot, it says so."""
    monkeypatch.chdir(tmp_path)
    assert main(["vscode"]) == 0
    assert "wrote microgradnn.vsix; in VS Code: Extensions" in capsys.readouterr().out
    assert zipfile.is_zipfile("microgradnn.vsix")
    assert main(["vscode", "-o", "nowhere/x.vsix"]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_the_configuration(capsys):
    """--launch prints JSON."""
    assert main(["vscode", "--launch"]) == 0
    assert json.loads(capsys.readouterr().out)["configurations"][0]["program"] == "${file}"


def test_installing(monkeypatch, capsys, tmp_path):
    """Every editor that is found gets the file; one that fails is told; with none there is a word of what to do."""
    said = tmp_path / "said"
    for name, code in ("well", 0), ("ill", 1):
        editor = tmp_path / name
        editor.write_text(f"#!/bin/sh\necho $1 $2 >> {said}\necho no such thing\nexit {code}\n")
        editor.chmod(0o755)
        monkeypatch.setattr(vscode, "editors", lambda editor=editor: [str(editor)])
        assert main(["vscode", "--install"]) == code
    out = capsys.readouterr().out
    assert "well: installed" in out and "ill: no such thing" in out
    assert said.read_text().count("--install-extension") == 2
    monkeypatch.setattr(vscode, "editors", list)
    assert main(["vscode", "--install"]) == 1
    assert "no VS Code is on the path" in capsys.readouterr().err
