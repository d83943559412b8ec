"""The text of unrolled functions: it reads as one would write it, to linters, in a debugger, and in a file of its own."""

import bdb
import io
import pdb  # noqa: T100 (what is tested)
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
from unrolled import HOME, assert_equals_backward, home, network, of

from microgradnn import Tensor, concatenate, gelu, nn, tanh
from microgradnn.programs.unrolling import unroll


def test_the_source_network_by_hand():
    """The home case reads as the source's own derivation: ∂L/∂W₁₁ = −2(t − o) · V₁ · (1 − h₁²) x₁."""
    loss, leaves = home()
    assert unroll(loss, leaves).source == HOME


@pytest.mark.parametrize("buffers", [False, True])
def test_a_transpose_without_a_name_is_computed_once(buffers):
    """What is transposed where it is computed, and used in both directions, gets one line, before both."""
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    L = (concatenate([x, x])[:4].T ** 2).sum()
    by_hand = unroll(L, [x], buffers=buffers)
    assert by_hand.source.count("np.concatenate") == 1
    assert_equals_backward(by_hand, L, [x], {"x": x.data})


def checked(command, source, tmp_path):
    path = tmp_path / "by_hand.py"
    path.write_text(source, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", *command, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr + source


def many_lines():
    """A graph with long names, a long signature, np.errstate, statements and slices."""
    rng = np.random.default_rng(0)
    names = ["the_weights_of_the_first_layer", "l", "lambda", "hidden.0.W", "np", "n", "dW"]
    leaves = [Tensor(rng.normal(size=(3, 3)), requires_grad=True, name=name) for name in names]
    a, b, c, d, e, f, g = leaves
    z = tanh(a @ b + c).logsumexp(axis=0).named("log of the sum")
    return ((d * z)[1:, ::-1] ** 3).sum() + (e[[0, 0, 1]] * abs(f) ** g.sigmoid()).max(axis=1).mean() + a[0, 1], leaves


@pytest.mark.parametrize(
    "command", [["ruff", "check", "--isolated"], ["black", "--check", "-q"]], ids=lambda command: command[0]
)
@pytest.mark.parametrize("buffers", [False, True])
def test_linters_have_nothing_to_say(command, buffers, tmp_path):
    """The source is as black would write it, and ruff finds nothing, such as a variable that is not used."""
    pytest.importorskip(command[0])
    W = Tensor(np.ones((2, 3)), requires_grad=True, name="W")
    classified = nn.cross_entropy(np.ones((5, 2)) @ W, np.array([0, 1, 2, 1, 0]))
    gaussian = np.exp(-((W - 1) ** 2) / 2).sum()
    without_numpy = (W * W).sum()
    images = nn.Sequential(nn.Conv2d(1, 2, 3, rng=np.random.default_rng(0)), nn.MaxPool2d(2))(np.ones((2, 1, 6, 6))).mean()
    for loss, leaves in (
        home(),
        network(4)[::2],
        many_lines(),
        *((L, [W]) for L in (classified, gaussian, without_numpy)),
        (images, None),
    ):
        checked(command, unroll(loss, leaves, buffers=buffers).source, tmp_path)


def test_names_that_python_does_not_take():
    """Tensors may be called anything; the variables are called as nearly so as Python allows."""
    loss, leaves = many_lines()
    by_hand = unroll(loss, leaves)
    assert list(by_hand.parameters)[1:] == ["l_", "lambda_", "hidden_0_W", "np_", "n_", "dW", "c1"]
    assert_equals_backward(by_hand, loss, leaves, dict(zip(by_hand.parameters, [x.data for x in leaves], strict=False)))


def test_nothing_of_microgradnn_is_needed(tmp_path):
    """The saved file runs alone, and the object runs from the file then."""
    loss, leaves = home()
    by_hand = unroll(loss, leaves)
    path = by_hand.save(tmp_path / "by_hand.py")
    assert path.read_text(encoding="utf-8") == HOME
    assert by_hand.function().__code__.co_filename == str(path)
    code = "import sys, by_hand; print('microgradnn' in sys.modules, by_hand.loss_and_gradients)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False <function loss_and_gradients")


def test_step_into_with_pdb():
    """A debugger steps from the call into the function, shows its lines, and knows the tensors' names as variables."""
    loss, leaves = home()
    by_hand = unroll(loss, leaves)
    arguments = [np.array([0.5, -1.2, 0.3]), *(x.data for x in leaves), np.float64(1.0)]
    by_hand(*arguments)
    said = io.StringIO()
    steps = io.StringIO("s\n" * 7 + "n\n" + "p h.shape\nq\n")
    before = sys.gettrace()
    try:
        with suppress(bdb.BdbQuit):
            pdb.Pdb(stdin=steps, stdout=said, nosigint=True, readrc=False).runcall(by_hand, *arguments)
    finally:
        sys.settrace(before)  # pdb forgets what traced before it, such as coverage
    assert "-> h = np.tanh(x @ W + b_h)" in said.getvalue()
    assert "-> o = h @ V + b_o\n(Pdb) (3,)" in said.getvalue()


def test_what_an_unrolled_function_says_of_itself():
    """Its repr names the parameters in their order."""
    loss, leaves = home()
    assert repr(unroll(loss, leaves)) == "Unrolled(x, W, b_h, V, b_o, t)"


