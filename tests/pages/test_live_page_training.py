"""Training on the live page: equal and random starts, one sample at a time or their sum, and what is drawn of units."""

import itertools

import numpy as np
import pytest
from live_pages import batch, frames, home, recurrent, text_of

from microgradnn import Tensor
from microgradnn.pages.live_network import Network

FROM_START = """
randomSeed = 3;
setUnits(arguments[0]);
training.rate = 0.05;
setOptimiser("Adam");
for (let i = 0; i < 400; i++) update();
draw();
const units = unitSlots().map((unit) => unit.map(([id, place]) => state.leaves[id].data[place]));
return [loss(), Math.max(...units.flatMap((unit) => unit.map((x, i) => Math.abs(x - units[0][i]))))];
"""


def test_equal_units_stay_equal_and_worse(opened):
    """XOR from equal units: they stay equal to the last bit, and the loss stays higher than from random ones."""
    page = opened(text_of(batch))
    (equal, no_gap), (random, gap) = (page.run(FROM_START, how) for how in ("equal", "random"))
    assert no_gap == 0 < gap
    assert equal > 0.1
    assert random < 0.01


SAMPLES = """
const [how, count] = arguments;
setMode("train");
setSamples(how);
training.rate = 0.05;
for (let i = 0; i < count; i++) update();
draw();
return byId("update-text").textContent;
"""


def xor_terms(row, parameters):
    """(t − o)² of some samples of the batch, with these parameters."""
    X, t = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])[row], np.array([0.0, 1.0, 1.0, 0.0])[row]
    W, b, V, c = (parameters[name] for name in ("W", "b", "V", "c"))
    return (Tensor(t) - (np.tanh(Tensor(X) @ W + b) @ V + c)) ** 2


@pytest.mark.parametrize("how", ["sum", "one"])
def test_samples_are_learnt_one_at_a_time_or_summed(opened, how):
    """Ten updates by the gradient of the sum, or of one sample's loss after the other, end where those of Python do."""
    output = batch()
    parameters = {x.name: x for x in Network(output).wanted}
    page = opened(text_of(batch))
    update = page.run(SAMPLES, how, 10)
    for i in range(10):
        gradients = grad_of(xor_terms(slice(None) if how == "sum" else [i % 4], parameters).sum(), parameters)
        for name, W in parameters.items():
            W.data = W.data - 0.05 * gradients[name]
    python = {name: np.ravel(W.data) for name, W in parameters.items()}
    received = page.run("return Object.fromEntries(parameters.map((id) => [nodes[id].name, [...state.leaves[id].data]]))")
    for name, numbers in received.items():
        np.testing.assert_allclose(numbers, python[name], rtol=1e-12, atol=1e-13)
    assert update.startswith({"sum": "W₁₁ ← ", "one": "sample 3:  W₁₁ ← "}[how])


def grad_of(loss, parameters):
    for W in parameters.values():
        W.grad = None
    loss.backward()
    return {name: np.array(W.grad) for name, W in parameters.items()}


def test_without_a_batch_there_is_no_choice(opened):
    """The menu of samples is there for a batch alone, and going back in time comes back to the sample of then."""
    page = opened(text_of(home), "#mode=train")
    frames(page)
    assert not page.find("#samples-label").is_displayed()
    page = opened(text_of(batch), "#mode=train")
    frames(page)
    options = page.run("return [...byId('samples').options].map((e) => e.textContent)")
    assert options == ["mean over 4 samples", "sum over 4 samples", "samples one at a time"]
    page.run("setSamples('one'); update(); update(); travel(1); draw()")
    assert page.find("#update-text").text.startswith("sample 2:")


def test_weights_of_units_have_names_of_their_own(opened):
    """Under the units' weights: of a recurrence's U what comes to unit j and what goes out from it are told apart."""
    page = opened(text_of(recurrent), "#mode=train")
    frames(page)
    assert page.run("return unitSlots()[0].map((slot) => slotName(...slot))") == ["W₁ⱼ", "U₁ⱼ", "U₂ⱼ", "Uⱼ₁", "Uⱼ₂"]


