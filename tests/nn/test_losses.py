"""Losses: values and gradients, which PyTorch gave (tests/oracles compares the two), shapes, dtypes, edges, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import generators, real

from microgradnn import Tensor, chain_rule, grad, gradcheck, nn, sigmoid, unroll

o, t = [0.5, -1.25, 3.0], [1.0, -1.0, 0.0]
p, bits = [0.25, 0.9, 0.5], [0, 1, 1]
logits, classes = [[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]], [0, 2]
soft = [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]
SMALL = {"delta": 0.25}

# loss, prediction, target, options, each element's loss, and the gradient of their sum: all from PyTorch 2.13
KNOWN = [
    (nn.squared_error, o, t, {}, [0.25, 0.0625, 9.0], [-1.0, -0.5, 6.0]),
    (nn.mse_loss, o, t, {}, [0.25, 0.0625, 9.0], [-1.0, -0.5, 6.0]),
    (nn.l1_loss, o, t, {}, [0.5, 0.25, 3.0], [-1.0, -1.0, 1.0]),
    (nn.huber_loss, o, t, {}, [0.125, 0.03125, 2.5], [-0.5, -0.25, 1.0]),
    (nn.huber_loss, o, t, SMALL, [0.09375, 0.03125, 0.71875], [-0.25, -0.25, 0.25]),
    (
        *(nn.binary_cross_entropy, p, bits, {}, [0.2876820724517809, 0.10536051565782628, 0.6931471805599453]),
        [1.3333333333333333, -1.1111111111111112, -2.0],
    ),
    (
        *(nn.binary_cross_entropy_with_logits, o, bits, {}, [0.9740769841801067, 1.501929081345373, 0.04858735157374206]),
        [0.6224593312018546, -0.7772998611746912, -0.047425873177566635],
    ),
    (
        *(nn.cross_entropy, logits, classes, {}, [1.3490122167681864, 0.12387295836936753]),
        [
            [-0.7405035396575809, 0.7053845126982412, 0.03511902695933973],
            [0.07252144568074775, 0.043986480292057845, -0.11650792597280568],
        ],
    ),
    (
        *(nn.cross_entropy, logits, soft, {}, [2.0490122167681863, 2.6238729583693674]),
        [
            [0.05949646034241912, 0.4053845126982412, -0.4648809730406603],
            [-0.9274785543192523, 0.043986480292057845, 0.8834920740271943],
        ],
    ),
    (nn.nll_loss, logits, classes, {}, [-1.0, -3.0], [[-1.0, 0.0, 0.0], [0.0, 0.0, -1.0]]),
]
LOSSES = pytest.mark.parametrize(("loss", "prediction", "target", "options", "losses", "slopes"), KNOWN)


@LOSSES
@pytest.mark.parametrize("reduction", ["sum", "mean", "none"])
def test_known_values(loss, prediction, target, options, losses, slopes, reduction):
    """Each loss and its gradient have PyTorch's values: summed, averaged over samples or elements, or each by itself."""
    losses, slopes = np.array(losses), np.array(slopes)
    x = Tensor(prediction, requires_grad=True)
    L = loss(x, target, reduction=reduction, **options)
    upstream = np.arange(1.0, 1 + len(losses)) if reduction == "none" else np.float64(1)
    L.backward(upstream)
    share = {"sum": 1, "mean": 1 / len(losses), "none": upstream.reshape(-1, *[1] * (slopes.ndim - 1))}[reduction]
    expected = {"sum": losses.sum(), "mean": losses.mean(), "none": losses}[reduction]
    np.testing.assert_allclose(L.numpy(), expected, rtol=1e-14)
    np.testing.assert_allclose(x.grad, slopes * share, rtol=1e-13)


@pytest.mark.parametrize(
    ("loss", "reduction"),
    [(nn.squared_error, "sum"), *((loss, "mean") for loss in (nn.mse_loss, nn.l1_loss, nn.huber_loss, nn.nll_loss))],
)
def test_default_reduction(loss, reduction):
    """PyTorch's losses average by default; the squared error, which is the source's, sums."""
    target = np.array([0, 2]) if loss is nn.nll_loss else np.array(soft)
    assert loss(Tensor(logits), target).item() == loss(Tensor(logits), target, reduction=reduction).item()
    assert loss(Tensor(logits), target).item() != loss(Tensor(logits), target, reduction="none").numpy().max()


