"""Do solutions vary wildly with the starting values, so that one must search by brute force? Start many times, and see.

Run it with `python demos/07_restarts.py`. It fits networks of 0 to 10 hidden units, with three weight decays, from ten
random starts each, and writes to the folder `pictures/restarts` a picture of what varies, tables, and all fits as CSV.

The experiment is that of Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (second edition, 2009),
section 11.6: Y = σ(a₁ᵀX) + σ(a₂ᵀX) + ε with a₁ = (3, 3), a₂ = (3, −3), X two standard Gaussians, ε Gaussian with
Var(f) / Var(ε) = 4, a training set of 100 and a test set of 10,000, weight decays 0.0005, none and 0.1, ten random starts
for each of 0 to 10 hidden units; none means linear least squares. The criterion is theirs too (11.4, 11.5.2): the sum of
squared errors plus λ times the sum of squared weights. Chosen here, where the book leaves it open: the starting values,
uniform between −0.7 and 0.7 (the range that its section 11.5.3 calls typical) and the same for each decay; no decay for
the biases α₀ and β₀; SciPy's L-BFGS-B with at most 1000 steps; and a validation set of 100 more samples. Without decay,
or with 0.0005, most wide networks would go on after these steps; with `--epochs 100` they overfit less, as all stop early.

Any executor of `concurrent.futures`, or one that works like it, runs the fits: `--executor processes` takes all cores,
`--executor dask --scheduler tcp://...` a cluster. The results are the same to the last bit, whoever computes them, if
processors and libraries are of one kind: each fit has a seed of its own, and what else rounding may depend on, the number
of BLAS threads and whether arrays are aligned in memory, is made the same for all. Elsewhere, expect other figures for
wide networks with little or no decay: there, training enlarges a difference in the last bit.
"""

import argparse
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from microgradnn import Tensor, nn, sigmoid, unroll

UNITS = tuple(range(11))
DECAYS = 0.0, 0.0005, 0.1
STARTS = 10
QUICK_UNITS, QUICK_STARTS = (0, 1, 2, 6), 3
DIRECTIONS = np.array([[3.0, 3.0], [3.0, -3.0]])  # a₁ and a₂, as columns
SIGNAL_TO_NOISE = 4


def noise_variance():
    """Var(ε) = Var(f) / 4. The two arguments of σ are independent, each Gaussian with variance 3² + 3²."""
    z = np.linspace(-50, 50, 100_001)
    density = np.exp(-(z**2) / (2 * 18))
    density /= density.sum()
    mean = (density * sigmoid(z)).sum()
    return 2 * (density * (sigmoid(z) - mean) ** 2).sum() / SIGNAL_TO_NOISE


def sample(n, rng):
    """X of shape (n, 2), and Y = σ(a₁ᵀX) + σ(a₂ᵀX) + ε of shape (n,)."""
    X = rng.normal(size=(n, 2))
    return X, sigmoid(X @ DIRECTIONS).sum(axis=1) + rng.normal(0, noise_variance() ** 0.5, n)


def predict(weights, X):
    """f(X) = β₀ + σ(α₀ + X α) β; without hidden units, β₀ + X β. For arrays, and for Tensors."""
    *hidden, beta, beta0 = weights
    if hidden:
        alpha, alpha0 = hidden
        X = sigmoid(X @ alpha + alpha0)
    return X @ beta + beta0


def criterion(weights, X, Y, decay):
    """The sum of squared errors, and the decay times the sum of squared weights, without the biases."""
    return nn.squared_error(predict(weights, X), Y) + decay * sum((w**2).sum() for w in weights[::2])


