"""The demo of many starts: its fits are minima, its measures mean what they say, and any executor gives the same bits."""

import csv
import importlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")
threadpoolctl = pytest.importorskip("threadpoolctl")
pytest.importorskip("matplotlib")
DEMOS = Path(__file__).parents[2] / "demos"
SMALL = {"units": (0, 3), "decays": (0.0, 0.1), "starts": 2, "steps": 40}


@pytest.fixture(scope="module", autouse=True)
def surroundings():
    """The demos' folder on the path, as for a script; afterwards as many BLAS threads as before."""
    sys.path.insert(0, str(DEMOS))
    with threadpoolctl.threadpool_limits(limits=1, user_api="blas"):
        yield
    sys.path.remove(str(DEMOS))


@pytest.fixture(scope="module")
def demo():
    return importlib.import_module("07_restarts")


@pytest.fixture(scope="module")
def told():
    return importlib.import_module("restarts_report")


@pytest.fixture(scope="module")
def samples(demo):
    """Training, validation and test set."""
    rng = np.random.default_rng(0)
    return [demo.sample(n, rng) for n in (100, 100, 10_000)]


@pytest.fixture(scope="module")
def fits(demo, samples):
    """Enough of the default run for the book's findings: three widths, without decay and with, eight starts each."""
    return demo.run(*samples[0], units=(0, 2, 8), decays=(0.0, 0.1), starts=8)


@pytest.fixture(scope="module")
def measured(demo, told, samples, fits):
    return told.measure(fits, demo.predict, *samples, demo.noise_variance())


@pytest.fixture
def network():
    """Weights [α, α₀, β, β₀] of four different units."""
    rng = np.random.default_rng(1)
    return [rng.normal(size=shape) for shape in ((2, 4), 4, 4, ())]


def turned(network):
    """The same function: units in another order, and two with other signs, for which β₀ makes up as σ(−a) = 1 − σ(a)."""
    alpha, alpha0, beta, beta0 = network
    order, signs = [2, 0, 3, 1], np.array([1, -1, 1, -1])
    return [alpha[:, order] * signs, alpha0[order] * signs, beta[order] * signs, beta0 + beta[order][signs < 0].sum()]


def bits(fits):
    """What was fitted, in a form that is equal only to the last bit."""
    return [{**fit, "weights": [w.tobytes() for w in fit["weights"]]} for fit in fits]


def test_the_books_findings(told, measured):
    """What Hastie, Tibshirani and Friedman found in section 11.6 is found here."""
    findings = list(told.findings(measured))
    assert len(findings) == 5
    assert [finding for finding in findings if not finding[-1]] == []


def test_findings_can_fail(told, measured):
    """With the decays exchanged, or no hidden units for two, what speaks of them is not found."""
    decays = {(0.1 - decay, units): cell for (decay, units), cell in measured.items()}
    widths = {(decay, {0: 2, 2: 0, 8: 8}[units]): cell for (decay, units), cell in measured.items()}
    assert [holds for *_, holds in told.findings(decays)] == [False, False, False, False, False]
    assert [holds for *_, holds in told.findings(widths)] == [True, False, True, False, False]


def test_noise(demo):
    """The function's variance is four times that of the noise."""
    X = np.random.default_rng(2).normal(size=(400_000, 2))
    f = 1 / (1 + np.exp(-3 * X[:, 0] - 3 * X[:, 1])) + 1 / (1 + np.exp(-3 * X[:, 0] + 3 * X[:, 1]))
    assert f.var() / demo.noise_variance() == pytest.approx(4, rel=0.01)
    X, Y = demo.sample(400_000, np.random.default_rng(2))
    f = 1 / (1 + np.exp(-3 * X[:, 0] - 3 * X[:, 1])) + 1 / (1 + np.exp(-3 * X[:, 0] + 3 * X[:, 1]))
    assert (Y - f).var() == pytest.approx(demo.noise_variance(), rel=0.01)


def test_no_hidden_units_are_least_squares(demo, samples, fits):
    """Without hidden units, every start ends at the solution of linear least squares, whatever the decay."""
    X, Y = samples[0]
    expected = np.linalg.lstsq(np.column_stack([X, np.ones(100)]), Y, rcond=None)[0]
    found = [np.append(*fit["weights"]) for fit in fits if fit["units"] == 0]
    assert len(found) == 16
    np.testing.assert_allclose(found, np.tile(expected, (16, 1)), atol=1e-5)


