"""Step 10. The real one

Your engine has everything. What do the other lines of microgradnn do? Open three of its files, and read:

    graph.py             Node, Op, call_with_two, new_node: your steps 1 and 3;  reachable: step 4
    backprop.py          backpropagate, with `read`: step 8;  unbroadcast: step 7;  backward: what is left in .grad
    ops/arithmetic.py    Add, Subtract, Multiply, Power: your rules, as you wrote them

`python -c "import microgradnn; print(*microgradnn.__path__)"` says where they are. Each gap asks for what stands in them; say
what you expect before you run it. In the end, you give the library an operation of your own.
"""

import numpy as np

from ... import Op, Tensor, backprop, chain_rule, graph, hessian, unroll


def order():
    """Which function of theirs lists the nodes of a graph, each after all that used it? Yours is youngest_first."""
    # gap 1: graph.something, without brackets: the function itself
    # hint: It is near the end of graph.py, and sorts by birth.
    # hint: Which nodes can a gradient reach?
    # hint: return graph.reach...
    return graph.reachable
    # end


def listed():
    """Yours lists five nodes of L = 2 x + 3: L, 2 x, 3, 2, x. How many does theirs, if only x requires a gradient?"""
    # gap 2: how many
    # hint: Look at the `if` in the function of gap 1. Which inputs does it take?
    # hint: Those with requires_grad: a parameter has it, a number has not; what is computed from one that has it, has it too.
    # hint: L, 2 x and x.
    return 3
    # end


def reader():
    """With which `read` does their backpropagate record what the rules do, as your `itself`?"""
    # gap 3: backprop.something, the function itself
    # hint: It stands above backpropagate, and `grad` in backprop.py hands it on, if create_graph is set.
    # hint: It is called as yours is.
    # hint: return backprop.it...
    return backprop.itself
    # end


def twice():
    """L = x x at x = 3. Your backward(L), run twice, leaves 6 in x.grad. What does theirs leave?"""
    # gap 4: the number in x.grad after the second L.backward()
    # hint: Read the first paragraph of the docstring of `backward` in backprop.py.
    # hint: x is a leaf: nothing made it. Leaves add what comes to what is there, so that one can go through data in pieces.
    # hint: 6 + 6
    return 12.0
    # end


class Bump(Op):
    """z = 1 / (1 + x²)"""

    def forward(self, x):
        return 1 / (1 + x * x)

    def dx(self, dz, z, x):
        # gap 5: ∂L/∂x; with z at hand, it needs no division
        # hint: The derivative of 1 / u is −u′ / u². Here, u is 1 + x².
        # hint: 1 / u² is z², and u′ is 2 x.
        # hint: return dz * -2 * x * ...
        return dz * -2 * x * z * z
        # end

    vjps = (dx,)


bump = Bump()


if __name__ == "__main__":
    x = Tensor([0.5, -1.0], requires_grad=True, name="x")
    L = bump(x).sum().named("L")
    L.backward()
    print("Your rule, run on arrays:", x.grad)
    print("\non Tensors, for second derivatives:", hessian(lambda x: bump(x).sum())(np.array([0.5, -1.0])), sep="\n")
    print("\non symbols:", chain_rule(L, x[0]), sep="\n")
    print("\nand on names:", unroll(L, x).source.partition("# forward\n")[2], sep="\n")


# checks

from ... import check_op
from .checks import same


def check_order():
    """Their function, asked for L = h + 3 h, gives L, 3 h, h, x: youngest first."""
    x = Tensor(2.0, requires_grad=True)
    h = x * x
    a = h * 3
    L = h + a
    same(list(order()(L)), [L, a, h, x])


def check_listed():
    """So many nodes it lists."""
    x = Tensor(2.0, requires_grad=True)
    same(len(graph.reachable(2 * x + 3)), listed())


def check_reader():
    """With your `read`, the gradient of x x is a recorded Tensor."""
    x = Tensor(3.0, requires_grad=True)
    L = x * x
    dx = backprop.backpropagate(L, Tensor(1.0), graph.reachable(L), reader())[x]
    assert isinstance(dx, Tensor), "the gradient is no Tensor, so nothing was recorded"
    same(dx.item(), 6.0)


def check_twice():
    """So much is left in x.grad."""
    x = Tensor(3.0, requires_grad=True)
    L = x * x
    L.backward()
    L.backward()
    same(x.grad.item(), twice())


def check_bump():
    """check_op holds your rule against differences, at second order too."""
    same(check_op(bump, np.array([0.5, -1.0, 0.0, 3.0])), True)
