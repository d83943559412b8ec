"""What the variables of a written program are called: after the tensors, or z1, dz1, u1 where these have no name."""

import re
import unicodedata
from collections import Counter

from ..formulas.spelling import spell


class Variables:
    """The variables of a program, each name given once.

    Parameters
    ----------
    program : Program
    reserved : set of str
        The words that the language keeps for itself, and the function.

    Attributes
    ----------
    names : dict of Expression to str
        What has a variable by now.
    parameters : dict of str to Expression
        In the order of the function's signature.
    node_names, gradient_names : dict of Tensor to str
        The names that were given to Tensors and to their gradients.
    """

    def __init__(self, program, reserved):
        self.program, self.reserved = program, reserved
        self.names, self.parameters = {}, {}
        self.taken, self.numbers = set(reserved), Counter()
        self.wished = {node.name for node in program.values}
        for parameter, node in program.parameters.items():
            wish = getattr(node, "name", None)
            letter = "p" if getattr(node, "requires_grad", False) else "c"
            self.names[parameter] = self.identifier(wish) if wish else self.numbered(letter)
            self.parameters[self.names[parameter]] = parameter
        # Named tensors have their names before others take them.
        self.node_names = {node: self.names[parameter] for parameter, node in program.parameters.items()}
        for node in program.values:
            if node.op is not None and (node.name or node is program.output):
                self.node_names[node] = self.identifier(node.name or "L")
        self.gradient_names = {
            node: self.identifier(f"d{self.node_names[node]}") for node in program.gradients if node in self.node_names
        }

    def identifier(self, wish):
        """A name for a variable, like the wish and not taken yet."""
        name = re.sub(r"\W", "_", unicodedata.normalize("NFKC", wish)) or "_"
        name = re.sub(r"^((?:\d+_)+)([^\W\d_].*)$", lambda path: f"{path[2]}_{path[1]}"[:-1], name)  # 0.W of a Sequential
        name = f"_{name}" if name[0].isdigit() else name
        choice, count = name, 1
        while choice in self.taken:
            count += 1
            choice = f"{name}_{count}" if name not in self.reserved else f"{name}_" * (count - 1)
        self.taken.add(choice)
        return choice

    def numbered(self, letter):
        """A name for what has none: z1, z2, ..."""
        self.numbers[letter] += 1
        while f"{letter}{self.numbers[letter]}" in self.wished:
            self.numbers[letter] += 1
        return self.identifier(f"{letter}{self.numbers[letter]}")

    def name_for(self, step):
        """A name for what a step computes; one array that is changed several times has one name."""
        step = self.program.last_change(step)
        kind, node = self.program.labels.get(step, (None, None))
        if kind is None:
            return self.identifier("rows") if step.op == "arange" else self.numbered("u")
        if kind == "gradient":
            if node not in self.node_names and "…" in spell(node):  # so long that a number says as much
                self.node_names[node] = self.numbered("z")
            return self.gradient_names.get(node) or self.identifier(f"d{self.node_names.get(node) or self.numbered('z')}")
        if node not in self.node_names:
            self.node_names[node] = self.numbered("z")
        return self.node_names[node]

    def title_of(self, node):
        """What a node is called in a sentence."""
        return self.node_names.get(node) or spell(node)

    def is_nameless(self, name):
        """Whether a parameter is an array of the graph that has no name and requires no gradient: a mask, an index."""
        node = self.program.parameters[self.parameters[name]]
        return node is None or (node.name is None and not node.requires_grad)
