"""What the live page tells of each step."""

import pytest
from live_pages import NETWORKS, batch, home

from microgradnn import Tensor, backward_steps
from microgradnn.formulas.mathml import to_xml
from microgradnn.pages.live_graph import Graph
from microgradnn.pages.live_network import Network
from microgradnn.pages.live_steps import Telling, contributions_of


def steps_told(output):
    return Telling(Graph(output), contributions_of(output)).steps


def test_steps_are_those_of_the_pass():
    """The backward steps of the source's network, with their rules."""
    rules = [(step["op"], step["rule"]) for step in Network(home()).data["steps"] if step["kind"] == "backward"]
    assert rules[:3] == [("power", "dx = dz * y * x ** (y - (y != 0))"), ("subtract", "dy = -dz"), ("add", "dx = dz")]
    assert len(rules) == 10


@pytest.mark.parametrize("network", NETWORKS)
def test_steps_are_numbered_as_in_python(network):
    """For each of `backward_steps` there is one here, in order, of the same operation and input, with the same rule."""
    output = network()
    graph = Graph(output)
    told = [step for step in Telling(graph, contributions_of(output)).steps if step["kind"] == "backward"]
    steps = backward_steps(output)
    assert len(told) == len(steps)
    for step, one in zip(steps, told, strict=True):
        assert graph.nodes[one["node"]] is step.node
        assert graph.nodes[one["input"]] is step.input
        part = "sum" if step.kind == "sum" else "before the sum" if step.new is None else None
        assert one.get("part") == part
        assert one["rule"] == (step.rule if step.kind == "vjp" else "")


def test_a_further_contribution_is_no_equation():
    """What a later step brings is only added to a gradient: the page does not say that it is this gradient."""
    x = Tensor(3.0, requires_grad=True, name="x")
    steps = steps_told((((x * 2).named("a") * x) ** 2).named("L"))
    to_x = [to_xml(step["formulas"][0]) for step in steps if step.get("input") == 0]
    assert ["<mo>=</mo>" in formula for formula in to_x] == [True, False]


def test_a_sum_is_a_step_of_its_own():
    """A bias that was added to each sample gets its gradient in two steps, the first without, the second by a sum."""
    graph = Graph(batch())
    steps = Telling(graph, contributions_of(graph.output)).steps
    bias = next(i for node, i in graph.ids.items() if node.name == "b")
    assert [step.get("part") for step in steps if step.get("input") == bias] == ["before the sum", "sum"]
