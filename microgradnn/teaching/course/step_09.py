"""Step 9. Formulas

`dz * y` ran on numbers, on arrays and on Nodes. It does not know what it is given. So let us give it symbols, which answer *
with a text:

    dz * y     with dz = Symbol("−2 · (t − o)"), y = Symbol("V")     is     Symbol("−2 · (t − o) · V")

The loop of step 8 stays, letter for letter, and what arrives at W is the formula of ∂L/∂W. A symbol needs its text, and how
strongly it binds: a sum within a product wants brackets, a product within a sum does not.
"""

from .step_01 import Node
from .step_05 import Power, Subtract, Tanh  # with them -, ** and tanh have rules
from .step_06 import array  # with it Nodes have a shape
from .step_08 import backpropagate

SUM, PRODUCT, POWER, NAME = 1, 2, 3, 4  # how strongly a text binds


class Symbol:
    """A formula: its text, and how strongly it binds."""

    def __init__(self, text, binds=NAME):
        self.text = text
        self.binds = binds

    def within(self, strength):
        """The text as it stands where something of this strength is around it: with brackets, if it binds less."""
        # gap 1: in brackets, if self.binds is less than strength; else as it is
        # hint: "(" and ")" around self.text, or self.text.
        # hint: The question is self.binds < strength.
        # hint: return f"({self.text})" if ... else self.text
        return f"({self.text})" if self.binds < strength else self.text
        # end

    def __add__(self, other):
        return Symbol(f"{self.within(SUM)} + {as_symbol(other).within(SUM)}", SUM)

    def __sub__(self, other):
        return Symbol(f"{self.within(SUM)} − {as_symbol(other).within(PRODUCT)}", SUM)  # a − (b + c): the right side binds more

    def __mul__(self, other):
        other = as_symbol(other)
        if other.text == "1":
            return self
        # gap 2: 1 · x is x; and else both, with a · between them, as a Symbol that binds as a PRODUCT
        # hint: First the case self.text == "1", as it stands above for the other side.
        # hint: Each side stands within a product: self.within(PRODUCT), and likewise the other.
        # hint: if self.text == "1": return other
        # hint+ return Symbol(f"{self.within(PRODUCT)} · {...}", PRODUCT)
        if self.text == "1":
            return other
        return Symbol(f"{self.within(PRODUCT)} · {other.within(PRODUCT)}", PRODUCT)
        # end

    def __pow__(self, n):
        return self if n == 1 else Symbol(f"{self.within(NAME)}^{n}", POWER)

    def __neg__(self):
        return Symbol(f"−{self.within(PRODUCT)}", PRODUCT)

    def __radd__(self, other):
        return as_symbol(other) + self

    def __rsub__(self, other):
        return as_symbol(other) - self

    def __rmul__(self, other):
        return as_symbol(other) * self

    def tanh(self):  # what np.tanh asks of what it does not know
        return Symbol(f"tanh({self.text})")

    def __repr__(self):
        return self.text


def as_symbol(x):
    """A Symbol as it is; a number as the text of it."""
    return x if isinstance(x, Symbol) else Symbol(f"{x:g}")


def spelling(node):
    """Read a Node as a Symbol: its name; if it has none, what it was computed by; a plain number as its text."""
    if node.name is not None:
        return Symbol(node.name)
    if node.op is None:
        return as_symbol(node.data)
    # gap 3: run the operation's own forward, on the spellings of the inputs
    # hint: node.op.forward is what it ran on numbers, and it runs on Symbols as well.
    # hint: [spelling(x) for x in node.inputs] are the operands; * hands them on one by one.
    # hint: return node.op.forward(*[... for x in node.inputs])
    return node.op.forward(*[spelling(x) for x in node.inputs])
    # end


def formula(output, x):
    """∂output/∂x as a Symbol."""
    # gap 4: the gradient of x, from the loop of step 8: it begins with the symbol 1, and reads Nodes by their spelling
    # hint: In step 8: backpropagate(output, Node(np.ones(output.shape)), itself)[x].
    # hint: doutput is Symbol("1"); and read?
    # hint: return backpropagate(output, Symbol("1"), ...)[x]
    return backpropagate(output, Symbol("1"), spelling)[x]
    # end


def neuron():
    """One hidden unit: h = tanh(x W), o = h V, L = (t − o)²."""
    x, t, W, V = (Node(number, name=name) for name, number in {"x": 0.5, "t": 1.0, "W": 0.3, "V": -1.1}.items())
    h = (x * W).tanh().named("h")
    o = (h * V).named("o")
    return ((t - o) ** 2).named("L"), {"x": x, "t": t, "W": W, "V": V, "h": h, "o": o}


if __name__ == "__main__":
    L, named = neuron()
    for name in ("o", "V", "h", "W"):
        print(f"∂L/∂{name} = {formula(L, named[name])}")


# checks

from .checks import near, same


def check_brackets():
    """(a + b) · c needs them, a · b + c does not, and a − (b + c) does."""
    a, b, c = map(Symbol, "abc")
    same(repr((a + b) * c), "(a + b) · c")
    same(repr(a * b + c), "a · b + c")
    same(repr(a - (b + c)), "a − (b + c)")


def check_ones():
    """A factor 1 is not written, on whichever side."""
    a = Symbol("a")
    same(repr(1 * a), "a")
    same(repr(a * 1), "a")


def check_spelling():
    """What has no name is spelt by what it was computed of; numbers stand there as numbers."""
    x = Node(0.5, name="x")
    same(repr(spelling(2 * x + 1)), "2 · x + 1")
    same(repr(spelling((x * x).named("y") * x)), "y · x")


def check_the_formula_of_the_neuron():
    """∂L/∂W is the product of the rules on the way."""
    L, named = neuron()
    x, W, V, h, o = map(Symbol, "xWVho")
    dz = Power(2).dx(Symbol("1"), Symbol("L"), Symbol("t − o", SUM))
    dz = L.inputs[0].op.dy(dz, Symbol("t − o", SUM), Symbol("t"), o)
    same(repr(formula(L, named["o"])), repr(dz))
    dz = named["o"].op.dx(dz, o, h, V)
    dz = named["h"].op.dx(dz, h, x * W)
    dz = named["h"].inputs[0].op.dy(dz, x * W, x, W)
    same(repr(formula(L, named["W"])), repr(dz))


def check_it_can_be_read_back():
    """The formula, computed with the values of the names, is the gradient that numbers give."""
    L, named = neuron()
    values = {name: node.data for name, node in named.items()}
    grads = backpropagate(L, 1.0, lambda node: node.data)
    for node in named.values():
        python = formula(L, node).text.replace("−", "-").replace("·", "*").replace("^", "**")
        near(eval(python, values), grads[node])