@LOSSES
def test_float32_stays(loss, prediction, target, options, losses, slopes):
    """A float32 prediction has a float32 loss, whether the target is a list, whole numbers, or float64."""
    x = Tensor(np.array(prediction, np.float32), requires_grad=True)
    for given_target in (target, np.array(target)):
        L = loss(x, given_target, **options)
        assert L.dtype == np.float32
    L.backward()
    assert x.grad.dtype == np.float32


@LOSSES
def test_one_number(loss, prediction, target, options, losses, slopes):
    """Of one sample every reduction is that sample's loss, with no reduction in the graph."""
    x, y = Tensor(prediction[0], requires_grad=True), target[0]
    values = {reduction: loss(x, y, reduction=reduction, **options) for reduction in ("sum", "mean", "none")}
    assert [L.item() for L in values.values()] == [pytest.approx(losses[0], rel=1e-14)] * 3
    assert {L.shape for L in values.values()} == {()}
    assert {L.op.name for L in values.values()} <= {values["none"].op.name, "squared_distance"}


@LOSSES
def test_unknown_reduction(loss, prediction, target, options, losses, slopes):
    """A reduction that does not exist is refused, and those that do are named."""
    with pytest.raises(ValueError, match=r'^A loss has reduction="mean", "sum" or "none"; not \'average\'\.$'):
        loss(Tensor(prediction), target, reduction="average", **options)


@pytest.mark.parametrize(
    "loss", [nn.squared_error, nn.l1_loss, nn.huber_loss, nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits]
)
def test_shapes_must_match(loss):
    """No loss broadcasts a prediction against its target; the message has both shapes and the way out."""
    with pytest.raises(ValueError) as caught:
        loss(Tensor(np.full((3, 1), 0.5)), np.ones(3))
    assert str(caught.value) == (
        f"{loss.__name__} compares element with element, but the prediction has shape (3, 1) and the target (3,).\n"
        "Reshape one of them: target.reshape((3, 1))."
    )


@given(rng=generators, delta=st.floats(0.1, 3))
def test_slopes_in_both_operands(rng, delta):
    """A target that requires a gradient gets one; both are those of difference quotients, at second order too."""
    prediction, target = real((3,), rng), real((3,), rng, 1)
    for loss in (nn.squared_error, nn.l1_loss):
        gradcheck(loss, [prediction, target], order=2)
    gradcheck(nn.binary_cross_entropy_with_logits, [prediction, rng.uniform(0.1, 0.9, 3)], order=2)
    if (np.abs(np.abs(target - prediction) - delta) > 1e-3).all():  # where the parabola becomes a line, the slope bends
        gradcheck(lambda o, t: nn.huber_loss(o, t, delta=delta), [prediction, target], order=2)


@pytest.mark.parametrize("delta", [0, -1, float("nan")])
def test_huber_without_a_parabola(delta):
    """A delta that is not positive is refused."""
    with pytest.raises(ValueError, match=r"^huber_loss: delta is where the parabola becomes a line, a positive number; it is "):
        nn.huber_loss(Tensor([1.0]), [0.0], delta=delta)


def test_huber_at_its_joint():
    """At |t − o| = δ the parabola and the line have the same slope, δ; at t = o it is 0."""
    x = Tensor([-2.0, 0.0, 2.0], requires_grad=True)
    nn.huber_loss(x, [0, 0, 0], reduction="sum", delta=2).backward()
    assert x.grad.tolist() == [-2, 0, 2]


def test_logits_of_1000():
    """Binary cross-entropy from logits keeps its digits for any logit, its slope σ(z) − t is right, and nothing warns."""
    z = Tensor([1000.0, 1000.0, -1000.0, -1000.0, 40.0], requires_grad=True)
    L = nn.binary_cross_entropy_with_logits(z, [1, 0, 1, 0, 1], reduction="none")
    L.backward(np.ones(5))
    np.testing.assert_allclose(L.numpy(), [0, 1000, 1000, 0, np.exp(-40)], rtol=1e-12)
    np.testing.assert_allclose(z.grad, [0, 1, -1, 0, -np.exp(-40)], rtol=1e-12, atol=1e-16)


def test_certain_probabilities():
    """Probabilities of exactly 0 and 1 cost 0 if right, 100 if wrong, with no NaN in loss or gradient, nor a warning."""
    p = Tensor([0.0, 0.0, 1.0, 1.0], requires_grad=True)
    L = nn.binary_cross_entropy(p, [0, 1, 0, 1], reduction="none")
    L.backward(np.ones(4))
    assert L.numpy().tolist() == [0, 100, 100, 0]
    assert p.grad.tolist() == [1, 0, 0, -1]


def test_nan_is_not_hidden():
    """A probability that is NaN has the loss NaN, not 100."""
    assert np.isnan(nn.binary_cross_entropy(Tensor([np.nan]), [1]).item())


