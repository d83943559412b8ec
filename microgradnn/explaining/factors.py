"""What is said of a factor of a chain rule besides its value: what it is made of, and why it has no formula."""

from ..formulas.brief import counted
from ..formulas.formula import Element, Name
from ..formulas.symbols import as_formula
from ..formulas.unicode_text import number, text
from ..pictures.typesetting import within

MOST_OPERANDS = 4
NAMED = 0.6  # of the width of a page, what is derived may take up in a title


def titled(rule, widest, size):
    """What a rule derives, as a title on a page so wide calls it."""
    return within(rule.name, NAMED * widest, size)


def names_in(x):
    """The names of elements that an expression is made of, each once, in order."""
    parts = () if x is None else as_formula(x).walk()
    return list(dict.fromkeys(part for part in parts if isinstance(part, (Name, Element)) and part.value is not None))


def operands_of(partial, on_path):
    """The numbers that a factor is made of, such as x₁ = 0.5, but for those of these names; of many, the first few."""
    found = {text(name): name for name in names_in(partial.formula)}
    lines = [f"{written} = {number(name.value)}" for written, name in found.items() if written not in on_path]
    return lines if len(lines) <= MOST_OPERANDS else [*lines[: MOST_OPERANDS - 1], f"and {len(lines) - MOST_OPERANDS + 1} more"]


def reason_of(partial):
    """Why there is no formula for a factor, in a few words."""
    nodes, _ = partial.of.cone.segment(partial.of.tensor)
    count = sum(node.op is not None for node in nodes)
    return f"not written out, through {counted(count, 'operation')}"


def reasons(paths):
    """A sentence for each factor of some paths that has no formula."""
    partials = dict.fromkeys(partial for path in paths for partial in path.partials)
    return [f"{partial.name} is {reason_of(partial)}" for partial in partials if partial.formula is None]
