"""PyTorch's modules as networks of ours: values and gradients are the same, and a weight is explained; the rest is refused.

Run as a program, it writes the record that the tests use where PyTorch is not installed.
"""

import doctest
import inspect
import json

import numpy as np
import pytest
from recorded_modules import FILE, record_of, recorded

from microgradnn import Tensor, chain_rule, nn

torch = pytest.importorskip("torch")
theirs = torch.nn

NETWORKS = {
    "perceptron": (lambda: theirs.Sequential(theirs.Linear(4, 5), theirs.Tanh(), theirs.Linear(5, 2)), (3, 4)),
    "images": (
        lambda: theirs.Sequential(
            theirs.Conv2d(1, 3, 3, padding=1), theirs.BatchNorm2d(3), theirs.ReLU(), theirs.MaxPool2d(2),
            theirs.Sequential(theirs.Flatten(), theirs.Linear(12, 2, bias=False)), theirs.LogSoftmax(dim=-1),
        ),
        (2, 1, 4, 4),
    ),
    "sequences": (
        lambda: theirs.Sequential(theirs.Conv1d(2, 3, 2, stride=2), theirs.AvgPool1d(2), theirs.GELU(), theirs.ELU(0.5)),
        (2, 2, 8),
    ),
    "normalised": (
        lambda: theirs.Sequential(
            theirs.LayerNorm(4), theirs.LeakyReLU(0.2), theirs.Softplus(), theirs.SiLU(), theirs.Softmax(dim=1)
        ),
        (3, 4),
    ),
    "LSTM": (lambda: theirs.LSTM(3, 4, num_layers=2), (5, 2, 3)),
    "GRU": (lambda: theirs.GRU(3, 4, batch_first=True), (2, 5, 3)),
    "RNN": (lambda: theirs.RNN(3, 4, nonlinearity="relu", bias=False), (5, 2, 3)),
    "GRUCell": (lambda: theirs.GRUCell(3, 4), (2, 3)),
    "transformer": (lambda: theirs.TransformerEncoderLayer(8, 2, 6, dropout=0.0, norm_first=True, batch_first=True), (2, 3, 8)),
}  # fmt: skip


def record():
    """Of each network its module, in evaluation mode after some training, inputs, outputs and gradients; to ten digits."""
    found = {}
    for name, (make, shape) in NETWORKS.items():
        torch.manual_seed(0)
        rng, module = np.random.default_rng(0), make().double()
        for _ in range(2):
            module(torch.tensor(rng.normal(size=shape)))
        module.eval()
        with torch.no_grad():
            for tensor in (*module.parameters(), *module.buffers()):
                if tensor.is_floating_point():
                    tensor.copy_(torch.round(tensor, decimals=3))
        x = torch.tensor(rng.normal(size=shape).round(2), requires_grad=True)
        z = module(x)
        z = z[0] if isinstance(z, tuple) else z
        (z * z).sum().backward()
        numbers = {key: value.detach().numpy().tolist() for key, value in {"x": x, "z": z, "dx": x.grad}.items()}
        found[name] = {"module": record_of(module), **numbers}
    return found


def test_the_record_is_true():
    """What the default tests replay is what PyTorch computes today; options that are new with it may be missing there."""
    for name, now in record().items():
        then = recorded()[name]
        for key in ("x", "z", "dx"):
            np.testing.assert_allclose(then[key], now[key], rtol=1e-9, atol=1e-12)
        assert then["module"]["arrays"] == now["module"]["arrays"] and then["module"]["kind"] == now["module"]["kind"]