def test_fits_are_minima(demo, samples, fits):
    """With decay, a small step in any direction makes the criterion larger, and nearly all fits end before their last step."""
    rng = np.random.default_rng(3)
    decayed = [fit for fit in fits if fit["decay"] and fit["units"]]
    assert sum(fit["converged"] for fit in decayed) >= len(decayed) - 2  # which ones do not, hangs on how a machine rounds
    for fit in decayed:
        lowest = demo.criterion(fit["weights"], *samples[0], fit["decay"])
        assert lowest == pytest.approx(fit["criterion"], rel=1e-12)
        for _ in range(20):
            near = [w + rng.normal(0, 0.03, w.shape) for w in fit["weights"]]
            assert demo.criterion(near, *samples[0], fit["decay"]) > lowest


def test_starts(demo, samples):
    """Each start of each width has its own weights between −0.7 and 0.7, and its fit does not depend on what else is run."""
    starts = [(units, start, seed) for units in (2, 3) for start in range(3) for seed in (0, 1)]
    theta = [np.concatenate([np.ravel(w) for w in demo.starting_weights(*start)]) for start in starts]
    assert len(np.unique(np.concatenate(theta))) == 6 * 9 + 6 * 13
    assert 0.65 < np.max(np.abs(np.concatenate(theta))) < 0.7
    alone = bits(demo.run(*samples[0], units=(3,), decays=(0.1,), starts=1, steps=40))
    assert alone[0] in bits(demo.run(*samples[0], **SMALL))


def test_threads_give_the_same_bits(demo, samples):
    """Two threads fit what one fits, to the last bit and in the same order."""
    with ThreadPoolExecutor(2) as executor:
        shared = demo.run(*samples[0], executor, **SMALL)
    assert bits(shared) == bits(demo.run(*samples[0], **SMALL))


@pytest.mark.parametrize("executor", ["processes", "dask"])
def test_other_processes_give_the_same_bits(demo, told, samples, executor, tmp_path):
    """The script, run by other processes or by Dask's, writes the file that one process writes, to the last bit."""
    if executor == "dask":
        pytest.importorskip("distributed")
    command = [sys.executable, "-W", "error", str(DEMOS / "07_restarts.py"), "--quick", "--epochs", "10"]
    subprocess.run([*command, "--executor", executor, "--out", str(tmp_path)], check=True, capture_output=True, timeout=100)
    fits = demo.run(*samples[0], units=demo.QUICK_UNITS, starts=demo.QUICK_STARTS, steps=10)
    told.measure(fits, demo.predict, *samples, demo.noise_variance())
    told.write_fits(fits, tmp_path / "here.csv")
    assert (tmp_path / "restarts" / "fits.csv").read_text() == (tmp_path / "here.csv").read_text()


def test_a_cluster_gives_the_same_bits(demo, samples):
    """A Dask cluster that runs already, named by its address, fits what this process fits, to the last bit."""
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": False, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(**options, protocol="tcp") as cluster:
        assert cluster.scheduler_address.startswith("tcp://")
        with demo.executor_named("dask", cluster.scheduler_address) as executor:
            shared = demo.run(*samples[0], executor, **SMALL)
    assert bits(shared) == bits(demo.run(*samples[0], **SMALL))


