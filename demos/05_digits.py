"""The question's network for K classes, on handwritten digits: two losses, one sample at a time and in batches.

    Z = σ(α₀ + αᵀX)       M hidden units
    T = β₀ + βᵀZ          K scores
    f = softmax(T)        the probability of each class

Run it with `python demos/05_digits.py`. It trains with both losses of the source's book, each in two ways, then holds the
network against scikit-learn's MLPClassifier: same split, start, batches and optimiser. To the folder `pictures` it writes
the learning curves, the worst mistakes, and the tables.
"""

import textwrap
import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from source_network import arguments

from microgradnn import EarlyStopping, Tensor, fit, nn, no_grad, optim, sigmoid, softmax
from microgradnn.training import accuracy, evaluate

CLASSES = 10
COLOURS = {1: "#d55e00", 32: "#0072b2"}  # by batch size; Okabe and Ito's, told apart by the colour-blind too
ALPHA = {1: 0.1, 32: 1.0}  # learning rates by batch size: the mean of 32 gradients is steadier, and allows longer steps
MOMENTUM = {"lr": 0.1, "momentum": 0.9, "nesterov": True}  # for the comparison
SEEDS = range(5)
PATIENCE = 5  # how many epochs without progress end a training


class SourceClassifier(nn.Module):
    """One hidden layer of σ units, and a score for each class. A row of X is a sample, a column of alpha a hidden unit."""

    def __init__(self, alpha_0, alpha, beta_0, beta):
        self.alpha_0 = Tensor(alpha_0, requires_grad=True)
        self.alpha = Tensor(alpha, requires_grad=True)
        self.beta_0 = Tensor(beta_0, requires_grad=True)
        self.beta = Tensor(beta, requires_grad=True)

    def forward(self, X):
        """The scores T, of shape (samples, classes)."""
        Z = sigmoid(self.alpha_0 + X @ self.alpha).named("Z")
        return (self.beta_0 + Z @ self.beta).named("T")


# The losses of The Elements of Statistical Learning (11.9 and 11.10), each averaged over the samples; Y is 0–1 coded.


def squared_error(T, Y):
    """Σₖ (Yₖ − fₖ)²"""
    return nn.squared_error(softmax(T), Y) / len(Y)


def cross_entropy(T, Y):
    """−Σₖ Yₖ log fₖ, computed from the scores, so that no log 0 can arise."""
    return nn.cross_entropy(T, Y)


LOSSES = {"squared error": squared_error, "cross-entropy": cross_entropy}


def random_start(inputs, hidden, rng):
    """Random weights as scikit-learn draws them for σ units: uniform up to √(2 / (inputs + outputs)) of the layer."""
    alpha_most, beta_most = (2 / (inputs + hidden)) ** 0.5, (2 / (hidden + CLASSES)) ** 0.5
    return SourceClassifier(
        alpha_0=rng.uniform(-alpha_most, alpha_most, hidden),
        alpha=rng.uniform(-alpha_most, alpha_most, (inputs, hidden)),
        beta_0=rng.uniform(-beta_most, beta_most, CLASSES),
        beta=rng.uniform(-beta_most, beta_most, (hidden, CLASSES)),
    )


def digits():
    """1797 digits of 8 × 8 pixels between 0 and 1, in three parts: (X, Y) to learn from, to stop by, and to test with."""
    X, y = load_digits(return_X_y=True)
    X, Y = X / 16, np.eye(CLASSES)[y]
    X, X_test, Y, Y_test = train_test_split(X, Y, test_size=450, random_state=0, stratify=Y)
    X, X_stop, Y, Y_stop = train_test_split(X, Y, test_size=300, random_state=0, stratify=Y)
    return (X, Y), (X_stop, Y_stop), (X_test, Y_test)


def tested(network, X, Y):
    """The share of test digits that are classified right."""
    return evaluate(network, cross_entropy, X, Y, metrics={"accuracy": accuracy})["accuracy"]


# The 2 × 2 table


def train_all(parts, epochs, hidden, seed):
    """Train with each loss, in each way, from the same start, until the validation gets no better. One row for each."""
    (X, Y), stop_by, test = parts
    rows = []
    for name, loss in LOSSES.items():
        for size in ALPHA:
            rng = np.random.default_rng(seed)
            network = random_start(X.shape[1], hidden, rng)
            descent = optim.SGD(network.parameters(), lr=ALPHA[size])
            stop = EarlyStopping(patience=PATIENCE)
            began = time.perf_counter()
            history = fit(network, loss, descent, X, Y, epochs=epochs, rng=rng, batch_size=size, validation=stop_by, stop=stop)
            row = {"loss": name, "size": size, "epochs": history.epochs, "seconds": time.perf_counter() - began}
            row |= {"training loss": evaluate(network, loss, X, Y)["loss"], "accuracy": tested(network, *test)}
            rows.append({**row, "history": history, "network": network})
    return rows


