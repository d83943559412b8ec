"""The extension as a file that editors install. VS Code itself is driven in test_adapter_in_vscode.py, where it is there."""

import json
import shutil
import subprocess
import zipfile
from xml.etree import ElementTree

import pytest

import microgradnn
from microgradnn.debugging.adapter.adapter import Adapter
from microgradnn.debugging.adapter.extension_file import FOLDER, LAUNCH, editors, write_extension


def test_what_is_in_it(tmp_path):
    """A manifest that names the version of this package, the extension's own two files, and types for their suffixes."""
    with zipfile.ZipFile(write_extension(tmp_path / "microgradnn.vsix")) as archive:
        assert archive.testzip() is None
        about = json.loads(archive.read("extension/package.json"))
        manifest = ElementTree.fromstring(archive.read("extension.vsixmanifest"))
        ElementTree.fromstring(archive.read("[Content_Types].xml"))
        names = archive.namelist()
    assert about["version"] == microgradnn.__version__
    assert manifest.find(".//{*}Identity").attrib["Version"] == about["version"]
    assert f"extension/{about['main'].removeprefix('./')}" in names


def test_what_it_asks_the_adapter_for():
    """What can be set in a launch configuration is read by the adapter; the picture is a request that it has."""
    code = "".join(path.read_text(encoding="utf-8") for path in FOLDER.parent.glob("*.py"))
    properties = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["contributes"]["debuggers"][0]
    for name in properties["configurationAttributes"]["launch"]["properties"]:
        assert name == "python" or f'"{name}"' in code
    assert hasattr(Adapter, "do_picture")
    assert LAUNCH["configurations"][0]["debugServer"] == 4711


def test_its_script_is_javascript():
    """Node reads it."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    subprocess.run([node, "--check", str(FOLDER / "extension.js")], check=True)


def test_editors(monkeypatch):
    """Those on the path are found, in a fixed order."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name in ("codium", "code") else None)
    assert editors() == ["/bin/code", "/bin/codium"]
