"""The README's table of speeds, written from a run: `python -m tests.benchmarks --readme`."""

import re
import textwrap
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- speeds: by python -m tests.benchmarks --readme -->", "<!-- end of speeds -->"
LEFT_OUT = {"by hand", "by hand, out=", "unrolled, checked call", "unrolled, buffers"}
LEFT_OUT |= {"compiled, batches", "compiled, bare", "compiled, gradients"}  # the command prints all


def write(measured, surroundings):
    """Put what was measured between the marks.

    Parameters
    ----------
    measured : list of (str, float, dict of str to str)
        Of each network its title, the seconds of a step by hand, and each contender's ratio.
    surroundings : str
        Machine and versions, as `measure.environment` tells them.
    """
    names = [name for name in measured[0][2] if name not in LEFT_OUT]
    lines = [
        textwrap.fill(f"Float64, ratios as medians ± half the quartile range; {', '.join(surroundings.splitlines())}.", 128),
        "",
        f"| training step of | by hand | {' | '.join(names)} |",
        "|---" * (len(names) + 2) + "|",
        *(
            f"| {title} | {hand * 1e6:,.0f} µs | {' | '.join(ratios.get(name, '–') for name in names)} |"
            for title, hand, ratios in measured
        ),
    ]
    text = README.read_text(encoding="utf-8")
    block = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    README.write_text(block.sub(lambda _: "\n\n".join([BEGIN, "\n".join(lines), END]), text), encoding="utf-8")
