"""A network as text: a line for each layer, with its number of parameters at the end, and their sum below."""

from ..formulas.brief import counted, visible


def tree(module):
    """What `repr` of a module returns: PyTorch's layout, and the parameters counted.

    A module or Tensor that is there twice is counted where it comes first.

    >>> import numpy as np
    >>> from microgradnn import nn, tanh
    >>> print(tree(nn.Sequential(nn.Linear(64, 100, rng=np.random.default_rng(0)), tanh, nn.BatchNorm(100))))
    Sequential(
      (0): Linear(64, 100)  6,500
      (1): tanh
      (2): BatchNorm(100)     200
    )                       6,700 parameters
    """
    rows = list(_rows(module, "", "", set()))
    total = sum(count for _, count, _ in rows)
    altogether = counted(total, "parameter")
    if len(rows) == 1:
        return f"{rows[0][0]}  {altogether}" if total else rows[0][0]
    width = max(len(text) for text, _, _ in rows)
    digits = len(f"{total:,}")
    numbers = [f"{count:,}" if count else note for _, count, note in rows]
    numbers[-1] = altogether
    lines = [f"{text:{width}}  {number:>{digits}}" for (text, _, _), number in zip(rows[:-1], numbers, strict=False)]
    return "\n".join([*map(str.rstrip, lines), f"{rows[-1][0]:{width}}  {numbers[-1]}"])


def _rows(module, indent, name, seen):
    """(text, number of parameters of its own, note) for each line; `seen` holds the ids of what is counted."""
    title = f"{indent}{name}{module.signature()}"
    if id(module) in seen:
        yield title, 0, "as above"
        return
    parts = list(module.named_parts())
    own = {id(part): part for _, part in parts if _is_parameter(part) and id(part) not in seen}
    seen.update([id(module), *own])
    inside = list(_inside(module, parts))
    count = sum(tensor.size for tensor in own.values())
    yield (title.removesuffix(")") if inside else title), count, ""
    for path, part in inside:
        if hasattr(part, "named_parts"):
            yield from _rows(part, f"{indent}  ", f"({visible(path)}): ", seen)
        else:
            yield f"{indent}  ({visible(path)}): {part.__name__}", 0, ""
    if inside:
        yield f"{indent})", 0, ""


def _is_parameter(part):
    return getattr(part, "requires_grad", False)


def _inside(module, parts):
    """(path, module or function) for what a module keeps, in the order of its attributes."""
    for attribute, value in vars(module).items():
        if callable(value) and hasattr(value, "__name__"):
            yield attribute, value
        within = [(path, part) for path, part in parts if path == attribute or path.startswith(f"{attribute}.")]
        yield from ((path, part) for path, part in within if hasattr(part, "named_parts"))


def arguments(*given, **options):
    """What stands between a module's parentheses: some arguments in any case, others where they are not the default.

    >>> arguments(3, 8, stride=(2, 1), padding=(0, 0))
    '3, 8, stride=2'
    """
    others = [f"{name}={value!r}" for name, (value, default) in options.items() if value != default]
    return ", ".join([*map(str, given), *others])