def table_of(rows):
    lines = [f"{'':16}{'batches of':>10}{'α':>6}{'training loss':>15}{'test accuracy':>15}{'epochs':>8}{'seconds':>9}"]
    lines += [
        f"{row['loss']:16}{row['size']:10}{ALPHA[row['size']]:6}{row['training loss']:15.4f}{row['accuracy']:15.1%}"
        f"{row['epochs']:8}{row['seconds']:9.1f}"
        for row in rows
    ]
    return "\n".join(lines)


def conclusion_of(rows, tests):
    """What the table says, in a sentence."""
    one = [row for row in rows if row["size"] == 1]
    many = [row for row in rows if row["size"] != 1]
    epochs = [(a["epochs"], b["epochs"]) for a, b in zip(one, many, strict=True)]
    needs = "needs fewer" if all(a < b for a, b in epochs) else "does not always need fewer"
    one_epoch, many_epoch = (sum(row["seconds"] for row in part) / sum(row["epochs"] for row in part) for part in (one, many))
    rates = [row["accuracy"] for row in rows]
    apart, mean = max(rates) - min(rates), np.mean(rates)
    chance = 2 * (2 * mean * (1 - mean) / tests) ** 0.5  # two standard errors of a difference between two shares
    counted = ", ".join(f"{a} against {b}" for a, b in epochs)
    return (
        f"One sample at a time {needs} epochs than batches ({counted}), but one lasts {one_epoch / many_epoch:.2g} times as "
        f"long; the best and the worst of the four are {apart * tests:.0f} of {tests} test digits apart, "
        f"{'more' if apart > chance else 'no more'} than two standard errors of such a difference, {chance * tests:.0f}."
    )


# scikit-learn's network, and ours from the same start


def scikit_learn(hidden, seed, lr, momentum, nesterov):
    """An MLPClassifier that trains one epoch at each `partial_fit`, in the order it is given, in batches of 32."""
    return MLPClassifier(
        hidden_layer_sizes=(hidden,), activation="logistic", solver="sgd", alpha=0, batch_size=32, shuffle=False,
        learning_rate_init=lr, momentum=momentum, nesterovs_momentum=nesterov, random_state=seed,
    )  # fmt: skip


def starting_weights(X, y, hidden, seed):
    """The random weights that scikit-learn begins with: after a step so short that no number changes."""
    unmoved = scikit_learn(hidden, seed, **{**MOMENTUM, "lr": 1e-300}).partial_fit(X[:32], y[:32], classes=range(CLASSES))
    (alpha, beta), (alpha_0, beta_0) = unmoved.coefs_, unmoved.intercepts_
    return alpha_0, alpha, beta_0, beta


def compare(parts, epochs, hidden, seed):
    """Train scikit-learn's network and ours alike, and ours once more from a start and with batches of its own.

    Returns the three test accuracies and both loss curves: the mean loss in each epoch.
    """
    (X, Y), _, (X_test, Y_test) = parts
    y, y_test = Y.argmax(axis=1), Y_test.argmax(axis=1)
    start = starting_weights(X, y, hidden, seed)

    theirs, order, losses = scikit_learn(hidden, seed, **MOMENTUM), np.random.default_rng(seed), []
    for _ in range(epochs):
        shuffled = order.permutation(len(X))
        theirs.partial_fit(X[shuffled], y[shuffled], classes=range(CLASSES))
        losses.append(theirs.loss_)

    own = np.random.default_rng(seed)
    networks = {"ours": SourceClassifier(*start), "own start": random_start(X.shape[1], hidden, own)}
    orders = {"ours": np.random.default_rng(seed), "own start": own}
    histories, found = {}, {"scikit-learn": theirs.score(X_test, y_test)}
    for name, network in networks.items():
        descent = optim.SGD(network.parameters(), **MOMENTUM)
        histories[name] = fit(
            network, cross_entropy, descent, X, Y, epochs=epochs, rng=orders[name], batch_size=32, progress=False
        )
        found[name] = tested(network, X_test, Y_test)
    return {**found, "curves": (np.array(histories["ours"]["loss"]), np.array(losses))}


def comparison_of(compared):
    """The comparison as a table, and what it says."""
    names = "ours", "scikit-learn", "own start"
    means = {name: np.mean([row[name] for row in compared]) for name in names}
    curves = [max(abs(ours / theirs - 1)) for ours, theirs in (row["curves"] for row in compared)]
    lines = [f"{'seed':6}{'ours':>10}{'scikit-learn':>15}{'difference':>12}{'loss curves differ by':>24}{'own start':>12}"]
    for seed, row, apart in zip(SEEDS, compared, curves, strict=True):
        difference = row["ours"] - row["scikit-learn"]
        lines.append(
            f"{seed:<6}{row['ours']:10.2%}{row['scikit-learn']:15.2%}{difference:12.2%}{apart:24.0e}{row['own start']:12.2%}"
        )
    difference = means["ours"] - means["scikit-learn"]
    lines.append(
        f"{'mean':6}{means['ours']:10.2%}{means['scikit-learn']:15.2%}{difference:12.2%}{max(curves):24.0e}"
        f"{means['own start']:12.2%}"
    )
    verdict = "as good as" if difference == 0 else "better than" if difference > 0 else "worse than"
    digits = -np.log10(max(*curves, 1e-16))
    agree = f"is the same to {digits:.0f} digits" if digits >= 6 else f"is another one, by up to {max(curves):.0e},"
    sentence = (
        f"From the same start, over the same batches, the network is {verdict} scikit-learn's in the mean of {len(compared)} "
        f"seeds, {means['ours']:.2%} against {means['scikit-learn']:.2%}, and its loss {agree} in every epoch."
    )
    return "\n".join(lines), sentence