def test_bits_depend_on_nothing_else(demo, samples):
    """Where in memory the data lies changes no bit of a fit, and a fit takes one BLAS thread, whatever was allowed before."""
    X, Y = samples[0]
    unaligned = np.frombuffer(bytearray(X.nbytes + 8), float, X.size, offset=3).reshape(X.shape)
    unaligned[...] = X
    assert not unaligned.flags.aligned
    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        one, other = bits(demo.fit(3, 0.1, 0, data, Y, seed=0, steps=40) for data in (X, unaligned))
        assert {library["num_threads"] for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"} == {1}
    assert one == other


def test_criterion(demo, samples, network):
    """The squared errors are added up, and the decay weighs the squares of all weights but the biases."""
    X, Y = samples[0]
    alpha, alpha0, beta, beta0 = network
    errors = Y - beta0 - (1 / (1 + np.exp(-alpha0 - X @ alpha))) @ beta
    expected = sum(errors**2) + 0.3 * (np.sum(alpha**2) + np.sum(beta**2))
    assert demo.criterion(network, X, Y, 0.3) == pytest.approx(expected, rel=1e-12)


def test_matched_distance(demo, told, network):
    """Order and signs of the hidden units make up the whole distance between two writings of one function, and no other."""
    same, X = turned(network), np.random.default_rng(4).normal(size=(50, 2))
    np.testing.assert_allclose(demo.predict(same, X), demo.predict(network, X), rtol=1e-12)
    assert told.weight_distance(network, same, matched=False) > 1
    assert told.weight_distance(network, same, matched=True) == pytest.approx(0, abs=1e-12)
    moved = [w + 0.1 for w in same]
    assert 0.05 < told.weight_distance(network, moved, matched=True) < 0.5
    unrelated = [np.random.default_rng(5).normal(size=w.shape) for w in network]
    matched, raw = (told.weight_distance(network, unrelated, matched) for matched in (True, False))
    assert 0.3 < matched < raw


def test_different_units(told, network):
    """A copy, a copy with other signs, and a unit that does nothing are no different units."""
    alpha, alpha0, beta, beta0 = network
    assert told.different_units(network) == 4
    copies = [np.append(alpha, -alpha[:, :1], axis=1), np.append(alpha0, -alpha0[0]), np.append(beta, -beta[0]), beta0]
    assert told.different_units(copies) == 4
    assert told.different_units([alpha * [1, 1, 1, 0], alpha0, beta, beta0]) == 3
    assert told.different_units([alpha, alpha0, beta * [1, 0, 1, 0], beta0]) == 2


def test_averages(demo, told, samples, fits, measured):
    """The average prediction is better than its parts by their mean square distance from it (Krogh and Vedelsby, 1995)."""
    X, _ = samples[2]
    predictions = [demo.predict(fit["weights"], X) for fit in fits if (fit["decay"], fit["units"]) == (0.0, 8)]
    apart = np.mean((predictions - np.mean(predictions, axis=0)) ** 2) / demo.noise_variance()
    cell = measured[0.0, 8]
    assert apart > 0.01
    assert cell["test"].mean() - cell["average prediction"] == pytest.approx(apart, rel=1e-9)


def test_choice(told, measured):
    """The grid's choice is the network of lowest criterion in its cell, and of lowest validation error among these."""
    decay, units = told.chosen_by_validation(measured, [0.0, 0.1])
    chosen = measured[decay, units]["lowest criterion"]
    assert chosen["criterion"] == measured[decay, units]["criterion"].min()
    for (_, m), cell in measured.items():
        rival = cell["lowest criterion"]
        assert m == 0 or rival["validation"] >= chosen["validation"]


def test_report(told, fits, measured, tmp_path, capsys):
    """A report leaves the picture, the tables with a row for each cell, and the weights of all fits to the last bit."""
    told.report(measured, fits, tmp_path)
    assert "<svg" in (tmp_path / "restarts.svg").read_text(encoding="utf-8")
    rows = (tmp_path / "tables.txt").read_text(encoding="utf-8").splitlines()
    for decay, units in measured:
        assert sum(row.split()[:2] == [f"{decay:g}", str(units)] for row in rows) == 2
    assert capsys.readouterr().out.count("  holds: ") == 5
    with (tmp_path / "fits.csv").open(encoding="utf-8") as file:
        for row, fit in zip(csv.DictReader(file), fits, strict=True):
            theta = np.array(row["weights"].split(), dtype=float)
            assert (theta == np.concatenate([w.ravel() for w in fit["weights"]])).all()


def test_check(demo, monkeypatch, tmp_path):
    """Asked to check, the script fails where it does not find what the book found: here, as it hardly trains."""
    monkeypatch.setattr(sys, "argv", ["07_restarts.py", "--quick", "--epochs", "1", "--check", "--out", str(tmp_path)])
    with pytest.raises(SystemExit, match="findings"):
        demo.main()
