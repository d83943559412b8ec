"""Would the weights not converge to the same values? Equal units never part; a difference of 1e-8 grows as theory says.

Run it with `python demos/06_convergence.py`. It trains the source's network on real patients, all of them at every step,
from three starts: equal units, units that are 1e-8 apart, random units. To the folder `pictures` it writes how far the units
are apart over the steps, their weights at the end, and the tables.

Let u₁ = (W₁₁ … W_p₁, b₁, V₁) be all weights of one unit and δ = u₁ − u₂. A step of gradient descent on equal units with a
small δ changes nothing but δ, to first order, and that by the Hessian of the mean loss: δ ← (I − α A) δ, where A is the
block of second derivatives within one unit minus the block between two. Where A has a negative eigenvalue λ, equal units
are at a saddle, and δ grows by 1 − α λ a step.
"""

import textwrap

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from source_network import SourceNetwork, arguments, diabetes
from tqdm import tqdm

from microgradnn import hessian, hvp, optim, tanh

APART = 1e-8  # how far two of the units are apart in the second start
WINDOW = 1e-6, 1e-3  # where the growth is measured: long after the start, and long before the units differ to the eye
MEASUREMENTS = (
    *("age", "sex", "body mass index", "blood pressure", "cholesterol", "LDL", "HDL", "cholesterol / HDL", "triglycerides"),
    "glucose",
)
COLOURS = {"equal": "#0072b2", "1e-8 apart": "#d55e00", "random": "#009e73"}  # Okabe and Ito's


def mean_loss(W, b_h, V, b_o, X, T):
    """The mean of L = (t − o)² over all patients: h = tanh(x W + b_h), o = h V + b_o.

    Sums instead of matrix products, as in 02_symmetry.py: these add up for all units in the same order.
    """
    h = tanh((X[:, :, None] * W).sum(axis=1) + b_h)
    o = (h * V).sum(axis=1) + b_o
    return ((T - o) ** 2).mean()


def all_weights(network):
    """The hidden units as columns u₁, u₂, ...: the rows are the inputs' weights W, then b_h, then V."""
    return np.vstack([network.W.data, network.b_h.data, network.V.data])


def train(units, X, T, steps, rates, name):
    """Gradient descent with a learning rate for each of W, b_h, V and b_o.

    Returns the units before each step and after the last, shape (steps + 1, inputs + 2, hidden), b_o, and the losses.
    """
    network = SourceNetwork(units[:-2].copy(), units[-1].copy())
    network.b_h.data[...] = units[-2]
    parameters = network.W, network.b_h, network.V, network.b_o
    descents = [optim.SGD([parameter], lr) for parameter, lr in zip(parameters, rates, strict=True)]
    path, b_o, losses = [all_weights(network)], [0.0], []
    for _ in tqdm(range(steps), desc=f"{name:12}", unit="step"):
        L = mean_loss(*parameters, X, T)
        network.zero_grad()
        L.backward()
        for descent in descents:
            descent.step()
        path.append(all_weights(network))
        b_o.append(network.b_o.item())
        losses.append(L.item())
    losses.append(network.mean_loss(X, T))
    return np.array(path), np.array(b_o), np.array(losses)


def starts(inputs, hidden, rng):
    """The units of each start: W and V normal, b_h zero."""

    def random_unit():
        return np.concatenate([rng.normal(0, inputs**-0.5, inputs), [0.0], rng.normal(0, hidden**-0.5, 1)])

    random = np.stack([random_unit() for _ in range(hidden)], axis=1)
    equal = np.repeat(random[:, :1], hidden, axis=1)
    direction = rng.normal(size=inputs + 2)
    nearly = equal.copy()
    nearly[:, 0] += APART / 2 * direction / np.linalg.norm(direction)
    nearly[:, 1] -= APART / 2 * direction / np.linalg.norm(direction)
    return {"equal": equal, "1e-8 apart": nearly, "random": random}