def test_no_probability():
    """A prediction outside of 0 to 1 is refused, with the loss that takes logits."""
    with pytest.raises(ValueError) as caught:
        nn.binary_cross_entropy(Tensor([0.5, -0.25, 3.0]), [0, 1, 1])
    assert str(caught.value) == (
        "binary_cross_entropy takes probabilities, between 0 and 1; these go from -0.25 to 3.0.\n"
        "For what a network gives before any sigmoid, use binary_cross_entropy_with_logits."
    )


@pytest.mark.parametrize("loss", [nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits])
def test_targets_that_are_no_probabilities(loss):
    """Classes of −1 and 1 are refused, with what makes 0 and 1 of them."""
    with pytest.raises(ValueError) as caught:
        loss(Tensor([0.5, 0.5]), [-1, 1])
    assert str(caught.value) == (
        f"{loss.__name__} takes targets of 0 and 1, or between; these go from -1.0 to 1.0.\n"
        "Of -1 and 1, (target + 1) / 2 makes 0 and 1."
    )
    with pytest.raises(ValueError, match="these go from 0.0 to 2.0.$"):
        loss(Tensor([0.5, 0.5]), [0, 2])


def test_nll_loss_names_itself():
    """Errors of nll_loss speak of log-probabilities."""
    with pytest.raises(ValueError, match=r"^nll_loss: log-probabilities of shape \(2, 3\) need a target of whole numbers of "):
        nn.nll_loss(Tensor(logits), [1, 2, 3])
    with pytest.raises(ValueError, match=r"^nll_loss: there are 3 classes, 0 to 2; the target has 0 to 3\.$"):
        nn.nll_loss(Tensor(logits), [0, 3])


def test_classes_counted_from_one():
    """Classes of 1 to n are refused, with the way out."""
    with pytest.raises(ValueError, match=r"0 to 2; the target has 1 to 3\.\nCounted from 1\? Subtract it: target - 1\.$"):
        nn.cross_entropy(Tensor(np.zeros((3, 3))), [3, 1, 2])


def one_sample():
    """The home case's network up to its output, and one of its weights."""
    x, V = Tensor([0.5, -1.2], name="x"), Tensor([0.4, -0.7], requires_grad=True, name="V")
    W = Tensor([[0.3, -0.2], [0.1, 0.5]], requires_grad=True, name="W")
    h = (x @ W).tanh().named("h")
    return (h @ V).named("o"), W[0, 0]


@pytest.mark.parametrize(
    ("loss", "options", "slope"),
    [
        (nn.squared_error, {}, "−2(t − o)"),
        (nn.l1_loss, {}, "−sign(t − o)"),
        (nn.huber_loss, {"delta": 5.0}, "−(t − o)"),
        (nn.huber_loss, {"delta": 0.25}, "−0.25"),
        (lambda o, t: nn.binary_cross_entropy(sigmoid(o).named("p"), t), {}, "−t/p · p(1 − p)"),
    ],
)
def test_derivations(loss, options, slope):
    """In a derivation the loss's slope reads as one writes it by hand."""
    o, w = one_sample()
    L = loss(o, Tensor(1.0, name="t"), **options).named("L")
    L.backward()
    rule = chain_rule(L, w)
    assert f"= {slope} · V₁ · x₁(1 − h₁²)\n" in str(rule)
    assert str(rule).count("✓") == 2


def test_unrolled_huber_loss_takes_other_data():
    """Written out as NumPy code, Huber's loss chooses line or parabola anew for the data it is given."""
    x = Tensor([0.5, -0.5], requires_grad=True, name="x")
    by_hand = unroll(nn.huber_loss(x, Tensor([0.0, 0.0], name="t"), reduction="sum").named("L"), [x])
    loss, (dx,) = by_hand(x=np.array([3.0, -0.25]), t=np.array([0.0, 0.0]))
    assert loss == 2.5 + 0.03125
    assert dx.tolist() == [1, -0.25]


def test_squared_error():
    """The squared error is Σ (t − o)², in one operation."""
    o = Tensor([1.0, 2.0], requires_grad=True)
    L = nn.squared_error(o, [3.0, 3.0])
    L.backward()
    assert L.item() == 5
    assert o.grad.tolist() == [-4, -2]
    assert L.inputs[0] is o


