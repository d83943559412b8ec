"""`python -m microgradnn`: the command line without its script (see commands)."""

import sys

from .commands import main

if __name__ == "__main__":
    sys.exit(main(program="python -m microgradnn"))
