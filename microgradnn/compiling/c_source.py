"""The C source of a program: its loops and calls one after the other, in the order of the steps, with the names of the graph.

What occurs several times, but for the arrays that it works on, is a function; the rest stands in `step`, to be read from top
to bottom.
"""

import re
import textwrap
import unicodedata
from collections import Counter
from typing import NamedTuple

from ..programs.comments import MOST_STEPS, comment, gradient_name
from ..programs.variables import Variables
from .blas import NONE
from .elements import FUNCTIONS, HELPERS, OF_TWO, declarations
from .fusing import Loop, Schedule
from .loops import INDICES, LoopWriter, indented
from .products import ProductWriter, declared

PAGE = 128
STACK = 2**15  # bytes of arrays that lie on the stack; more are in the workspace
ALIGNED = 64  # bytes: a line of the cache
KEYWORDS = """auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while asm typeof main step arrays
wrong workspace total factor running dproduct sproduct dblas sblas use_blas FAST EXPORT"""
NAMES = [*FUNCTIONS.values(), *OF_TWO.values(), *HELPERS, "exp"]
RESERVED = {*KEYWORDS.split(), *INDICES, *NAMES, *(f"{name}f" for name in NAMES)}


class CModule(NamedTuple):
    """C source, and what it is called with: plain data, which can be pickled."""

    source: str
    parameters: list[str]  # in the order of the arrays
    takes: list[tuple[tuple[int, ...], str]]  # shape and dtype of each
    results: list[tuple[tuple[int, ...], str]]  # of each, behind the parameters
    workspace: int  # bytes; the last of the arrays
    uses_blas: bool


class CVariables(Variables):
    """Names for variables in C, of letters that every compiler takes: β is called beta."""

    def identifier(self, wish):
        name = "".join(c if c.isascii() else spelled(c) for c in unicodedata.normalize("NFKC", wish))
        return super().identifier(re.sub(r"^_|^(?=\W*$)", "v_", re.sub(r"\W", "_", name)))


def spelled(character):
    """A letter that is not of ASCII, by its name.

    >>> spelled("β"), spelled("Δ"), spelled("𝛼")
    ('beta', 'Delta', 'alpha')
    """
    name = unicodedata.name(character, "").split(" WITH ")[0].split()
    if not name or not name[-1].isalpha():
        return "_"
    return name[-1].capitalize() if "CAPITAL" in name else name[-1].lower()


