"""`microgradnn vscode --install`: make VS Code step through backward passes, by an extension of a few lines."""

import json
import sys
import tempfile
from pathlib import Path

from ..debugging.adapter.extension_file import LAUNCH, editors, install, write_extension
from .script import CommandError

FILE = "microgradnn.vsix"
EPILOG = f"""examples:
  microgradnn vscode --install      installs it; then Run and Debug, "microgradnn: step through backprop"
  microgradnn vscode                writes {FILE}; in VS Code: Extensions, ..., Install from VSIX
  microgradnn vscode --launch       prints a launch.json that needs no extension"""


def add_parser(commands):
    """Say what may be typed after `vscode`."""
    parser = commands.add_parser(
        "vscode",
        help="make VS Code step through backward passes, forth and back",
        description="Write the extension that lets VS Code start `microgradnn dap`, and install it.",
        epilog=EPILOG,
    )
    parser.add_argument("--install", action="store_true", help="install it in every VS Code that is found on the path")
    parser.add_argument("--launch", action="store_true", help="print a launch.json for those who may not install extensions")
    parser.add_argument("-o", "--output", metavar="FILE", default=FILE, help="where to write it (default: %(default)s)")
    return parser


def run(given):
    """Write the extension, install it, or print a configuration."""
    if given.launch:
        print(json.dumps(LAUNCH, indent=2))
        print('For breakpoints without the Python extension: "debug.allowBreakpointsEverywhere": true', file=sys.stderr)
        return 0
    if not given.install:
        try:
            print(f"wrote {write_extension(given.output)}; in VS Code: Extensions, ..., Install from VSIX")
        except OSError as error:
            raise CommandError(error, code=1) from None
        return 0
    found = editors()
    if not found:
        raise CommandError(
            "no VS Code is on the path (code, codium, code-server, ...). `microgradnn vscode` writes the extension as a file; "
            "in VS Code, \"Shell Command: Install 'code' command in PATH\" puts it there",
            code=1,
        )
    with tempfile.TemporaryDirectory() as folder:
        path = write_extension(Path(folder) / FILE)
        results = [(editor, *install(editor, path)) for editor in found]
    for editor, said, well in results:
        print(f"{editor}: {'installed' if well else said}")
    return 0 if all(well for *_, well in results) else 1
