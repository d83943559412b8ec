"""Step 3. The chain rule, backwards

Let L be the result. Who knows ∂L/∂z, and made z = x · y, can tell the inputs theirs: by the chain rule

    ∂L/∂x = ∂L/∂z · ∂z/∂x            dx = dz · y
    ∂L/∂y = ∂L/∂z · ∂z/∂y            dy = dz · x

These two lines are the rules of *. Each knows its operation alone, and nothing of L: whatever comes later is in dz. So an
operation becomes an object with `forward` and one rule an input. The letters are the same in every rule:

    z = f(x, y)     x, y   the inputs      dz       ∂L/∂z, which comes from above
                    z      the result      dx, dy   ∂L/∂x, ∂L/∂y: what the rules return
"""

from pathlib import Path

from .step_01 import Node, as_node
from .step_02 import draw, whole_graph


class Op:
    """An operation: `forward`, and a rule for each input, which `vjps` lists in order (vector-Jacobian products)."""

    sign = ""
    vjps = ()

    def __call__(self, *inputs):
        inputs = tuple(as_node(x) for x in inputs)
        z = self.forward(*[x.data for x in inputs])
        return Node(z, self, inputs)

    def __repr__(self):
        return self.sign


class Add(Op):
    """z = x + y"""

    sign = "+"

    def forward(self, x, y):
        return x + y

    def dx(self, dz, z, x, y):
        # gap 1: ∂L/∂x of z = x + y
        # hint: What is ∂z/∂x, if z = x + y? Multiply dz with that.
        # hint: ∂z/∂x is 1, whatever x and y are.
        # hint: dz · 1 is dz.
        return dz
        # end

    def dy(self, dz, z, x, y):
        return dz

    vjps = dx, dy


class Multiply(Op):
    """z = x y"""

    sign = "*"

    def forward(self, x, y):
        return x * y

    def dx(self, dz, z, x, y):
        # gap 2: ∂L/∂x of z = x y
        # hint: It stands at the top of this file.
        # hint: ∂z/∂x = y.
        # hint: return dz * ...
        return dz * y
        # end

    def dy(self, dz, z, x, y):
        # gap 3: ∂L/∂y of z = x y
        # hint: As dx, with x and y exchanged.
        # hint: ∂z/∂y = x.
        # hint: return dz * ...
        return dz * x
        # end

    vjps = dx, dy


# From here on, + and * are these operations. What is computed remembers an Op, no longer a sign.
Node.__add__, Node.__radd__ = (lambda x, y: Add()(x, y)), (lambda y, x: Add()(x, y))
Node.__mul__, Node.__rmul__ = (lambda x, y: Multiply()(x, y)), (lambda y, x: Multiply()(x, y))


def backward(output):
    """Leave ∂output/∂x in the `.grad` of every Node that `output` was computed from. (Is it right? See step 4.)"""
    output.grad = 1.0  # ∂L/∂L
    for node in whole_graph(output):  # output is first: a Node knows its gradient before it is asked to pass it on
        if node.op is None:
            continue
        dz, z, xs = node.grad, node.data, [x.data for x in node.inputs]
        for x, vjp in zip(node.inputs, node.op.vjps, strict=True):
            # gap 4: the gradient of x: what its rule, a function vjp(op, dz, z, x, y), makes of dz, z and the operands
            # hint: vjp is the rule. It was taken from the class, so its self is handed in: node.op.
            # hint: A rule is called as (self, dz, z, x, y); xs holds x and y: *xs.
            # hint: x.grad = vjp(node.op, dz, ...)
            x.grad = vjp(node.op, dz, z, *xs)
            # end


if __name__ == "__main__":
    a, b, c = Node(2.0, name="a"), Node(3.0, name="b"), Node(4.0, name="c")
    L = ((a * b).named("h") + c).named("L")
    backward(L)
    print(f"∂L/∂a = {a.grad}   ∂L/∂b = {b.grad}   ∂L/∂c = {c.grad}")
    draw(L, Path(__file__).with_suffix(".svg"))


# checks

from .checks import same


def check_rule_of_add():
    """Each input of a sum gets dz as it is."""
    same(Add().dx(10.0, 5.0, 2.0, 3.0), 10.0)


def check_first_rule_of_multiply():
    """The first factor gets dz times the second: 10 · 3."""
    same(Multiply().dx(10.0, 6.0, 2.0, 3.0), 30.0)


def check_second_rule_of_multiply():
    """The second factor gets dz times the first: 10 · 2."""
    same(Multiply().dy(10.0, 6.0, 2.0, 3.0), 20.0)


def check_a_product_of_three():
    """L = a b c: ∂L/∂a = b c, ∂L/∂b = a c, ∂L/∂c = a b."""
    a, b, c = Node(2.0), Node(3.0), Node(4.0)
    backward(a * b * c)
    same([a.grad, b.grad, c.grad], [12.0, 8.0, 6.0])


def check_a_sum_of_products():
    """L = 2 a + b c: ∂L/∂a = 2, ∂L/∂b = c, ∂L/∂c = b."""
    a, b, c = Node(2.0), Node(3.0), Node(4.0)
    backward(2 * a + b * c)
    same([a.grad, b.grad, c.grad], [2.0, 4.0, 3.0])
