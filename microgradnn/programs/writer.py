"""From a program to the lines of a function: what gets a variable, what it is called, what is written in one line.

A named tensor and its gradient have a line of their own; so has what is used more than once. The rest is written where it
is used, as long as the line stays readable: `h = np.tanh(x @ W + b_h)`.
"""

import keyword
import re
import unicodedata
from collections import Counter
from itertools import takewhile
from typing import NamedTuple

import numpy as np

from ..formulas.spelling import spell
from .code import ATOM, CODE, FORMULA, Length, Text, written
from .expression import is_constant, key_of
from .program import named_first

MOST_OPERATIONS = 4  # in one line
WIDEST = 60  # characters of one line, without its comment
MOST_STEPS = 6  # of one operation, without a comment that says what they lead to
TAKEN = {
    "np",
    "n",
    "len",
    "slice",
    "__debug__",
    "loss_and_gradients",
    "l",
    "O",
    "I",
    *keyword.kwlist,
}  # l, O, I: linters refuse them


def is_step(line):
    """Whether a line is no value of its own, but on the way to one."""
    return re.fullmatch(r"u\d+", line.target) is not None


class Line(NamedTuple):
    """One line of the function: `target = code  # comment`, or a statement `code` if there is no target."""

    target: str
    code: str
    comment: str
    expression: object = None  # what is computed, where that is all
    silenced: tuple[str, ...] = ()  # the np.errstate to compute it under

    @property
    def statement(self):
        return f"{self.target} = {self.code}" if self.target else self.code


