"""Step 4. The right order

L = a * a at a = 3: ∂L/∂a is 6, and step 3 says 3. Where a value is used twice, its gradients add up. That alone is not enough:

              ┌──► a ──┐
    x ──► h ──┤        ├──► L      L = h + a,  a = 3 h,  h = x x
              └────────┘

L tells h and a. If h passes on to x now, what a has to say to h comes too late. A Node must wait until all that used it have
spoken. Who used it is younger: so the youngest Node goes first, and nobody needs to look anything up.
"""

from pathlib import Path

from .step_01 import Node
from .step_02 import draw, whole_graph
from .step_03 import Add, Multiply  # with them + and * have rules


def youngest_first(output):
    """All Nodes that `output` was computed from, each after all that used it."""
    # gap 1: the whole graph, sorted: the youngest Node, with the highest birth, first
    # hint: sorted(..., key=..., reverse=True) sorts downwards; the key is a function of a Node.
    # hint: The key is lambda node: node.birth; what is sorted is whole_graph(output).
    # hint: return sorted(whole_graph(output), key=lambda node: ..., reverse=True)
    return sorted(whole_graph(output), key=lambda node: node.birth, reverse=True)
    # end


def backward(output):
    """Leave ∂output/∂x in the `.grad` of every Node that `output` was computed from."""
    grads = {output: 1.0}  # begun afresh in each pass
    for node in youngest_first(output):
        dz = node.grad = grads[node]  # complete: all that used this node are younger
        if node.op is None:
            continue
        z, xs = node.data, [x.data for x in node.inputs]
        for x, vjp in zip(node.inputs, node.op.vjps, strict=True):
            dx = vjp(node.op, dz, z, *xs)
            # gap 2: add dx to what grads has for x already, if it has
            # hint: The first time, x is not in grads yet; from the second time on, it is.
            # hint: Either grads[x] + dx, or dx alone, becomes the new grads[x].
            # hint: grads[x] = grads[x] + dx if x in grads else ...
            grads[x] = grads[x] + dx if x in grads else dx
            # end


if __name__ == "__main__":
    x = Node(2.0, name="x")
    h = (x * x).named("h")
    a = (3 * h).named("a")
    L = (h + a).named("L")
    backward(L)
    print(f"L = 4 x², so ∂L/∂x = 8 x = {8 * x.data}; ours is {x.grad}")
    draw(L, Path(__file__).with_suffix(".svg"))


# checks

from .checks import same


def check_order():
    """The youngest Node is first, the oldest last: nobody speaks before all that used it."""
    x = Node(2.0)
    h = x * x
    a = h * h
    L = h + a
    same(youngest_first(L), [L, a, h, x])


def check_used_twice():
    """L = a a: the gradients of both uses add up, 3 + 3."""
    a = Node(3.0)
    backward(a * a)
    same(a.grad, 6.0)


def check_used_at_two_depths():
    """L = h + 3 h with h = x x: ∂L/∂x = 8 x."""
    x = Node(2.0)
    h = x * x
    backward(h + 3 * h)
    same(x.grad, 16.0)


def check_both_sides():
    """L = 3 h + h: the order in which it is written does not matter."""
    x = Node(2.0)
    h = x * x
    backward(3 * h + h)
    same(x.grad, 16.0)


def check_again():
    """A second backward pass through the same graph gives the same: nothing is left over from the first."""
    x = Node(3.0)
    L = 2 * (x * x)
    backward(L)
    backward(L)
    same(x.grad, 12.0)


def check_doublings():
    """x doubled twelve times: ∂L/∂x is 2¹² = 4096, in 13 steps and not in 8191."""
    x = Node(1.0)
    L = x
    for _ in range(12):
        L = L + L
    backward(L)
    same(x.grad, 4096.0)
