"""From statements to the text of a module, laid out as black would do it."""

import re
import textwrap

from .expression import shape_text

PAGE = 88  # characters of a line: what black allows
NO_BREAK = "\xa0"

MODULE = '''"""{title}, forward and backward."""

{imports}{function}
'''


def module_text(writer, buffered=None):
    """The module with the function `loss_and_gradients`.

    Parameters
    ----------
    writer : NumPyWriter
    buffered : Buffered, optional
        Writes the statements to buffers; the function then stands in one that allocates these.
    """
    indent = 4 if buffered else 0
    function = function_lines(writer, buffered, indent)
    if buffered:
        function = with_buffers(function, buffered, "n" if writer.program.batch else "")
    function = "\n".join(function)
    imports = "import numpy as np\n\n\n" if "np." in function else "\n"
    return MODULE.format(title=title_of(writer, PAGE - 30), imports=imports, function=function)


def function_lines(writer, buffered, indent):
    """The function: signature, docstring, forward, backward, return."""
    write = buffered.text_of if buffered else text_of
    forward, backward = write(writer.forward), write(writer.backward)
    batch = writer.batch_parameter
    if batch and not buffered and any(re.search(r"\bn\b", line.code) for line in [*writer.forward, *writer.backward]):
        forward = [f"n = len({batch})", *forward]
    body = [
        *docstring(writer, indent + 4),
        "# forward",
        *forward,
        "",
        "# backward",
        *backward,
        *returned(writer, indent + 4),
    ]
    return [*enclosed("def loss_and_gradients(", list(writer.variables.parameters), "):", indent), *indented(body)]


def text_of(statements, indent=4):
    """Statements as lines of Python, with their comments and their np.errstate."""
    text, silenced = [], ()
    for line in statements:
        if line.silenced and line.silenced != silenced:
            kinds = ", ".join(f'{kind}="{how}"' for kind, how in line.silenced)
            text.append(f"with np.errstate({kinds}):")
        silenced = line.silenced
        inside = commented(line.text, line.comment, indent + 4 * bool(silenced))
        text += indented(inside) if silenced else inside
    return text


def commented(code, comment, indent):
    """A statement and its comment: behind it, or only what it is, or above."""
    if not comment:
        return [code]
    comment = " ".join(comment.split())  # a tensor may be called "a\nb"
    for shown in (comment, comment.partition(" = ")[0]):
        if indent + len(code) + 4 + len(shown) <= PAGE:
            return [f"{code}  # {shown}"]
    for shown in (comment, comment.partition(" = ")[0]):
        if indent + 2 + len(shown) <= PAGE:
            return [f"# {shown}", code]
    return [f"# {comment[: PAGE - indent - 3]}…", code]


def with_buffers(function, buffered, batch):
    """The function inside of one that allocates its buffers."""
    size = f", for batches of {batch}" if batch else ""
    body = [
        f'"""Allocate what loss_and_gradients writes to{size}, and return it.',
        "",
        "The last argument of a call is the array that the result is written to.",
        '"""',
        *buffered.allocations,
        "",
        *function,
        "",
        "return loss_and_gradients",
    ]
    return [f"def with_buffers({batch}):", *indented(body)]


def docstring(writer, indent):
    """What the function computes, and the shapes that it takes."""
    shapes, parameters = writer.program.shapes, writer.variables.parameters
    takes = [f"{name} {shape_text(shapes[parameter])}" for name, parameter in parameters.items()]
    takes = ", ".join(text.replace(" ", NO_BREAK) for text in takes)
    title = title_of(writer, PAGE - indent - 4)
    return [
        f'"""{title}' + "." * (not title.endswith("...")),
        "",
        *(line.replace(NO_BREAK, " ") for line in textwrap.wrap(f"Shapes: {takes}.", PAGE - indent)),
        '"""',
    ]


def title_of(writer, width):
    """What the module computes, or if that is long the beginning of it."""
    title = f"{writer.variables.title_of(writer.program.output)} and its gradient with respect to "
    title += ", ".join(map(writer.variables.title_of, writer.program.wanted)).replace("\\", "/").replace('"', "'")
    return textwrap.shorten(title, width, placeholder=" ...")


def returned(writer, indent):
    """The statements that return the output and the gradients."""
    loss, *gradients = writer.results
    if writer.single:
        return [f"return {loss}, {gradients[0]}"]
    inside = ", ".join(gradients) + ("," if len(gradients) == 1 else "")
    if len(f"return {loss}, ({inside})") <= PAGE - indent:
        return [f"return {loss}, ({inside})"]
    return [*enclosed("gradients = (", gradients, ")", indent), f"return {loss}, gradients"]


def enclosed(opening, items, closing, indent):
    """A list in brackets as black breaks it: in one line; arguments all in the next line; one item a line."""
    one = opening + ", ".join(items) + closing
    if len(one) <= PAGE - indent:
        return [one]
    inside = "    " + ", ".join(items)
    if len(inside) <= PAGE - indent and closing == "):":
        return [opening, inside, closing]
    return [opening, *(f"    {item}," for item in items), closing]


def indented(lines):
    """Lines of source, one block further in."""
    return [f"    {line}" if line else "" for line in lines]