def test_squared_error_refuses_to_broadcast():
    """Predictions of shape (n, 1) against targets of shape (n,) are refused, with the way out."""
    with pytest.raises(ValueError) as caught:
        nn.squared_error(Tensor(np.ones((3, 1))), np.ones(3))
    assert str(caught.value) == (
        "squared_error compares element with element, but the prediction has shape (3, 1) and the target (3,).\n"
        "Reshape one of them: target.reshape((3, 1))."
    )


@given(rng=generators, samples=st.integers(1, 4), classes=st.integers(2, 5))
def test_cross_entropy(rng, samples, classes):
    """Class indices and 0–1 codes give the same loss, −mean log p, and the gradient (p − t) / samples."""
    logits, y = rng.normal(size=(samples, classes)), rng.integers(classes, size=samples)
    codes = np.eye(classes)[y]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for target in (y, codes, Tensor(codes)):
        o = Tensor(logits, requires_grad=True)
        L = nn.cross_entropy(o, target)
        L.backward()
        assert L.item() == pytest.approx(-np.log(p[range(samples), y]).mean())
        assert o.grad == pytest.approx((p - codes) / samples)


def test_cross_entropy_of_one_sample():
    """For one sample, logits have one axis and the class is one integer."""
    logits = np.array([0.3, -0.2, 0.5])
    L = nn.cross_entropy(Tensor(logits), 1)
    assert L.item() == pytest.approx(np.log(np.exp(logits).sum()) - logits[1])


def test_cross_entropy_stays_finite():
    """Logits of ±1000 give a finite loss and gradient."""
    o = Tensor([1000.0, -1000.0], requires_grad=True)
    L = nn.cross_entropy(o, 1)
    L.backward()
    assert L.item() == 2000
    assert o.grad.tolist() == [1, -1]


@pytest.mark.parametrize("target", [[0, 3], [-1, 0]])
def test_cross_entropy_with_an_unknown_class(target):
    """A class that has no logit is refused; −1 does not count from the end."""
    with pytest.raises(ValueError, match=r"^cross_entropy: there are 3 classes, 0 to 2; the target has "):
        nn.cross_entropy(Tensor(np.zeros((2, 3))), target)


def test_cross_entropy_with_a_wrong_shape():
    """A target of another shape is refused, with both that would do."""
    with pytest.raises(ValueError) as caught:
        nn.cross_entropy(Tensor(np.zeros((2, 3))), [0, 1, 2])
    assert str(caught.value) == (
        "cross_entropy: logits of shape (2, 3) need a target of whole numbers of shape (2,), or of shape (2, 3); "
        "this one has shape (3,) and dtype int64."
    )


@pytest.mark.parametrize(
    ("target", "way"),
    [
        (Tensor([0, 1]), "Make the classes whole numbers: np.asarray(target, dtype=int)."),
        (np.array([0.0, 1.0]), "Make the classes whole numbers: np.asarray(target, dtype=int)."),
        (np.array([[0], [1]]), "Reshape it: target.reshape((2,))."),
    ],
)
def test_cross_entropy_shows_the_way_out(target, way):
    """Classes as floats, or as a column, are refused with what to do; a logit alone is refused too."""
    with pytest.raises(ValueError) as caught:
        nn.cross_entropy(Tensor(np.zeros((2, 3))), target)
    assert str(caught.value).splitlines()[1] == way
    with pytest.raises(ValueError, match="^cross_entropy takes logits with the classes along the last axis; it was given one"):
        nn.cross_entropy(Tensor(0.0), 0)


@pytest.mark.parametrize("as_target", [Tensor, np.asarray])
@pytest.mark.parametrize(
    "loss", [nn.squared_error, nn.mse_loss, nn.l1_loss, nn.huber_loss, nn.binary_cross_entropy_with_logits, nn.cross_entropy]
)
def test_losses_of_whole_numbers(loss, as_target):
    """The value is that of the same numbers as floats: differences of uint8 would wrap around."""
    x, t = np.array([[3, 0, 200]], np.uint8), np.array([[0, 1, 0]], np.uint8)
    for reduction in ("mean", "sum", "none"):
        z = loss(Tensor(x), as_target(t), reduction)
        np.testing.assert_allclose(z.data, loss(Tensor(x.astype(float)), t.astype(float), reduction).data, rtol=1e-14)


@pytest.mark.parametrize("loss", [nn.mse_loss, nn.l1_loss])
def test_the_slope_of_a_loss_of_many_halves(loss):
    """It is that of single precision also for more elements than half precision can count, 65504."""
    x, t = np.ones(70000, np.float16), np.zeros(70000, np.float16)
    z = grad(lambda x: loss(x, t))(x)
    assert z.dtype == np.float16
    np.testing.assert_allclose(z, grad(lambda x: loss(x, t.astype(float)))(x.astype(float)), rtol=0.01)