def starting_weights(units, start, seed):
    """[α, α₀, β, β₀], or [β, β₀] without hidden units, from a seed of their own: the range that the book calls typical."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(units, start)))
    shapes = [(2, units), (units,), (units,), ()] if units else [(2,), ()]
    return [nn.init.uniform(shape, -0.7, 0.7, rng=rng) for shape in shapes]


def fit(units, decay, start, X, Y, seed, steps):
    """Fit one network from one start, with our gradients and SciPy's optimiser. Returns the row of a table, as a dict."""
    threadpool_limits(limits=1, user_api="blas")  # for good: to restore it would disturb fits in other threads
    X, Y = X.copy(), Y.copy()  # what came over a network may begin at an odd address, and is then multiplied in another order
    first = starting_weights(units, start, seed)
    names = ("alpha", "alpha0", "beta", "beta0")[-len(first) :]
    weights = [Tensor(w, requires_grad=True, name=name) for w, name in zip(first, names, strict=True)]
    loss = criterion(weights, X, Y, decay if units else 0.0)
    loss_and_gradients = unroll(loss, weights)  # forward and backward as plain NumPy, with no graph to record at each step
    ends = np.cumsum([w.size for w in weights])[:-1]

    def arrays(theta):
        return [part.reshape(w.shape) for part, w in zip(np.split(theta, ends), weights, strict=True)]

    def value_and_gradient(theta):
        weights_now = dict(zip(names, arrays(theta), strict=True))
        L, gradients = loss_and_gradients(**weights_now, **loss_and_gradients.recorded)  # X and Y as they are
        return L, np.concatenate([g.ravel() for g in gradients])

    theta = np.concatenate([np.ravel(w) for w in first])
    options = {"maxiter": steps, "maxfun": 100 * steps, "ftol": 1e-12}
    found = minimize(value_and_gradient, theta, jac=True, method="L-BFGS-B", options=options)
    return {
        "units": units,
        "decay": decay,
        "start": start,
        "criterion": float(found.fun),
        "steps": int(found.nit),
        "converged": bool(found.success),
        "weights": arrays(found.x),
    }


def run(X, Y, executor=None, *, units=UNITS, decays=DECAYS, starts=STARTS, seed=0, steps=1000):
    """All fits, as a list in a fixed order, by any executor that has `map`; by this process alone if none is given."""
    tasks = list(product(units, decays, range(starts)))
    one_fit = partial(fit, X=X, Y=Y, seed=seed, steps=steps)
    fits = (map if executor is None else executor.map)(one_fit, *zip(*tasks, strict=True))
    return list(tqdm(fits, total=len(tasks), desc="fitting", unit="fit"))


@contextmanager
def executor_named(name, scheduler=None):
    """One of the executors that the command line offers, closed at the end."""
    if name == "serial":
        yield None
    elif name == "threads":
        with ThreadPoolExecutor(os.cpu_count()) as executor:
            yield executor
    elif name == "processes":
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as executor:
            yield executor
    else:
        from dask.distributed import Client

        with Client(scheduler) if scheduler else Client(threads_per_worker=1, dashboard_address=None) as client:
            yield client.get_executor()


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("pictures"), help="folder for the pictures")
    parser.add_argument("--executor", choices=["serial", "threads", "processes", "dask"], default="serial", help="who fits")
    parser.add_argument("--scheduler", help="address of a Dask scheduler; without it, Dask starts one on this machine")
    parser.add_argument("--epochs", type=int, default=1000, help="most steps of the optimiser, which sees all samples in each")
    parser.add_argument("--seed", type=int, default=0, help="seed of all random numbers")
    parser.add_argument("--quick", action="store_true", help="a few widths, and three starts each: for a first look")
    parser.add_argument("--check", action="store_true", help="fail if the book's findings are not found here")
    given = parser.parse_args()
    given.out = given.out / "restarts"
    given.out.mkdir(parents=True, exist_ok=True)
    return given


def main():
    from restarts_report import findings, measure, report  # here: processes that only fit need not load Matplotlib

    given = arguments()
    threadpool_limits(limits=1, user_api="blas")
    rng = np.random.default_rng(given.seed)
    training, validation, test = (sample(n, rng) for n in (100, 100, 10_000))
    choice = {"units": QUICK_UNITS, "starts": QUICK_STARTS} if given.quick else {}
    with executor_named(given.executor, given.scheduler) as executor:
        fits = run(*training, executor, seed=given.seed, steps=given.epochs, **choice)
    measured = measure(fits, predict, training, validation, test, noise_variance())
    report(measured, fits, given.out)
    if given.check and not all(holds for *_, holds in findings(measured)):
        raise SystemExit("Not all of the book's findings hold here.")


if __name__ == "__main__":
    main()
