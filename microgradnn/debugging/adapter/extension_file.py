"""The extension that makes VS Code start the adapter, as the file that editors install: a .vsix, which is a zip archive."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

from ...saving.whole_files import whole_file

FOLDER = Path(__file__).parent / "extension"
EDITORS = ("code", "code-insiders", "codium", "code-server", "cursor", "windsurf", "positron")  # each installs a .vsix
TYPES = """<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension=".json" ContentType="application/json"/>
<Default Extension=".js" ContentType="application/javascript"/>
<Default Extension=".vsixmanifest" ContentType="text/xml"/>
</Types>
"""
MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata>
<Identity Language="en-US" Id="{name}" Version="{version}" Publisher="{publisher}"/>
<DisplayName>{displayName}</DisplayName>
<Description xml:space="preserve">{description}</Description>
<Categories>{categories}</Categories>
<Properties><Property Id="Microsoft.VisualStudio.Code.Engine" Value="{engine}"/></Properties>
</Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
<Dependencies/>
<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets>
</PackageManifest>
"""
LAUNCH = {  # without an extension: VS Code's own debugger for JavaScript lets a configuration name another adapter's port
    "version": "0.2.0",
    "configurations": [
        {
            "type": "node",
            "request": "launch",
            "name": "Step through backprop (first: python -m microgradnn dap --listen 4711)",
            "program": "${file}",
            "stopOnEntry": True,
            "debugServer": 4711,
        }
    ],
}


def write_extension(path):
    """Write the extension to a file; returns its path."""
    about = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    texts = {key: about[key] for key in ("name", "version", "publisher", "displayName", "description")}
    manifest = MANIFEST.format(**texts, categories=",".join(about["categories"]), engine=about["engines"]["vscode"])
    with whole_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("extension.vsixmanifest", manifest)
        for name in ("package.json", "extension.js"):
            archive.write(FOLDER / name, f"extension/{name}")
    return Path(path)


def editors():
    """The programs on the path that are VS Code, or made from it."""
    return [found for found in map(shutil.which, EDITORS) if found]


def install(editor, path):
    """Let an editor install an extension; returns what it said, and whether it went well."""
    done = subprocess.run([editor, "--install-extension", str(path), "--force"], capture_output=True, text=True, check=False)  # noqa: S603
    return (done.stdout + done.stderr).strip(), done.returncode == 0
