"""Names by variables: what gets one, and what keeps its own."""

from microgradnn import Tensor, name_tensors, nn


def test_a_tensor_is_called_by_its_first_variable():
    """One that several variables hold gets the first; one with a name keeps it; names with an underscore are private."""
    a, named, private = Tensor(1.0), Tensor(2.0, name="beta"), Tensor(3.0)
    assert name_tensors({"a": a, "again": a, "b": named, "_c": private, "n": 3}) == ["a"]
    assert (a.name, named.name, private.name) == ("a", "beta", None)


def test_parameters_are_called_by_their_path():
    """A parameter that its module has not named is called by the module's variable and the path from there."""
    network = nn.Module()
    network.W, network.b = Tensor(1.0, requires_grad=True), Tensor(0.0, requires_grad=True, name="bias")
    network.W.name = None
    assert name_tensors({"network": network}) == ["network.W"]
    assert (network.W.name, network.b.name) == ("network.W", "bias")


def test_classes_and_other_libraries_are_passed_over():
    """A class of networks among the variables is no network; nor is what only looks like one."""
    foreign = type("Foreign", (), {"named_parameters": lambda self, prefix: [("W", 3)]})()
    assert name_tensors({"Net": nn.Module, "foreign": foreign}) == []