@pytest.mark.parametrize(
    ("wish", "name"),
    [
        ("W₁", "W1"),
        ("0.W", "W_0"),
        ("1.0.W", "W_1_0"),
        ("0", "_0"),
        ("x²", "x2"),
        ("len", "len_"),
        ("self", "self"),
        ("a\nb", "a_b"),
        ('"""', "___"),
        ("∂", "_"),
    ],
)
@pytest.mark.parametrize("buffers", [False, True])
def test_any_name(wish, name, buffers):
    """Whatever tensors are called, the source can be compiled, and the arguments given by name."""
    X, W = Tensor(np.ones((4, 2)), name="X"), Tensor([[1.0], [2.0]], requires_grad=True, name=wish)
    z = X @ W
    h = (z * z).named("loss_and_gradients")
    L = (h * h).mean()
    by_hand = unroll(L, [z, W, h], buffers=buffers)
    assert list(by_hand.parameters) == ["X", name]
    assert_equals_backward(by_hand, L, [z, W, h], {"X": X.data, name: W.data})


def test_names_that_python_takes_for_one():
    """Python reads 𝐖 as W; as variables they are two."""
    x, y = Tensor(1.0, requires_grad=True, name="W"), Tensor(2.0, requires_grad=True, name="𝐖")
    by_hand = unroll(x * y, [x, y])
    assert list(by_hand.parameters) == ["W", "W_2"]
    assert_equals_backward(by_hand, x * y, [x, y], {"W": x.data, "W_2": y.data})


def test_as_one_would_write_it():
    """What rules say in general is written as short as it can be: no factor 1 or −1, no constant array where a number does."""
    x = Tensor(np.ones((4, 3)), requires_grad=True, name="x")
    k = np.array([0, 2, 1, 1])
    for L, line in [
        (x.mean(), "dx = np.full((4, 3), 1 / 12)  # ∂L/∂x = 1/12"),
        ((x * -1).sum(), "dx = np.full((4, 3), -1.0)  # ∂L/∂x = −1"),
        ((x * x + x * x).sum(), "L = (2 * (x * x)).sum()"),
        (np.exp(-(x**2)).sum(), "z1 = np.exp(-(x**2))"),
        (-x[:, 0].sum() + x[0, 1], "u2[:, 0] = -1"),
        (x[2].sum(), "dx[2] = 1"),
        ((x[:, 0] @ x).sum(), "dz1 = x @ np.ones(3)"),
        ((x @ x[0]).sum(), "np.ones(4) @ x"),
        ((-np.log(x) + x**3).sum(), "dx = 3 * x**2 - 1 / x  # ∂L/∂x = 3 x² − 1 / x"),
        (gelu(x).sum(), "# erf(z1)"),
        (of(forward="x + -x // 2")(x).sum(), "x + -x // 2"),
        (np.einsum("ij,ij->j", x, x).sum(), 'L = np.einsum("ij,ij->j", x, x).sum()'),
        (nn.nll_loss(x, k), "L = (-x[rows, c1]).mean()"),
        (nn.nll_loss(x, k), "np.add.at(dx, (rows, c1), -1 / 4)"),
    ]:
        assert line in unroll(L, [x]).source


def test_windows_are_gathered_in_one_array():
    """The gradient of a pooled image is one array, to which each place of the window adds its part."""
    images = Tensor(np.arange(16.0).reshape(1, 1, 4, 4), requires_grad=True, name="images")
    _, _, backward = unroll(nn.MaxPool2d(2)(images).sum(), images).source.partition("# backward\n")
    start = "    dimages = np.zeros((1, 1, 4, 4))  # ∂L/∂images\n    dimages[..., 0:4:2, 0:4:2] += dz1[..., 0, 0]\n"
    assert start in backward
    assert backward.count("+=") == 4
    assert backward.count("zeros") == 1


def test_one_value_for_two():
    """Where two tensors were computed alike and so have one value, a comment says that each brings a part of its gradient."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    source = unroll((np.exp(x) / (1 + np.exp(x))).sum(), x).source
    assert "dz1 = 1 / z2  # ∂L/∂z1 in part = 1 / z2" in source
    a, b = np.exp(x).named("a"), np.exp(x).named("b")
    assert "db = 1 / z2 + dz2  # ∂L/∂a in part" in unroll((a * a * a + b / (1 + b)).sum(), x).source
    assert "in part" not in unroll(((a * 1).reshape(2) / 2 + a).sum(), [x, a]).source


def test_a_forward_value_is_not_called_a_gradient():
    """Where a value of the forward pass happens to be a gradient too, as u M is ∂L/∂z of L = u M z, it is called a value."""
    u, M, z = (Tensor(np.ones(shape), requires_grad=True, name=name) for name, shape in [("u", 2), ("M", (2, 3)), ("z", 3)])
    source = unroll((u @ M @ z).named("L"), [M, z]).source
    assert "    z1 = u @ M\n    L = z1 @ z\n" in source
    assert "dz = z1  # ∂L/∂z = z1" in source


def test_names_of_tensors_are_theirs():
    """What has no name takes none that a tensor of the graph has."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    c, z = np.tanh(x * np.array([1.0, 2.0])).named("c1"), (x * x).named("z1")
    by_hand = unroll((c * c / (1 + z)).sum(), x)
    assert list(by_hand.parameters) == ["x", "c2"]
    assert "    c1 = np.tanh(" in by_hand.source
    assert "    z1 = x * x\n" in by_hand.source


def test_long_comments_end_in_dots():
    """A formula that does not fit is left out; what fits not even then is cut where one sees it."""
    names = ["observations", "encoder_hidden_weights_and_more", "decoder_hidden_weights_and_more_of_them"]
    x, W, V = (Tensor(np.ones((2, 2)), requires_grad=True, name=name) for name in names)
    source = unroll(((x @ W @ V) ** 2).sum().named("reconstruction_loss_of_all")).source
    for line in source.splitlines():
        assert not line.endswith(" ")
        assert len(line) <= 88 or "#" not in line
