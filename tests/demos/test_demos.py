"""What the demos claim, on settings that take seconds. That each runs alone is tested in test_package.py."""

import importlib
import os
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")

DEMOS = Path(__file__).parents[2] / "demos"


def demo(name):
    """The module of a demo, from their folder: they import what they share from there."""
    sys.path.insert(0, str(DEMOS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(DEMOS))


# 05_digits.py

EPOCHS = int(os.environ.get("MICROGRADNN_DEMO_EPOCHS", "6"))  # 80, as the demo has, take a quarter of a minute


@pytest.fixture(scope="module")
def digits():
    return demo("05_digits")


@pytest.fixture(scope="module")
def compared(digits):
    parts = digits.digits()
    return [digits.compare(parts, EPOCHS, 32, seed) for seed in digits.SEEDS]


def test_digits_are_classified_as_well_as_by_scikit_learn(compared):
    """In the mean of five seeds, the network's test accuracy is at least that of scikit-learn's MLPClassifier."""
    ours, theirs = (np.array([row[name] for row in compared]) for name in ("ours", "scikit-learn"))
    assert ours.mean() >= theirs.mean() > 0.5, f"ours {ours}, mean {ours.mean()}; scikit-learn {theirs}, mean {theirs.mean()}"


def test_digits_losses_are_those_of_scikit_learn(compared):
    """From the same start, over the same batches, the loss in every epoch is scikit-learn's, to twelve digits; and it falls."""
    for row in compared:
        ours, theirs = row["curves"]
        assert len(ours) == EPOCHS
        assert ours[-1] < ours[0] / 2
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_digits_check_refuses_what_is_not_as_claimed(digits, compared):
    """The demo ends in an error if scikit-learn's network were better, or its losses others."""
    digits.check(compared)
    with pytest.raises(AssertionError, match="scikit-learn classifies"):
        digits.check([{**row, "ours": row["ours"] - 0.01} for row in compared])
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        digits.check([{**row, "curves": (row["curves"][0] * 1.001, row["curves"][1])} for row in compared])


def test_digits_start_is_the_one_scikit_learn_begins_with(digits):
    """The weights taken for scikit-learn's first are: its first step of plain descent moves them by the gradient there."""
    (X, Y), *_ = digits.digits()
    X, Y, y = X[:32], Y[:32], Y[:32].argmax(axis=1)
    network = digits.SourceClassifier(*digits.starting_weights(X, y, 8, seed=3))
    digits.cross_entropy(network(X), Y).backward()
    moved = digits.scikit_learn(8, 3, lr=0.5, momentum=0, nesterov=False).partial_fit(X, y, classes=range(10))
    np.testing.assert_allclose(moved.coefs_[0], network.alpha.data - 0.5 * network.alpha.grad, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(moved.intercepts_[1], network.beta_0.data - 0.5 * network.beta_0.grad, rtol=1e-12)


def test_digits_losses_are_the_books(digits, rng):
    """Both losses are the formulas of the source, averaged over the samples."""
    T, Y = rng.normal(size=(7, 10)), np.eye(10)[rng.integers(10, size=7)]
    f = np.exp(T) / np.exp(T).sum(axis=1, keepdims=True)
    assert np.isclose(digits.squared_error(digits.Tensor(T), Y).item(), ((Y - f) ** 2).sum() / 7)
    assert np.isclose(digits.cross_entropy(digits.Tensor(T), Y).item(), -(Y * np.log(f)).sum() / 7)


def test_digits_sentences_follow_the_numbers(digits, compared):
    """The conclusions say the contrary when the numbers do."""
    worse = [{**row, "ours": row["scikit-learn"] - 0.1} for row in compared]
    assert "as good as" in digits.comparison_of(compared)[1]
    assert "worse than" in digits.comparison_of(worse)[1]

    rows = [{"size": size, "epochs": n, "seconds": 1.0, "accuracy": 0.9} for size, n in ((1, 5), (32, 9), (1, 6), (32, 8))]
    assert "needs fewer epochs" in digits.conclusion_of(rows, 450)
    assert "0 of 450 test digits apart, no more than two" in digits.conclusion_of(rows, 450)
    rows[0] |= {"epochs": 30, "accuracy": 0.5}
    assert "does not always need fewer epochs" in digits.conclusion_of(rows, 450)
    assert "180 of 450 test digits apart, more than two" in digits.conclusion_of(rows, 450)


# 06_convergence.py

STEPS, ALPHA = 450, 0.2


@pytest.fixture(scope="module")
def convergence():
    return demo("06_convergence")


@pytest.fixture(scope="module")
def patients():
    return demo("source_network").diabetes()


@pytest.fixture(scope="module")
def runs(convergence, patients):
    begin = convergence.starts(10, 2, np.random.default_rng(4))
    return {name: convergence.train(begin[name], *patients, STEPS, [ALPHA] * 4, name) for name in ("equal", "1e-8 apart")}


@pytest.mark.parametrize("hidden", [2, 3, 5, 8, 9])
def test_equal_units_stay_equal_to_the_last_bit(convergence, patients, hidden):
    """Units that start equal are equal at every step, however many there are."""
    units = convergence.starts(10, hidden, np.random.default_rng(0))["equal"]
    path, *_ = convergence.train(units, *patients, 40, [0.1] * 4, "equal")
    assert (path == path[:, :, :1]).all()
    assert np.abs(path[-1] - path[0]).max() > 0.1


def test_growth_of_a_difference_is_the_hessians(convergence, patients, runs):
    """Units 1e-8 apart part as fast as second derivatives foretell: to 1e-5 of the rate, and by λ alone to a tenth."""
    (equal, b_o, _), near = runs["equal"], runs["1e-8 apart"][0]
    delta = near[0, :, 0] - near[0, :, 1]
    predicted = convergence.predicted_path(delta, equal, b_o, *patients, ALPHA)
    rates = convergence.growth_rates(convergence.apart(near), equal, predicted, b_o, *patients, ALPHA)
    assert rates["measured"] > 1.01
    assert np.log(rates["step by step"]) == pytest.approx(np.log(rates["measured"]), rel=1e-5)
    assert np.log(rates["eigenvalue"]) == pytest.approx(np.log(rates["measured"]), rel=0.1)
    assert convergence.apart(near)[-1] > 0.1


def test_equal_units_are_one_unit(convergence, patients, runs):
    """Two equal units have, at every step, the loss of a single one with the sum of their V."""
    one = runs["equal"][0][0, :, :1].copy()
    one[-1] *= 2
    *_, losses = convergence.train(one, *patients, STEPS, [ALPHA / 2, ALPHA / 2, ALPHA * 2, ALPHA], "one unit")
    np.testing.assert_allclose(runs["equal"][2], losses, rtol=1e-10)
    assert runs["1e-8 apart"][2][-1] < losses[-1] - 1e-3


def test_convergence_check_refuses_what_is_not_as_claimed(convergence):
    """The demo ends in an error if equal units part, are not one unit, or grow apart otherwise than foretold."""
    good = {"measured": 1.02, "step by step": 1.02, "eigenvalue": 1.021}
    convergence.check({"equal": {"equal": True}}, 1e-14, good)
    convergence.check({"equal": {"equal": True}}, 1e-14, None)
    for equal, losses_differ, rates in (
        (False, 1e-14, good),
        (True, 1e-3, good),
        (True, 1e-14, {**good, "step by step": 1.021}),
        (True, 1e-14, {**good, "eigenvalue": 1.03}),
    ):
        with pytest.raises(AssertionError):
            convergence.check({"equal": {"equal": equal}}, losses_differ, rates)


def test_convergence_sentences_follow_the_numbers(convergence):
    """The conclusions say the contrary when the numbers do."""
    ends = {name: {"loss": 0.5, "equal": name == "equal", "apart": 0.7} for name in ("equal", "1e-8 apart", "random")}
    ends["1e-8 apart"]["loss"] = 0.4
    rates = {"measured": 1.02, "step by step": 1.02}
    first, second = convergence.conclusions_of(ends, 0.5, 1e-14, rates)
    assert "stay equal to the last bit" in first
    assert "the loss of a single one, at" in first
    assert "grows by 2.00% a step, as the Hessian foretells" in second
    assert "0.4000, lower than equal units'" in second

    ends["equal"]["equal"], ends["1e-8 apart"]["loss"] = False, 0.6
    first, second = convergence.conclusions_of(ends, 0.3, 0.2, {**rates, "step by step": 1.03})
    assert "do not stay equal" in first
    assert "not the loss of a single one (0.3000)" in first
    assert "other than the Hessian foretells" in second
    assert "0.6000, no lower than equal units'" in second