def apart(path):
    """‖u₁ − u₂‖ at each step."""
    return np.linalg.norm(path[:, :, 0] - path[:, :, 1], axis=1)


# Theory: second derivatives, from the same rules of backprop


def loss_of_units(b_o, X, T):
    """The mean loss as a function of all units."""
    return lambda units: mean_loss(units[:-2], units[-2], units[-1], b_o, X, T)


def predicted_path(delta, path, b_o, X, T, alpha):
    """‖δ‖ at each step by δ ← δ − α A δ, along the path of the equal units; until it is as large as a weight."""
    lengths = [np.linalg.norm(delta)]
    for units, offset in zip(path[:-1], b_o[:-1], strict=True):
        if lengths[-1] > 1:
            break
        direction = np.zeros_like(units)
        direction[:, 0], direction[:, 1] = delta / 2, -delta / 2
        curved = hvp(loss_of_units(offset, X, T), units, direction)
        delta = delta - alpha * (curved[:, 0] - curved[:, 1])
        lengths.append(np.linalg.norm(delta))
    return np.array(lengths)


def smallest_eigenvalue(units, b_o, X, T):
    """λ, the smallest eigenvalue of A: second derivatives within a unit minus those between two."""
    H = hessian(loss_of_units(b_o, X, T))(units)  # of shape (inputs + 2, hidden, inputs + 2, hidden)
    return np.linalg.eigvalsh(H[:, 0, :, 0] - H[:, 0, :, 1])[0]


def growth(lengths, window):
    """By what a length is multiplied at each step: the slope of its logarithm, by least squares."""
    return float(np.exp(np.polyfit(np.arange(window.start, window.stop), np.log(lengths[window]), 1)[0]))


def growth_rates(near, equal, predicted, b_o, X, T, alpha):
    """The growth per step as measured, by δ ← (I − α A) δ, and by λ alone; None if the window was not passed through."""
    inside = np.flatnonzero((near > WINDOW[0]) & (near < WINDOW[1]))
    if len(inside) < 10 or near[-1] < WINDOW[1]:
        return None
    window = slice(int(inside[0]), int(inside[-1]) + 1)
    sampled = np.linspace(window.start, window.stop - 1, 9).round().astype(int)
    eigenvalues = np.array([smallest_eigenvalue(equal[i], b_o[i], X, T) for i in sampled])
    return {
        "window": window,
        "measured": growth(near, window),
        "step by step": growth(predicted, window),
        "eigenvalue": float(np.exp(np.mean(np.log(1 - alpha * eigenvalues)))),
        "λ": float(eigenvalues.mean()),
    }


# What came of it


def outcome(path, losses, X):
    """How the first two units of a network end."""
    units = path[-1]
    u1, u2 = units[:, 0], units[:, 1]
    h = np.tanh(X @ units[:-2] + units[-2])
    return {
        "loss": losses[-1],
        "equal": bool((path == path[:, :, :1]).all()),
        "apart": np.linalg.norm(u1 - u2) / np.mean([np.linalg.norm(u1), np.linalg.norm(u2)]),
        "correlation": np.corrcoef(h[:, 0], h[:, 1])[0, 1],
    }


def table_of(outcomes, one_unit):
    lines = [f"{'start':12}{'mean loss':>12}{'equal at every step':>22}{'‖u₁ − u₂‖ / ‖u‖':>18}{'correlation of h₁, h₂':>24}"]
    for name, end in outcomes.items():
        equal = "to the last bit" if end["equal"] else "no"
        lines.append(f"{name:12}{end['loss']:12.6f}{equal:>22}{end['apart']:18.3g}{end['correlation']:24.4f}")
    lines.append(f"{'one unit':12}{one_unit:12.6f}")
    return "\n".join(lines)