def test_the_address_follows_a_training(opened):
    """After a training has been played, and when units are made equal, the address holds the weights as they are."""
    page = opened(text_of(home))
    before = page.run("return location.hash")
    page.run("setUnits('equal')")
    equal = page.run("return location.hash")
    page.run("play(); update(); play()")
    assert len({before, equal, page.run("return location.hash")}) == 3


def test_learning_rates_are_compared(opened):
    """After Reset another run begins; losses are drawn over each other, named by their rates, and one that rises says so."""
    page = opened(text_of(home), "#mode=train")
    page.run("for (let i = 0; i < 10; i++) update(); draw()")
    assert "↑" not in page.run("return curves.value.textContent")
    page.find("#reset").click()
    page.run("draw()")
    assert page.run("return curves.value.textContent.startsWith('L = ')")
    page.run("training.rate = 0.5; for (let i = 0; i < 10; i++) update(); draw()")
    labels = page.run("return [...curves.labels.querySelectorAll('text')].map((e) => e.textContent)")
    assert labels == ["off the scale", "α 0.01"]
    assert page.run("return curves.value.textContent.startsWith('α 0.5: L = ')")
    rises = "travel(at - 1); draw(); return [moments[at].loss > moments[at - 1].loss, curves.value.textContent.includes('↑')]"
    seen = [tuple(page.run(rises)) for _ in range(8)]
    assert set(seen) == {(True, True), (False, False)}


def test_a_run_is_named_by_all_its_rates(opened):
    """A rate that is changed in the middle of a run is in its name, and what was undone is not."""
    page = opened(text_of(home), "#mode=train")
    named = "training.rate = arguments[0]; if (arguments[1]) setOptimiser(arguments[1]); update(); return runName(training.run)"
    page.find("#reset").click()
    assert page.run(named, 0.01) == "α 0.01"
    assert page.run(named, 1) == "α 0.01 → 1"
    page.run("travel(at - 1)")
    assert page.run(named, 0.5) == "α 0.01 → 0.5"
    assert page.run(named, 0.5, "Adam") == "α 0.01 → 0.5 → Adam α 0.5"
    assert page.run(named, 0.1) == "α 0.01 → … → 0.1"


LABELS = """
return [...curves.labels.querySelectorAll("text")].map((e) => {
  const { x, y, width } = e.getBBox();
  return [e.textContent, x, y, width];
});
"""


def test_labels_of_runs_stand_apart(opened):
    """Runs that end in one place have labels that do not touch, and what leaves the axis says so where it does."""
    page = opened(text_of(home), "#mode=train")
    for rate in (0.4, 0.45, 0.5, 0.2, 0.3):
        page.find("#reset").click()
        page.run("training.rate = arguments[0]; for (let i = 0; i < 30; i++) update()", rate)
    page.run("draw()")
    labels = page.run(LABELS)
    texts = [text for text, *_ in labels]
    assert {"α 0.2", "α 0.5 off the scale"} <= set(texts)
    for (_, x, y, width), (_, other_x, other_y, other_width) in itertools.combinations(labels, 2):
        assert abs(y - other_y) > 19 or x + width < other_x or other_x + other_width < x
    assert page.run("return curves.leaving.getAttribute('d') !== ''")


@pytest.mark.parametrize("network", [home, batch, recurrent])
def test_nothing_scrolls_on_a_screen(opened, network):
    """At 1280 × 800 and 1920 × 1080 the whole page is seen, in every mode; and the derivation of the strongest path."""
    page = opened(text_of(network))
    try:
        for width, height in ((1280, 800), (1920, 1080)):
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            for mode in ("explore", "train", "steps", "quiz"):
                page.run("setMode(arguments[0])", mode)
                frames(page, 3)
                assert page.run("return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
                    width,
                    height,
                ]
            page.run("setMode('explore')")
            frames(page, 3)
            assert page.run("const why = byId('why'); return why.scrollHeight - why.clientHeight") <= 1
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