class Writer:
    """Writes the lines of a program.

    Parameters
    ----------
    program : Program
    output : Tensor
    wanted : list of Tensor
        Whose gradients are returned.
    single : bool
        Whether only one is, and not as a tuple.

    Attributes
    ----------
    forward, backward : list of Line
    parameters : dict of str to Expression
        In the order of the function's signature: those of tensors with a name first.
    results : list of str
        The variables to return: that of the output, then those of the gradients.
    """

    def __init__(self, program, output, wanted, single=False):
        self.program, self.output, self.wanted, self.single = program, output, wanted, single
        self.taken, self.known = set(TAKEN), {}
        self.forward, self.backward = [], []
        self.returned = {program.values[output], *(program.gradients[x] for x in wanted)}
        self.inline = {}  # Expression without a variable -> how many operations it takes
        self.numbers = Counter()
        self.nodes_of = {}  # value -> the nodes that have it: equal ones are computed once
        for node, made in program.values.items():
            self.nodes_of.setdefault(made, set()).add(node)
        self.wished = {node.name for node in program.values}
        self.labels = self._labels()
        self.parameters = self._name_parameters()
        self.live = self._live()
        self.users = {}  # Expression -> those that it is an operand of
        for made in self.live:
            for x in made.operands:
                self.users.setdefault(x, []).append(made)
        self._reserve_names()
        for made in self.live:
            self._write(made)
        self.results = [self._result_of_output(), *(self._result(x, wanted[:i]) for i, x in enumerate(wanted))]

    # Names

    def identifier(self, wish):
        """A name for a variable, like the wish and not taken yet."""
        name = re.sub(r"\W", "_", unicodedata.normalize("NFKC", wish)) or "_"
        name = re.sub(r"^((?:\d+_)+)([^\W\d_].*)$", lambda path: f"{path[2]}_{path[1]}"[:-1], name)  # 0.W of a Sequential
        name = f"_{name}" if name[0].isdigit() else name
        choice, count = name, 1
        while choice in self.taken:
            count += 1
            choice = f"{name}_{count}" if name not in TAKEN else f"{name}_" * (count - 1)
        self.taken.add(choice)
        return choice

    def numbered(self, letter):
        """A name for what has none: z1, z2, ..."""
        self.numbers[letter] += 1
        while f"{letter}{self.numbers[letter]}" in self.wished:
            self.numbers[letter] += 1
        return self.identifier(f"{letter}{self.numbers[letter]}")

    def _labels(self):
        """For each Expression the node that it is the value of, or whose gradient; a named node rather than another."""
        labels = {}
        for kind, expressions in (("value", self.program.values), ("gradient", self.program.gradients)):
            for node, made in expressions.items():
                if node.op is None and kind == "value":
                    continue
                if kind == "gradient" and (
                    made.position < self.program.backward_from or labels.get(made, (kind,))[0] == "value"
                ):
                    continue  # a value of the forward pass, which by chance is a gradient too
                if made not in labels or (kind == "value" and node is self.output) or (node.name and not labels[made][1].name):
                    labels[made] = kind, node
        return labels

    def _name_parameters(self):
        given = {}
        for made, node in named_first(self.program.parameters).items():
            wish = getattr(node, "name", None)
            letter = "p" if getattr(node, "requires_grad", False) else "c"
            given[self.identifier(wish) if wish else self.numbered(letter)] = made
        for name, made in given.items():
            self._call(made, name)
        return given

    def _reserve_names(self):
        """Give the variables of named tensors their names, before others take them."""
        self.node_names = {self.program.parameters[made]: name for name, made in self.parameters.items()}
        for node in self.program.values:
            if node.op is not None and (node.name or node is self.output):
                self.node_names[node] = self.identifier(node.name or "L")
        self.gradient_names = {
            node: self.identifier(f"d{self.node_names[node]}") for node in self.program.gradients if node in self.node_names
        }

    def _call(self, made, name):
        self.known[made] = Text(name, ATOM)

    def title_of(self, node):
        """What a node is called in a sentence."""
        return self.node_names.get(node) or spell(node)

    def shape_of(self, made):
        """The shape of a parameter; a length may be a Length."""
        return self.program.shapes[made]

    def is_nameless(self, name):
        """Whether a parameter is an array of the graph that has no name and requires no gradient: a mask, an index."""
        node = self.program.parameters[self.parameters[name]]
        return node is None or (node.name is None and not node.requires_grad)

    @property
    def batch_parameter(self):
        """str: the first parameter whose first axis is the batch, or None."""
        return next((name for name, made in self.parameters.items() if self.shape_of(made)[:1] == (Length(1, 0),)), None)

    # What is needed, and what gets a line

    def _live(self):
        """The Expressions that the results are made from, in order."""
        needed = [self.program.values[self.output], *(self.program.gradients[x] for x in self.wanted)]
        live = set(needed)
        for made in needed:
            for x in made.operands:
                if x not in live:
                    live.add(x)
                    needed.append(x)
        return sorted((x for x in live if x.head not in ("parameter", "number")), key=lambda made: made.position)

    def _write(self, made):
        """Give an Expression its line, or leave it to where it is used."""
        if is_constant(made):
            return
        if made.head != "changed":
            self._shorten(made)
        named = made in self.labels and (self.labels[made][1] in self.node_names or self._is_long(*self.labels[made]))
        users = self.users.get(made, [])
        shared = len(users) > 1 and not self._is_transpose(made)
        silenced = made.silenced and any(user.silenced != made.silenced for user in users)
        if named or shared or silenced or made.head == "changed" or made in self.returned:
            self._add_line(made)
        else:
            self.inline[made] = 1 + sum(self.inline.get(x, 0) for x in made.operands)

    def _is_long(self, kind, node):
        """Whether this is a value that comments, of its gradient, could only call by a variable's name."""
        slope = self.program.gradients.get(node)
        has_line = slope in self.users and self.labels.get(slope, (None, None))[1] is node
        return kind == "value" and has_line and "…" in spell(node)

    def _shorten(self, made):
        """Give lines to operands, the longest first, until the line for `made` is short enough."""
        while True:
            inline = [x for x in made.operands if x in self.inline and not self._is_transpose(x)]
            operations = 1 + sum(self.inline[x] for x in inline)
            if not inline or (operations <= MOST_OPERATIONS and len(written(made, self.known, CODE).text) <= WIDEST):
                return
            self._add_line(max(inline, key=self.inline.get))

    def _is_transpose(self, made):
        """Whether it is `name.T`, which costs nothing and may be written in as many places as need it."""
        return (made.head, made.name) == ("attribute", "T") and made.args[0] in self.known

    def _add_line(self, made):
        self.inline.pop(made, None)
        lines = self.forward if made.position < self.program.backward_from else self.backward
        name, comment = self._name_of(made), self._comment(made)
        if made.head == "changed":
            self._add_change(made, name, comment, lines)
        else:
            lines.append(Line(name, written(made, self.known, CODE).text, comment, made, made.silenced))
        self._call(made, name)

    def _add_change(self, made, name, comment, lines):
        """Two lines: the array as it was, and the statement that changes it."""
        base, *args = made.args
        before = self.known[base].text if base in self.known else written(base, self.known, CODE).text
        fresh = self._may_change(base, made)
        self.inline.pop(base, None)
        if before != name or not fresh:
            lines.append(Line(name, before if fresh else f"{before}.copy()", comment))
        if made.name == "[]=":
            index, value = args
            target = f"{name}[{CODE.subscripts(index, self.known)}]"
            lines.append(Line("", self._assignment(target, made, value), ""))
        else:
            *args, value = args
            parts = [CODE.argument(x, self.known) for x in args] + [CODE.operand(value, base, self.known).text]
            lines.append(Line("", f"{made.name}({', '.join([name, *parts, *CODE.named(made.kwargs, self.known)])})", ""))

    def _assignment(self, target, made, value):
        """x[i] = value; or x[i] += y, if the value is x[i] + y."""
        if getattr(value, "head", None) == "infix" and value in self.inline:
            left, right = value.args
            same = getattr(left, "head", None) == "index" and key_of(left.args) == key_of(made.args[:2])
            if same and left in self.inline:
                return f"{target} {value.name}= {CODE.operand(right, left, self.known).text}"
        return f"{target} = {CODE.operand(value, made.args[0], self.known).text}"

    def _may_change(self, base, made):
        """Whether the array may be changed itself, and not a copy: nobody looks at it, or through a view, afterwards."""
        if base in self.inline:
            return True
        within = {made}
        for x in made.operands:
            within |= {x, *x.operands} if x in self.inline else set()
        others = [user for user in self.users[base] if user not in within]
        return (base.head == "changed" or base.fill is not None) and all(
            user in self.known and not np.may_share_memory(user.value, base.value) for user in others
        )

    def _name_of(self, made):
        if made.head == "changed" and made.args[0] in self.known and self._may_change(made.args[0], made):
            return self.known[made.args[0]].text
        made = self._last_change(made)  # one array that is changed several times has one name
        kind, node = self.labels.get(made, (None, None))
        if kind is None:
            return self.identifier("rows") if made.name == "np.arange" else self.numbered("u")
        if kind == "gradient":
            if node not in self.node_names and "…" in spell(node):  # so long that a number says as much
                self.node_names[node] = self.numbered("z")
            return self.gradient_names.get(node) or self.identifier(f"d{self.node_names.get(node) or self.numbered('z')}")
        if node not in self.node_names:
            self.node_names[node] = self.numbered("z")
        return self.node_names[node]

    def _last_change(self, made):
        """What an array is in the end that statements change, one after the other; what is not changed is itself."""
        while next_change := [user for user in self.users.get(made, []) if user.head == "changed" and user.args[0] is made]:
            made = next_change[0]
        return made

    # Comments

    def _comment(self, made):
        """What a line of the backward pass computes: ∂L/∂V = hᵀ · do."""
        last = self._last_change(made)
        kind, node = self.labels.get(last, (None, None))
        if kind == "value" and sum(1 for _ in takewhile(is_step, reversed(self.forward))) >= MOST_STEPS:
            return f"{node.op.name}({', '.join(self.title_of(x) for x in node.inputs)})"
        if kind != "gradient":
            return ""
        slope = self.slope(node)
        if last is not made or made.head == "changed":
            return slope
        return f"{slope} = {written(made, self.known, FORMULA).text}"

    def slope(self, node):
        """∂L/∂V, the derivative with respect to a node."""
        in_part = self._is_part(node)
        main = self.labels[self.program.values[node]][1] if in_part else node
        return f"∂{self.node_names[self.output]}/∂{self.node_names.get(main) or spell(main)}{' in part' * in_part}"

    def _is_part(self, node):
        """Whether a node is one of several with one value, made by the same steps: ∂L/∂(this value) is the sum of theirs."""
        nodes = self.nodes_of[self.program.values[node]]
        first = [x for x in nodes if nodes.isdisjoint(x.inputs)]  # others are x * 1 and the like of these
        gradients = self.program.gradients
        return len(nodes) > 1 and (len(first) > 1 or gradients[node] is not gradients.get(first[0]))

    # The results

    def _result_of_output(self):
        made = self.program.values[self.output]
        return self.known[made].text + ".copy()" * self._shares_with(made, self.program.parameters)

    def _result(self, node, before):
        """The variable with the gradient of a node, in memory that it shares with no parameter and none of those before."""
        made = self.program.gradients[node]
        known = self.known.get(made)
        name = self.gradient_names.get(node) or (known.text if known else self.numbered("dp"))
        if known and known.text == name and not self._is_shared(made, before):
            return name
        if known:
            formula, code = known.text, known.text + ".copy()" * self._is_shared(made, before)
        else:  # a number
            formula, code = CODE.bare(made).text, written(made, self.known, CODE).text
        if known and known.text == name:
            name = self.identifier(name if name not in self.parameters else f"d{name}")
        self.backward.append(Line(name, code, f"{self.slope(node)} = {formula}"))
        return name

    def _is_shared(self, made, before):
        """Whether an array is no fresh one: a parameter or a part of one, the output, or the gradient of a node before."""
        others = [*self.program.parameters, self.program.values[self.output], *(self.program.gradients[x] for x in before)]
        return self._shares_with(made, others)

    def _shares_with(self, made, others):
        """Whether an array is one of others, or a part of one, or is repeated by broadcasting."""
        if isinstance(made.value, np.generic) or made.head == "parameter":
            return made.head == "parameter"
        return not made.value.flags.writeable or any(np.may_share_memory(made.value, other.value) for other in others)