def check(compared):
    """Hold what is claimed of scikit-learn: the same loss in every epoch, and no lower accuracy in the mean of the seeds."""
    for row in compared:
        np.testing.assert_allclose(*row["curves"], rtol=1e-6)
    ours, theirs = (np.mean([row[name] for row in compared]) for name in ("ours", "scikit-learn"))
    if ours < theirs:
        raise AssertionError(f"scikit-learn classifies {theirs:.2%} of the test digits right, the network only {ours:.2%}")


# Pictures


def save_curves(rows, path):
    """The loss over epochs, training and validation."""
    figure, axes = plt.subplots(1, len(LOSSES), figsize=(9, 3.8), layout="constrained", sharex=True)
    for ax, name in zip(axes, LOSSES, strict=True):
        for row in (row for row in rows if row["loss"] == name):
            history, size = row["history"], row["size"]
            epochs = range(1, history.epochs + 1)
            marker = "o" if history.epochs == 1 else None
            words = "one sample at a time" if size == 1 else f"batches of {size}"
            ax.plot(epochs, history["loss"], color=COLOURS[size], linewidth=2, marker=marker, label=f"{words}, training")
            ax.plot(
                epochs, history["validation_loss"], color=COLOURS[size], linewidth=1.5, linestyle="--", marker=marker,
                label=f"{words}, validation",
            )  # fmt: skip
        ax.set(title=f"{name}: {LOSSES[name].__doc__.partition(',')[0]}", xlabel="epoch", ylabel="mean over samples")
        ax.set_yscale("log")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(alpha=0.25)
    axes[0].legend(frameon=False)
    figure.savefig(path)


def save_mistakes(network, X, Y, path, most=6):
    """The test digits that the network is surest of and wrong about, with the probabilities f it gives."""
    with no_grad():
        f = softmax(network(X)).numpy()
    wrong = np.flatnonzero(f.argmax(axis=1) != Y.argmax(axis=1))
    worst = wrong[np.argsort(-f[wrong].max(axis=1), kind="stable")][:most]
    figure, axes = plt.subplots(2, most, figsize=(9.4, 4), layout="constrained")
    for ax in axes[:, len(worst) :].flat:
        ax.set_axis_off()
    for image, bars, i in zip(*axes[:, : len(worst)], worst, strict=True):
        right, said = Y[i].argmax(), f[i].argmax()
        image.imshow(X[i].reshape(8, 8), cmap="Greys")
        image.set_title(f"a {right}, taken for {said}", fontsize=10)
        image.set(xticks=[], yticks=[])
        colours = ["#0072b2" if k == right else "#d55e00" if k == said else "#999999" for k in range(CLASSES)]
        bars.barh(range(CLASSES), f[i], color=colours)
        bars.set(xlim=(0, 1), ylim=(CLASSES - 0.5, -0.5), yticks=range(CLASSES), xlabel="f")
        bars.spines[["top", "right"]].set_visible(False)
    figure.suptitle(
        f"{len(wrong)} of {len(X)} test digits are taken for another class; the surest mistakes, the right class in blue"
    )
    figure.savefig(path)


def main():
    given = arguments(__doc__.partition("\n")[0], epochs=80, hidden=32)
    parts = digits()
    rows = train_all(parts, given.epochs, given.hidden, given.seed)
    compared = [compare(parts, given.epochs, given.hidden, seed) for seed in SEEDS]
    comparison, verdict = comparison_of(compared)
    (X, _), (X_stop, _), (X_test, _) = parts
    comparison, verdict = comparison_of(compared)
    setting = (
        f"{given.hidden} hidden units. {len(X)} digits to learn from, until {len(X_stop)} others see no progress for "
        f"{PATIENCE} epochs, at most {given.epochs}; tested with {len(X_test)} more."
    )
    against = (
        f"Against scikit-learn's MLPClassifier, by accuracy in the test: cross-entropy, batches of 32, Nesterov's momentum, "
        f"{given.epochs} epochs. Ours starts from scikit-learn's weights; in the last column, from random ones of its own."
    )
    paragraphs = [setting, table_of(rows), against, comparison, conclusion_of(rows, len(X_test)), verdict]
    report = "\n\n".join(text if "\n" in text else textwrap.fill(text, 120) for text in paragraphs)
    print(report)
    check(compared)
    written = [given.out / name for name in ("digits_curves.svg", "digits_mistakes.svg", "digits.txt")]
    save_curves(rows, written[0])
    save_mistakes(rows[-1]["network"], *parts[2], written[1])  # cross-entropy, in batches
    written[2].write_text(report + "\n", encoding="utf-8")
    print("Written:", *written)


if __name__ == "__main__":
    main()