def rates_of(rates):
    if rates is None:
        return f"Growth was not measured: the difference did not go from {WINDOW[0]:g} to {WINDOW[1]:g} in so few steps."
    window = rates["window"]
    lines = [f"{f'growth of δ, steps {window.start} to {window.stop - 1}':36}{'per step':>12}{'doubled every':>18}"]
    names = {
        "measured": "measured",
        "step by step": "theory: δ ← (I − α A) δ",
        "eigenvalue": f"theory: 1 − α λ, mean λ = {rates['λ']:.4f}".replace("-", "−"),
    }
    for key, words in names.items():
        lines.append(f"{words:36}{rates[key]:12.6f}{np.log(2) / np.log(rates[key]):12.1f} steps")
    return "\n".join(lines)


def conclusions_of(outcomes, one_unit, losses_differ, rates):
    """Two sentences, by the numbers."""
    equal, near, random = (outcomes[name] for name in ("equal", "1e-8 apart", "random"))
    stay = "stay equal to the last bit" if equal["equal"] else "do not stay equal"
    same = "the loss of a single one" if losses_differ < 1e-9 else f"not the loss of a single one ({one_unit:.4f})"
    first = f"Equal units {stay}, and together reach a loss of {equal['loss']:.4f}, {same}, at every step."
    ends = f"a loss of {near['loss']:.4f}, {'lower' if near['loss'] < equal['loss'] - 1e-6 else 'no lower'} than equal units'"
    others = f"random units reach {random['loss']:.4f}"
    if rates is None:
        return first, f"Units that are {APART:g} apart reach {ends}, in too few steps to see them part; {others}."
    off = abs(np.log(rates["step by step"]) / np.log(rates["measured"]) - 1)
    agrees = f"as the Hessian foretells (to {off:.0e} of the rate)" if off < 0.01 else "other than the Hessian foretells"
    second = (
        f"A difference of {APART:g} grows by {rates['measured'] - 1:.2%} a step, {agrees}, until the units are "
        f"{near['apart']:.2g} of their length apart, at {ends}; {others}."
    )
    return first, second


def check(outcomes, losses_differ, rates):
    """Hold what is claimed: equal units stay equal, and are one unit; a difference grows as its Hessian says."""
    if not outcomes["equal"]["equal"] or losses_differ > 1e-9:
        raise AssertionError(f"equal units did not stay one unit; losses differ by {losses_differ}")
    if rates is not None:
        np.testing.assert_allclose(np.log(rates["step by step"]), np.log(rates["measured"]), rtol=0.01)
        np.testing.assert_allclose(np.log(rates["eigenvalue"]), np.log(rates["measured"]), rtol=0.2)


# Pictures


def save_distances(distances, predicted, rates, path):
    """‖u₁ − u₂‖ over the steps, on a logarithmic axis at whose foot is 0."""
    figure, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
    foot = APART / 30
    for name, lengths in distances.items():
        ax.plot(np.maximum(lengths, foot), color=COLOURS[name], linewidth=2.5)
    ax.plot(predicted, color="black", linewidth=1.5, linestyle="--")
    last = len(distances["equal"]) - 1

    def write(words, x, y, colour, **place):
        ax.annotate(words, (x, y), **{"xytext": (0, 6), "textcoords": "offset points", "ha": "right", "color": colour} | place)

    write("equal: 0 at every step", last, foot, COLOURS["equal"])
    write("random", last, distances["random"][-1], COLOURS["random"])
    write("1e-8 apart", last, distances["1e-8 apart"][-1], COLOURS["1e-8 apart"], xytext=(0, -16))
    if rates is not None:
        window = rates["window"]
        middle, ends = (window.start + window.stop) // 2, np.array([window.start, window.stop - 1])
        ax.plot(ends + last / 30, predicted[middle] * rates["eigenvalue"] ** (ends - middle), color="#777777", linewidth=1.5)
        words = f"slope by the eigenvalue: × {rates['eigenvalue']:.4f} a step\nmeasured: × {rates['measured']:.4f} a step"
        write(words, middle + last / 20, predicted[middle], "black", ha="left", va="top", xytext=(0, 0))
        write("dashed: δ ← (I − α A) δ, theory", window.stop + last / 30, WINDOW[1], "black", ha="left", xytext=(0, 10))
    ax.set_yscale("log")
    ticks = [10.0**k for k in range(-8, 1, 2)]
    ax.set_yticks([foot, *ticks], ["0", *(f"$10^{{{round(np.log10(tick))}}}$" for tick in ticks)])
    ax.minorticks_off()
    ax.set(xlabel="step", ylabel="‖u₁ − u₂‖", title="How far two hidden units are apart, from three starts", xlim=(0, last))
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25)
    figure.savefig(path)


