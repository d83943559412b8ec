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
REFERENCE = re.compile(r"(\w+)@(\d+)@(\[0\]|\[|)")


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
        for memory in self.schedule.memories:
            self.name(memory)
        self.memories = {memory.name: memory for memory in self.schedule.memories}
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

    def name(self, memory):
        """The variable of a piece of memory."""
        names = self.variables.names
        memory.name = names[memory.step] if memory.step in names else self.variables.name_for(memory.step)
        names.setdefault(memory.step, memory.name)

    def has_name(self, step):
        """Whether a step is what a Tensor with a name, or the gradient of one, is computed by."""
        kind, node = self.program.labels.get(step, (None, None))
        return kind is not None and node in self.variables.node_names

    def local_name(self, step, stored):
        """The variable of a loop for one element of a step."""
        names = self.variables.names
        if step in names:
            return self.variables.identifier(f"{names[step]}_i")
        names[step] = self.variables.name_for(step)
        return names[step]

    def accumulator(self, step):
        return self.variables.numbered("sum" if step.op in ("sum", "mean") else "most")

    def position_name(self):
        return self.variables.numbered("at")

    def comment(self, step):
        """What a line computes, as the end of the line."""
        kind, node = self.program.labels.get(step, (None, None))
        if kind is None:
            return ""
        step = self.schedule.lowered.original.get(step, step)
        names = self.variables.names
        known = names.pop(step, None)  # what it is made from is asked, not what it is called
        if self.is_long(step):
            said = gradient_name(self.program, node, self.variables) if kind == "gradient" else ""
        else:
            said = comment(self.program, step, self.variables, 0)
        if known:
            names[step] = known
        said = "".join(c if c.isprintable() else " " for c in said).replace("\\", "/")
        return f"  // {textwrap.shorten(said, PAGE // 2, placeholder=' …')}" if said else ""

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
        names = dict(zip(kernel.locals, (f"v{i}" for i in range(len(kernel.locals))), strict=True))
        text = without_comments("\n".join(kernel.lines))
        found = dict.fromkeys(match[:2] for match in REFERENCE.findall(text))
        types = [self.memories[name].ctype for name, _ in found]
        places = {reference: f"a{i}" for i, reference in enumerate(found)}
        text = REFERENCE.sub(lambda match: places[match[1], match[2]] + match[3], text)
        return re.sub(r"\b[a-z]\w*\b", lambda match: names.get(match[0], match[0]), text), tuple(types)

    def placed(self, kernel):
        """The lines of a kernel in `step`: itself, or the call of a function."""
        key = self.key(kernel)
        lines = "\n".join(kernel.lines)
        if key not in self.often:
            return ["{", *indented(REFERENCE.sub(inside, lines).split("\n"), 1), "}"]
        found = list(dict.fromkeys(match[:2] for match in REFERENCE.findall(without_comments(lines))))
        if key not in self.functions:
            name = self.variables.identifier(f"part_{len(self.functions) + 1}")
            self.functions[key] = name, *self.function(lines, found)
        arguments = [f"{name} + {offset}" if offset != "0" else name for name, offset in found]
        flag = ["&wrong"] if "wrong" in lines else []
        return [f"{self.functions[key][0]}({', '.join([*arguments, *flag])});"]

    def function(self, lines, found):
        """The parameters and the body of a function."""
        names = {(name, offset): name if offset == "0" else f"{name}_{offset}" for name, offset in found}
        lines = REFERENCE.sub(lambda match: names[match[1], match[2]] + match[3], lines)
        takes = [f"{self.memories[name].ctype} *{names[name, offset]}" for name, offset in found]
        if "wrong" in lines:
            lines = re.sub(r"\bwrong\b", "*wrong", lines)
            takes.append("long *wrong")
        return ", ".join(takes), lines.split("\n")

    # The module

    def written(self):
        """The module around it."""
        memories = self.schedule.memories
        parameters = [memory for memory in memories if memory.role == "parameter"]
        scratch = [memory for memory in memories if memory.role == "scratch" and memory in self.alive]
        on_stack = sum(memory.size * memory.dtype.itemsize for memory in scratch) <= STACK
        lines = []
        for i, memory in enumerate([*parameters, *self.schedule.results]):
            const = "const " * (memory.role == "parameter" and memory.step not in self.schedule.changed)
            lines.append(f"{const}{memory.ctype} *{memory.name} = arrays[{i}];")
        starts, size = ({}, 0) if on_stack else self.starts(scratch)
        if not on_stack:
            lines.append(f"char *workspace = arrays[{len(parameters) + len(self.schedule.results)}];")
        for memory in scratch:
            if on_stack:
                lines.append(f"{memory.ctype} {memory.name}[{max(memory.size, 1)}];")
            else:
                lines.append(f"{memory.ctype} *{memory.name} = ({memory.ctype} *)(workspace + {starts[memory]});")
        text = "\n".join([*self.heading(), *self.written_functions(), *self.whole_step(lines)])
        names = [memory.name for memory in parameters]
        kinds = [[(x.shape, x.dtype.str) for x in group] for group in (self.program.parameters, self.program.results)]
        uses_blas = any(name.endswith("blas") for name in self.products)
        return CModule(text + "\n", names, *kinds, size, uses_blas)

    def lives(self, kernels):
        """From which kernel to which each piece of memory is in use."""
        alive = {}
        for i, kernel in enumerate(kernels):
            for name, *_ in REFERENCE.findall("\n".join(kernel.lines)):
                first, _ = alive.get(self.memories[name], (i, i))
                alive[self.memories[name]] = first, i
        return alive

    def starts(self, scratch):
        """Where each piece of memory begins in the workspace, and how large this is: what is free again is used again."""
        starts, free, size, ending = {}, [], 0, []
        for memory in sorted(scratch, key=lambda memory: self.alive[memory][0]):
            first, last = self.alive[memory]
            free += [gap for end, gap in ending if end < first]
            ending = [(end, gap) for end, gap in ending if end >= first]
            needed = -(-max(memory.size, 1) * memory.dtype.itemsize // ALIGNED) * ALIGNED
            fitting = [gap for gap in free if needed <= gap[1] <= 2 * needed]
            gap = min(fitting, key=lambda gap: gap[1]) if fitting else (size, needed)
            if fitting:
                free.remove(gap)
            else:
                size += needed
            starts[memory] = gap[0]
            ending.append((last, gap))
        return starts, size

    def heading(self):
        """What stands before all functions."""
        title = f"{self.program.output.name or 'L'} and its gradients, forward and backward."
        title = "".join(c if c.isprintable() else " " for c in title).replace("\\", "/")
        lines = [f"// {textwrap.shorten(title, PAGE - 8)}", ""]
        lines += declarations(self.used)
        lines += declared(self.products, self.blas)
        return [*lines, ""]

    def written_functions(self):
        """The functions for what occurs often."""
        lines = []
        for name, takes, body in self.functions.values():
            lines += [f"static void {name}({takes})", "{", *indented(body, 1), "}", ""]
        return lines

    def whole_step(self, lines):
        """The function that is called."""
        flag = ["long wrong = 0;"] if self.schedule.checked else []
        last = "return wrong;" if self.schedule.checked else "return 0;"
        return ["EXPORT long step(void **arrays)", "{", *indented([*lines, *flag, "", *self.body, last], 1), "}"]


def without_comments(text):
    """C without what is said of it."""
    return re.sub(r"  // .*|^\s*// .*", "", text, flags=re.MULTILINE)


def inside(match):
    """A reference to an array in the function that has it: with the offset in the index."""
    name, offset, bracket = match.groups()
    if offset == "0":
        return name + bracket
    return {"": f"{name} + {offset}", "[0]": f"{name}[{offset}]", "[": f"{name}[{offset} + "}[bracket]