@pytest.mark.parametrize("name", NETWORKS)
def test_values_and_gradients(name, rng):
    """In training mode, and in evaluation mode, with running averages of PyTorch's own training."""
    make, shape = NETWORKS[name]
    torch.manual_seed(0)
    module = make().double()
    for _ in range(2):
        module(torch.tensor(rng.normal(size=shape)))
    for mode in (module.train(), module.eval()):
        network, x = nn.from_torch(mode), rng.normal(size=shape)
        ours, inputs = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
        z, there = network(ours), mode(inputs)
        z, there = (z[0] if isinstance(z, tuple) else z), (there[0] if isinstance(there, tuple) else there)
        (z * z).sum().backward(), (there * there).sum().backward()
        np.testing.assert_allclose(z.data, there.detach().numpy(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(ours.grad, inputs.grad.numpy(), rtol=1e-8, atol=1e-9)
        assert sum(parameter.size for parameter in network.parameters()) <= sum(p.numel() for p in module.parameters())


def test_float32_and_embeddings_stay():
    """Weights keep their type; indices go through an embedding; a dropped share is a dropped share."""
    module = theirs.Sequential(theirs.Embedding(5, 3), theirs.Dropout(0.25), theirs.Linear(3, 2)).eval()
    network, codes = nn.from_torch(module), np.array([[0, 4, 2]])
    assert network[0].W.dtype == np.float32 and network[1].p == 0.25 and not network.training
    np.testing.assert_allclose(network(codes).data, module(torch.tensor(codes)).detach().numpy(), rtol=1e-5)


def test_a_weight_of_a_small_network_of_images_is_explained(rng):
    """The derivation of one weight of a convolution that PyTorch trained agrees with PyTorch's gradient."""
    module = theirs.Sequential(theirs.Conv2d(1, 2, 2), theirs.Tanh(), theirs.Flatten(), theirs.Linear(8, 2)).double()
    network, x, y = nn.from_torch(module), rng.normal(size=(1, 1, 3, 3)), np.array([1])
    L = nn.cross_entropy(network(x), y).named("L")
    L.backward()
    theirs.functional.cross_entropy(module(torch.tensor(x)), torch.tensor(y)).backward()
    rule = chain_rule(L, network[0].W[1, 0, 0, 1])
    assert rule.value == pytest.approx(module[0].weight.grad[1, 0, 0, 1].item(), rel=1e-9)
    assert "✓" in str(rule)


OTHERS = {
    "same padding": (lambda: theirs.Conv2d(3, 4, (3, 5), padding="same"), (2, 3, 8, 8)),
    "valid padding": (lambda: theirs.Conv1d(3, 4, 3, padding="valid"), (2, 3, 8)),
    "uneven padding": (lambda: theirs.Conv2d(3, 4, (3, 5), padding=(1, 2), stride=(2, 1)), (2, 3, 8, 8)),
    "no bias": (lambda: theirs.LayerNorm(6, bias=False), (4, 6)),
    "identity": (lambda: theirs.Sequential(theirs.Identity(), theirs.Linear(6, 2)), (4, 6)),
    "tied": (lambda: theirs.Sequential(layer := theirs.Linear(6, 6), theirs.Tanh(), layer), (4, 6)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_rarer(name):
    """Other ways to say padding, what is there twice, what does nothing; the dtype stays."""
    make, shape = OTHERS[name]
    torch.manual_seed(0)
    module, x = make(), torch.randn(shape)
    z = nn.from_torch(module)(x.numpy())
    assert z.dtype == np.float32
    np.testing.assert_allclose(z.data, module(x).detach().numpy(), rtol=1e-4, atol=1e-5)


def test_modes_and_frozen_layers_stay():
    """A layer in evaluation mode within a network in training is so here; one whose parameters are frozen is frozen."""
    module = theirs.Sequential(theirs.BatchNorm1d(3), theirs.Linear(3, 2))
    module[0].eval()
    module[1].requires_grad_(False)
    network = nn.from_torch(module)
    assert (network.training, network[0].training, network[1].training) == (True, False, True)
    assert [name for name, _ in network.named_parameters()] == ["0.gamma", "0.beta"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (theirs.Softmax, "dim=None"),
        (lambda: theirs.AvgPool2d(2, divisor_override=3), "divisor_override=3"),
        (lambda: theirs.Softplus(threshold=1), "threshold=1"),
        (lambda: theirs.Conv2d(1, 1, 2, padding="same"), "padding='same'"),
        (lambda: theirs.Linear(2, 2).bfloat16(), "bfloat16"),
        (lambda: torch.nn.utils.parametrizations.weight_norm(theirs.Linear(2, 2)), "remove_parametrizations"),
    ],
)
def test_options_without_counterpart(make, said):
    """What would give other numbers is refused, and named."""
    with pytest.raises(ValueError, match=said):
        nn.from_torch(make())


def test_what_has_no_counterpart():
    """All of it is listed, with its path; a module with a forward of its own says what to do; what is none is refused."""

    class Own(theirs.Module):
        def __init__(self):
            super().__init__()
            self.inner = theirs.Linear(2, 2)

    module = theirs.Sequential(
        theirs.Linear(2, 2), theirs.ConvTranspose2d(1, 1, 2), theirs.Sequential(theirs.Conv2d(1, 1, 2, dilation=2)), Own()
    )
    with pytest.raises(ValueError, match="have no counterpart") as caught:
        nn.from_torch(module)
    lines = [line.strip() for line in str(caught.value).splitlines()[1:]]
    assert lines[:2] == ["1: ConvTranspose2d", "2.0: Conv2d with dilation=(2, 2); there is dilation=(1, 1)"]
    assert lines[2].startswith("3: Own. It is made of layers that are, but its own forward is Python code")
    with pytest.raises(TypeError, match="it was given a int"):
        nn.from_torch(3)


def test_the_example_of_from_torch():
    """What the docstring shows, and skips where PyTorch is not installed, is what comes out."""
    text = inspect.getdoc(nn.from_torch).replace("  # doctest: +SKIP", "")
    test = doctest.DocTestParser().get_doctest(text, {}, "from_torch", None, 0)
    assert len(test.examples) == 9
    assert doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(test).failed == 0


if __name__ == "__main__":
    FILE.write_text(json.dumps(record(), separators=(",", ":")) + "\n", encoding="utf-8")
