"""Step 2. Draw it

A graph wants to be seen. To draw it we need all its Nodes, each of them once: in h = x * x; L = h + h there are three, though
seven ways lead to them. One list is enough, which grows while we go along it:

    [L]  ──►  [L, h]  ──►  [L, h, x]
     ^             ^              ^        what is looked at now

The picture is written in Graphviz's language, DOT: a line for each box, and a line `0 -> 1` for each arrow.
"""

from pathlib import Path

from .step_01 import Node


def whole_graph(output):
    """All Nodes that `output` was computed from, itself first, each once."""
    nodes = [output]
    for node in nodes:  # the list grows while we go along it
        # gap 1: add those of the node's inputs that are not in the list yet
        # hint: node.inputs are the Nodes to look at; `in` says whether a list has something.
        # hint: For each x of node.inputs: if it is not in nodes, nodes.append(x).
        # hint: for x in node.inputs:
        # hint+     if x not in nodes: ...
        for x in node.inputs:
            if x not in nodes:
                nodes.append(x)
        # end
    return nodes


def label(node):
    """What stands in the box of a Node: its name, what made it, its number, and its gradient."""
    # gap 2: how a gradient is shown: of one that is None "not computed", since to show 0 for it would be a lie
    # hint: node.grad is None as long as nobody asked for it.
    # hint: Two cases: "not computed" for None, and the number otherwise.
    # hint: gradient = "not computed" if node.grad is None else ...
    gradient = "not computed" if node.grad is None else node.grad
    # end
    lines = [node.name or "", f"{node.op or ''}", f"{node.data}", f"gradient {gradient}"]
    return r"\n".join(line for line in lines if line)


def to_dot(output):
    """The graph of `output` in DOT."""
    number = {node: i for i, node in enumerate(whole_graph(output))}
    lines = ["digraph {", "rankdir=LR", 'node [shape=box style="rounded,filled" fillcolor="#eef3fa" fontname="sans-serif"]']
    for node in number:
        lines.append(f'{number[node]} [label="{label(node)}"]')
        for x in node.inputs:
            # gap 3: add the arrow from x to node to the lines, as the text above shows
            # hint: number[x] and number[node] are what the boxes are called.
            # hint: The line is "0 -> 1", with these numbers; lines.append adds it.
            # hint: lines.append(f"{number[x]} -> {...}")
            lines.append(f"{number[x]} -> {number[node]}")
            # end
    return "\n".join([*lines, "}"])


def draw(output, path):
    """Draw the graph of `output` into an .svg file: by microgradnn's renderer, the only thing that we borrow."""
    from ...pictures.render import render

    Path(path).write_bytes(render(to_dot(output), "svg"))
    print(f"saved {path}: look at it in a browser")


if __name__ == "__main__":
    a, b = Node(2.0, name="a"), Node(3.0, name="b")
    y = (a * b + a).named("y")
    draw(y, Path(__file__).with_suffix(".svg"))


# checks

from .checks import same


def check_each_node_once():
    """x, h = x * x and L = h + h are three Nodes, with L in front."""
    x = Node(3.0)
    h = x * x
    L = h + h
    same(whole_graph(L), [L, h, x])


def check_doublings():
    """Twelve doublings are 13 Nodes, and not the 8191 ways that lead to them."""
    x = Node(1.0)
    for _ in range(12):
        x = x + x
    same(len(whole_graph(x)), 13)


def check_long_graphs():
    """A chain of 1500 products is no problem, since nothing here calls itself."""
    x = y = Node(1.0)
    for _ in range(1500):
        y = y * x
    same(len({*whole_graph(y)}), 1501)


def check_gradient_in_the_box():
    """A gradient that was not computed is told so; one that is 0 is shown as a number."""
    x = Node(2.0, name="x")
    same(label(x), r"x\n2.0\ngradient not computed")
    x.grad = 0.0
    same(label(x), r"x\n2.0\ngradient 0.0")


def check_arrows():
    """Each input has its arrow: two in x * x, from the same box."""
    x = Node(3.0)
    same([line for line in to_dot(x * x).splitlines() if "->" in line], ["1 -> 0", "1 -> 0"])