class CSource:
    """Writes a program as C.

    Parameters
    ----------
    program : Program or the like
    updates : sequence, optional
        What parameters become (see Schedule).
    blas : Blas, optional

    Attributes
    ----------
    module : CModule
    """

    def __init__(self, program, updates=(), blas=NONE):
        self.program, self.blas = program, blas
        self.schedule = Schedule(program, updates)
        self.variables = CVariables(program, RESERVED)
        self.used, self.products = set(), set()
        self.memories, self.pointers = {}, {}
        for memory in self.schedule.memories:
            self.name(memory)
        kernels = [
            (LoopWriter if isinstance(kernel, Loop) else ProductWriter)(self, kernel) for kernel in self.schedule.kernels
        ]
        self.functions = {}
        self.alive = self.lives(kernels)
        self.often = {key for key, count in Counter(self.key(kernel) for kernel in kernels).items() if count > 1}
        self.body = []
        for i, kernel in enumerate(kernels):
            if i == self.schedule.first_update and self.schedule.checked and i:
                self.body.append("if (wrong) return wrong;")
            self.body += self.placed(kernel)
        self.module = self.written()

    # Names

    def origin(self, step):
        """The step of the program that a step of the schedule is, which has its name and its comment."""
        return self.schedule.lowered.origin.get(step, step)

    def name(self, memory):
        """The variable of a piece of memory."""
        names, step = self.variables.names, self.origin(memory.step)
        memory.name = names[step] if step in names else self.variables.name_for(step)
        if memory.name in self.memories:  # of an array that is changed several times
            memory.name = self.variables.numbered("u")
        self.memories[memory.name] = memory
        names.setdefault(step, memory.name)

    def has_name(self, step):
        """Whether a step is what a Tensor with a name, or the gradient of one, is computed by."""
        kind, node = self.program.labels.get(self.origin(step), (None, None))
        return kind is not None and node in self.variables.node_names

    def local_name(self, step):
        """The variable of a loop for one element of a step."""
        names, step = self.variables.names, self.origin(step)
        if step in names:
            return self.variables.identifier(f"{names[step]}_i")
        names[step] = self.variables.name_for(step)
        return names[step]

    def accumulator(self, step):
        return self.variables.numbered("sum" if step.op in ("sum", "mean") else "most")

    def pointer_name(self, memory, offset):
        """The variable that points to an element of a piece of memory."""
        if offset and (memory, offset) not in self.pointers:
            self.pointers[memory, offset] = self.variables.identifier(f"{memory.name}_{offset}")
        return self.pointers[memory, offset] if offset else memory.name

    def pointer_type(self, memory):
        """The type of such a variable."""
        const = memory.role == "parameter" and memory.step not in self.schedule.changed
        return f"{'const ' * const}{memory.ctype} *"

    def position_name(self):
        return self.variables.numbered("at")

    def comment(self, step):
        """What a line computes, as the end of the line."""
        step = self.origin(step)
        kind, node = self.program.labels.get(step, (None, None))
        if kind is None:
            return ""
        names = self.variables.names
        known = names.pop(step, None)  # what it is made from is asked, not what it is called
        if self.is_long(step):
            said = gradient_name(self.program, node, self.variables) if kind == "gradient" else ""
        else:
            said = comment(self.program, step, self.variables, 0)
        if known:
            names[step] = known
        return f"  // {textwrap.shorten(printable(said), PAGE // 2, placeholder=' …')}" if said else ""

    def is_long(self, step):
        """Whether a formula of a step would be longer than its line: made of many steps that have no name."""
        inside, names = [step], self.variables.names
        for x in inside:
            inside += [y for y in x.operands if y not in names]
            if len(inside) > 2 * MOST_STEPS:
                return True
        return False

    # Functions, for what occurs often

    def key(self, kernel):
        """What two kernels have in common if they differ in their arrays only."""
        names = {name: f"a{i}" for i, name in enumerate(kernel.arrays)} | {
            name: f"v{i}" for i, name in enumerate(kernel.locals)
        }
        text = re.sub(r"  // .*|^\s*// .*", "", "\n".join(kernel.lines), flags=re.MULTILINE)
        types = tuple(self.pointer_type(memory) for memory, _ in kernel.arrays.values())
        return re.sub(r"\b[A-Za-z_]\w*", lambda match: names.get(match[0], match[0]), text), types

    def placed(self, kernel):
        """The lines of a kernel in `step`: itself, or the call of a function."""
        key, arrays = self.key(kernel), kernel.arrays.items()
        starts = {name: f"{memory.name} + {offset}" if offset else name for name, (memory, offset) in arrays}
        if key not in self.often:
            pointers = [f"{self.pointer_type(memory)}{name} = {starts[name]};" for name, (memory, offset) in arrays if offset]
            return ["{", *indented([*pointers, *kernel.lines], 1), "}"]
        is_checked = any("wrong" in line for line in kernel.lines)
        if key not in self.functions:
            takes = [f"{self.pointer_type(memory)}{name}" for name, (memory, _) in arrays] + ["long *wrong"] * is_checked
            body = [re.sub(r"\bwrong\b", "*wrong", line) for line in kernel.lines]
            self.functions[key] = self.variables.identifier(f"part_{len(self.functions) + 1}"), ", ".join(takes), body
        return [f"{self.functions[key][0]}({', '.join([*starts.values(), *['&wrong'] * is_checked])});"]

    # The module

    def written(self):
        """The module around it."""
        memories = self.schedule.memories
        parameters = [memory for memory in memories if memory.role == "parameter"]
        scratch = [memory for memory in memories if memory.role == "scratch" and memory in self.alive]
        given = [*parameters, *self.schedule.results]
        lines = [f"{self.pointer_type(memory)}{memory.name} = arrays[{i}];" for i, memory in enumerate(given)]
        size = 0
        if sum(map(bytes_of, scratch)) <= STACK:
            lines += [f"{memory.ctype} {memory.name}[{max(memory.size, 1)}];" for memory in scratch]
        else:
            starts, size = self.starts(scratch)
            lines.append(f"char *workspace = arrays[{len(given)}];")
            lines += [f"{x.ctype} *{x.name} = ({x.ctype} *)(workspace + {starts[x]});" for x in scratch]
        text = [f"// {self.title()}", "", *declarations(self.used), *declared(self.products, self.blas), ""]
        for name, takes, body in self.functions.values():
            text += [f"static void {name}({takes})", "{", *indented(body, 1), "}", ""]
        checked = self.schedule.checked
        body = [*lines, *["long wrong = 0;"] * checked, "", *self.body, f"return {'wrong' if checked else 0};"]
        text += ["EXPORT long step(void **arrays)", "{", *indented(body, 1), "}", ""]
        kinds = [[(x.shape, x.dtype.str) for x in group] for group in (self.program.parameters, self.program.results)]
        uses_blas = any(name.endswith("blas") for name in self.products)
        return CModule("\n".join(text), [memory.name for memory in parameters], *kinds, size, uses_blas)

    def title(self):
        """What the module computes, in one line."""
        title = f"{self.program.output.name or 'L'} and its gradients, forward and backward."
        return textwrap.shorten(printable(title), PAGE - 8)

    def lives(self, kernels):
        """From which kernel to which each piece of memory is in use."""
        alive = {}
        for i, kernel in enumerate(kernels):
            for memory, _ in kernel.arrays.values():
                alive[memory] = alive.get(memory, (i, i))[0], i
        return alive

    def starts(self, scratch):
        """Where each piece of memory begins in the workspace, and how large this is: what is free again is used again."""
        starts, size, free, busy = {}, 0, [], []
        for memory in sorted(scratch, key=lambda memory: self.alive[memory][0]):
            first = self.alive[memory][0]
            free += [other for other in busy if self.alive[other][1] < first]
            busy = [other for other in busy if self.alive[other][1] >= first]
            fitting = [other for other in free if bytes_of(memory) <= bytes_of(other) <= 2 * bytes_of(memory)]
            if fitting:
                other = min(fitting, key=bytes_of)
                free.remove(other)
                starts[memory] = starts[other]
            else:
                starts[memory], size = size, size + bytes_of(memory)
            busy.append(memory)
        return starts, size


def bytes_of(memory):
    """How many bytes a piece of memory takes: whole lines of the cache."""
    return -(-max(memory.size, 1) * memory.dtype.itemsize // ALIGNED) * ALIGNED


def printable(text):
    """Text in which a comment does not end, nor goes on in the next line."""
    return "".join(c if c.isprintable() else " " for c in text).replace("\\", "/")