# loss, prediction, target, options, each element's loss, the gradient of their sum, and their mean: all from PyTorch 2.13
WITH_OPTIONS = [
    (
        *(nn.cross_entropy, logits, classes, {"weight": [0.5, 2.0, 1.5]}, [0.6745061083840932, 0.1858094375540513]),
        [
            [-0.37025176982879043, 0.3526922563491206, 0.017559513479669865],
            [0.10878216852112163, 0.06597972043808677, -0.17476188895920852],
        ],
        0.43015777296907226,
    ),
    (
        *(nn.cross_entropy, logits, classes, {"label_smoothing": 0.2}, [1.415678883434853, 0.4905396250360342]),
        [
            [-0.6071702063242476, 0.6387178460315746, -0.031547639707326935],
            [0.005854779014081088, -0.02268018637460882, 0.016825407360527622],
        ],
        0.9531092542354436,
    ),
    (
        *(nn.cross_entropy, logits, [0, -100], {}, [1.3490122167681864, 0.0]),
        [[-0.7405035396575809, 0.7053845126982412, 0.03511902695933973], [0.0, 0.0, 0.0]],
        1.3490122167681864,
    ),
    (
        *(nn.cross_entropy, logits, soft, {"weight": [0.5, 2.0, 1.5], "label_smoothing": 0.25}),
        [2.675054857991465, 1.629410012178302],
        [
            [0.25203455406985387, 0.3855671617920845, -0.6376017158619381],
            [-0.36529730930947035, -0.13550957645979234, 0.5008068857692627],
        ],
        2.1522324350848834,
    ),
    (
        *(nn.nll_loss, logits, classes, {"weight": [0.5, 2.0, 1.5]}, [-0.5, -4.5]),
        *([[-0.5, 0.0, 0.0], [0.0, 0.0, -1.5]], -2.5),
    ),
    (
        *(nn.binary_cross_entropy_with_logits, o, bits, {"pos_weight": 3.0}),
        [0.9740769841801067, 4.505787244036119, 0.1457620547212262],
        [0.6224593312018546, -2.3318995835240734, -0.1422776195326998],
        1.8752087609791506,
    ),
    (
        *(nn.kl_div, [-1.0, -0.5, -2.0], [0.25, 0.75, 0.0], {}, [-0.09657359027997264, 0.15923844566116432, 0.0]),
        *([-0.25, -0.75, 0.0], 0.020888285127063894),
    ),
]


@pytest.mark.parametrize(("loss", "prediction", "target", "options", "losses", "slopes", "mean"), WITH_OPTIONS)
def test_known_values_with_options(loss, prediction, target, options, losses, slopes, mean):
    """Weights, smoothing, what is ignored, divergences: PyTorch's values, their sum's gradient, and their mean."""
    x = Tensor(prediction, requires_grad=True)
    np.testing.assert_allclose(loss(x, target, reduction="none", **options).data, losses, rtol=1e-12)
    loss(x, target, reduction="sum", **options).backward()
    np.testing.assert_allclose(x.grad, slopes, rtol=1e-12, atol=1e-15)
    assert loss(x, target, **options).item() == pytest.approx(mean, rel=1e-12)


def test_divergence_of_samples():
    """With "batchmean" it is the mean over the samples of the sums over their classes; of equal ones 0."""
    q = np.array([[0.2, 0.8], [0.5, 0.5]])
    assert nn.kl_div(np.log(q), q, reduction="batchmean") == pytest.approx(0, abs=1e-15)
    elements = nn.kl_div(np.log(q), q[::-1], reduction="none")
    assert nn.kl_div(np.log(q), q[::-1], reduction="batchmean") == pytest.approx(elements.sum(axis=-1).mean())


def test_options_that_do_not_fit():
    """A weight of another length, a share that is none, and a batch of which nothing counts."""
    with pytest.raises(ValueError, match=r"one number for each of the 3 classes; its shape is \(2,\)"):
        nn.cross_entropy(Tensor(logits), classes, weight=[1, 2])
    with pytest.raises(ValueError, match="label_smoothing is a share, at least 0 and less than 1; it is 1.5"):
        nn.cross_entropy(Tensor(logits), classes, label_smoothing=1.5)
    with pytest.raises(ValueError, match="every target is -100, which is ignored"):
        nn.cross_entropy(Tensor(logits), [-100, -100])
    with pytest.raises(ValueError, match="there are 3 classes, 0 to 2; the target has 0 to 7"):
        nn.cross_entropy(Tensor(logits), [-100, 7])
