"""Step 1. A number that remembers

A gradient is found by going back the way that a result was computed. So a number has to remember that way: what made it, and
out of which numbers. That is all that a graph is. Of y = a * b + a the + remembers the * and the a:

    a ──┬──► * ──┐
    b ──│──►     ├──► +  = y
        └────────┘

The numbers are Nodes; `data` holds what they are, `op` and `inputs` how they came about.
"""

from itertools import count

births = count()


class Node:
    """A number, and how it was made."""

    def __init__(self, data, op=None, inputs=(), name=None):
        self.data = data
        self.op = op  # what made it, "+" or "*"; None if it was not computed
        self.inputs = inputs  # the Nodes that it was made from, in order
        self.name = name
        self.grad = None  # ∂y/∂(this), once somebody has asked for it
        self.birth = next(births)  # a serial number: inputs are older than what is made from them

    def __add__(self, other):
        other = as_node(other)
        # gap 1: the sum, as a Node that remembers "+" and both inputs
        # hint: A Node takes four arguments: data, op, inputs, name. The first three are known here.
        # hint: data is the sum of self.data and other.data; inputs is a tuple of the two Nodes.
        # hint: return Node(self.data + ..., "+", (self, ...))
        return Node(self.data + other.data, "+", (self, other))
        # end

    def __mul__(self, other):
        other = as_node(other)
        # gap 2: the product, likewise
        # hint: As the sum, with another sign.
        # hint: data is self.data * other.data, op is "*".
        # hint: return Node(self.data * ..., "*", (self, ...))
        return Node(self.data * other.data, "*", (self, other))
        # end

    def __radd__(self, other):  # Python asks for it in 2 + node, where the number does not know Nodes
        return as_node(other) + self

    def __rmul__(self, other):
        return as_node(other) * self

    def named(self, name):
        """Give it a name, and hand it on: L = (a * b).named("L")."""
        self.name = name
        return self

    def __repr__(self):
        return f"{self.name} = {self.data}" if self.name else f"{self.data}"


def as_node(x):
    """A Node as it is; a plain number as a Node that was not computed."""
    # gap 3: x, if it is a Node already; else a new Node that holds it
    # hint: isinstance(x, Node) says whether it is one.
    # hint: A new Node needs its data only; nobody computed it, so op and inputs stay as they are by default.
    # hint: return x if isinstance(x, Node) else ...
    return x if isinstance(x, Node) else Node(x)
    # end


if __name__ == "__main__":
    a, b = Node(2.0, name="a"), Node(3.0, name="b")
    y = (a * b + a).named("y")
    print(f"{y}, made by {y.op} from {y.inputs[0]} and ({y.inputs[1]});")
    print(f"its first input is {y.inputs[0]}, made by {y.inputs[0].op} from ({a}) and ({b}).")


# checks

from .checks import same


def check_a_sum():
    """x + y holds the sum, and remembers + and both inputs."""
    x, y = Node(2.0), Node(3.0)
    z = x + y
    same((x + y).data, 5.0)
    same(z.op, "+")
    same(tuple(z.inputs), (x, y))


def check_a_product():
    """x * y holds the product, and remembers * and both inputs."""
    x, y = Node(2.0), Node(3.0)
    z = x * y
    same((x * y).data, 6.0)
    same(z.op, "*")
    same(tuple(z.inputs), (x, y))


def check_plain_numbers():
    """x + 1 and 2 * x take plain numbers, as Nodes that were not computed."""
    x = Node(3.0)
    same((x + 1).data, 4.0)
    same((2 * x).data, 6.0)
    same((2 * x).inputs[0].op, None)
    same((2 * x).inputs[1], x)


def check_a_node_stays_itself():
    """as_node gives back a Node as it is: a copy would be another number."""
    x = Node(3.0)
    same(as_node(x), x)


def check_inputs_are_older():
    """What a Node was made from was born before it."""
    x = Node(2.0)
    z = x * x + x
    assert x.birth < z.inputs[0].birth < z.birth