def save_units(ends, path):
    """The first two units' weights at the end, for each start."""
    figure, axes = plt.subplots(1, len(ends), figsize=(9, 4.4), layout="constrained", sharey=True, sharex=True)
    labels = [*MEASUREMENTS, "bias b_h", "outgoing V"]
    rows = np.arange(len(labels))
    for ax, (name, units) in zip(axes, ends.items(), strict=True):
        ax.axvline(0, color="#999999", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.barh(rows - 0.2, units[:, 0], height=0.38, color="#0072b2", label="unit 1")
        ax.barh(rows + 0.2, units[:, 1], height=0.38, color="#d55e00", label="unit 2")
        ax.set(title=f"start: {name}", xlabel="weight at the end")
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(alpha=0.25, axis="x")
    axes[0].set_yticks(rows, labels)
    axes[0].invert_yaxis()
    axes[0].legend(frameon=False)
    figure.savefig(path)


def main():
    given = arguments(__doc__.partition("\n")[0], alpha=0.1, hidden=2, epochs=3000)
    if given.hidden < 2:
        raise SystemExit("Two hidden units are compared: --hidden must be at least 2.")
    rng = np.random.default_rng(given.seed)
    X, T = diabetes()
    alpha, hidden = given.alpha, given.hidden
    begin = starts(X.shape[1], hidden, rng)
    runs = {name: train(units, X, T, given.epochs, [alpha] * 4, name) for name, units in begin.items()}

    # Two equal units are one unit, V h + V h = (2 V) h. Through its 2 V its W and b_h have twice the gradient, but should
    # move alike, so at half the rate; its V has the same gradient, and should move twice as far. So for any number of units.
    one = begin["equal"][:, :1].copy()
    one[-1] *= hidden
    *_, one_losses = train(one, X, T, given.epochs, [alpha / hidden, alpha / hidden, alpha * hidden, alpha], "one unit")

    (equal, b_o, losses), near = runs["equal"], apart(runs["1e-8 apart"][0])
    delta = begin["1e-8 apart"][:, 0] - begin["1e-8 apart"][:, 1]
    predicted = predicted_path(delta, equal, b_o, X, T, alpha)
    rates = growth_rates(near, equal, predicted, b_o, X, T, alpha)
    outcomes = {name: outcome(path, losses, X) for name, (path, _, losses) in runs.items()}
    losses_differ = np.abs(losses - one_losses).max()
    setting = f"{hidden} hidden units, {len(X)} patients at every step, {given.epochs} steps, α = {alpha}"
    conclusions = conclusions_of(outcomes, one_losses[-1], losses_differ, rates)
    paragraphs = [setting, table_of(outcomes, one_losses[-1]), rates_of(rates), *conclusions]
    report = "\n\n".join(text if "\n" in text else textwrap.fill(text, 120) for text in paragraphs)
    print(report)
    check(outcomes, losses_differ, rates)
    written = [given.out / name for name in ("convergence.svg", "convergence_units.svg", "convergence.txt")]
    save_distances({name: apart(path) for name, (path, *_) in runs.items()}, predicted, rates, written[0])
    save_units({name: path[-1] for name, (path, *_) in runs.items()}, written[1])
    written[2].write_text(report + "\n", encoding="utf-8")
    print("Written:", *written)


if __name__ == "__main__":
    main()
