"""What 07_restarts.py tells of its fits: what varies between restarts, what several are good for, and which to choose.

All errors are mean squared errors relative to the Bayes error, which is the variance of the noise. All of this asks for
two starts or more.
"""

import csv
import textwrap
from itertools import combinations

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from scipy.optimize import linear_sum_assignment

COPY = 0.1  # units that differ by less than this part of their length count as copies
ASLEEP = 0.01  # units with a smaller |α||β| hardly change with the input
STYLES = ("#d55e00", "o"), ("#0072b2", "s"), ("#009e73", "^"), ("#cc79a7", "D"), ("#56b4e9", "v")  # Okabe and Ito's colours
MEANING = {":": "as they are", "-": "order and signs matched"}


def invariant(weights):
    """The hidden units as rows (α, α₀, β), and the offset that does not depend on their signs.

    As σ(a) = ½ + ½ tanh(a/2), each unit is one of tanh and an offset of β/2. Changing the sign of all weights of a tanh unit
    changes nothing, so two networks that compute the same with other signs have the same offset β₀ + Σ β/2.
    """
    alpha, alpha0, beta, beta0 = weights
    return np.column_stack([alpha.T, alpha0, beta]), beta0 + beta.sum() / 2


def squared_distances(one, other):
    """Between each unit of one network and each of another, by the nearer of its two signs: shape (units, units)."""
    return np.minimum(((one[:, None] - other) ** 2).sum(axis=-1), ((one[:, None] + other) ** 2).sum(axis=-1))


def weight_distance(one, other, matched):
    """How far two networks' weights are apart, as a part of their length: 0 if equal, about 1.4 if unrelated.

    With `matched`, after the permutation and signs of the hidden units that bring them nearest, both of which leave the
    network the same function. The Hungarian algorithm finds the permutation (Kuhn, 1955).
    """
    (units, offset), (other_units, other_offset) = invariant(one), invariant(other)
    squared = squared_distances(units, other_units)
    apart = squared[linear_sum_assignment(squared)].sum() if matched else ((units - other_units) ** 2).sum()
    length = ((units**2).sum() + offset**2 + (other_units**2).sum() + other_offset**2) / 2
    return float(np.sqrt((apart + (offset - other_offset) ** 2) / length))


def different_units(weights):
    """How many hidden units are awake, and no copy, up to sign, of one before."""
    units, _ = invariant(weights)
    units = units[np.linalg.norm(units[:, :2], axis=1) * np.abs(units[:, -1]) > ASLEEP]
    copies = squared_distances(units, units) < COPY**2 * (units**2).sum(axis=1)
    return int((~np.tril(copies, -1).any(axis=1)).sum())


def median_over_pairs(distance, things):
    return float(np.median([distance(one, other) for one, other in combinations(things, 2)]))


def measure(fits, predict, training, validation, test, bayes):
    """The fits by (decay, units): their errors, and what varies between them. Adds the errors to the fits."""
    cells = {}
    for fit in fits:
        for name, (X, Y) in (("training", training), ("validation", validation), ("test", test)):
            fit[name] = float(np.mean((Y - predict(fit["weights"], X)) ** 2) / bayes)
        cells.setdefault((fit["decay"], fit["units"]), []).append(fit)
    X, Y = test
    measured = {}
    for cell, rows in cells.items():
        predictions = [predict(row["weights"], X) for row in rows]
        weights = [row["weights"] for row in rows]
        average = [np.mean(w, axis=0) for w in zip(*weights, strict=True)]
        hidden = cell[1] > 0
        measured[cell] = {
            **{name: np.array([row[name] for row in rows]) for name in ("training", "validation", "test", "criterion")},
            "predictions": median_over_pairs(lambda f, g: np.sqrt(np.mean((f - g) ** 2) / bayes), predictions),
            "raw": median_over_pairs(lambda v, w: weight_distance(v, w, False), weights) if hidden else 0.0,
            "matched": median_over_pairs(lambda v, w: weight_distance(v, w, True), weights) if hidden else 0.0,
            "different": [different_units(w) for w in weights] if hidden else [0],
            "converged": sum(row["converged"] for row in rows),
            "range of training": max(row["training"] for row in rows) - min(row["training"] for row in rows),
            "average prediction": float(np.mean((Y - np.mean(predictions, axis=0)) ** 2) / bayes),
            "average weights": float(np.mean((Y - predict(average, X)) ** 2) / bayes),
        }
        measured[cell]["lowest criterion"] = rows[int(np.argmin(measured[cell]["criterion"]))]
        measured[cell]["lowest validation"] = rows[int(np.argmin(measured[cell]["validation"]))]
    return measured


def middle_half(values):
    """The interquartile range, which a few restarts that ran away do not change."""
    low, high = np.quantile(values, (0.25, 0.75))
    return float(high - low)


def short(error):
    """Three decimals, and none where they are noise."""
    return f"{error:.3f}" if error < 100 else f"{error:,.0f}"


def grid(measured):
    """The decays and the numbers of units, in ascending order."""
    return sorted({decay for decay, _ in measured}), sorted({units for _, units in measured})


def table_of_variation(measured):
    yield "What varies between restarts. Errors: relative to the Bayes error, smallest to largest. Predictions: root mean"
    yield "square distance on the test set, in standard deviations of the noise. Weights: distance as a part of their length,"
    yield "as they are, and after matching order and signs of the hidden units. Both for the median pair of restarts."
    yield "Different: hidden units that are neither asleep nor, up to sign, copies of one before."
    yield ""
    heads = ("decay", 7), ("units", 5), ("training error", 15), ("test error", 16), ("median", 7), ("predictions", 11)
    yield " ".join(f"{head:>{width}}" for head, width in (*heads, ("weights", 7), ("matched", 7), ("different", 9)))
    for (decay, units), cell in sorted(measured.items()):
        training, test = (f"{short(cell[name].min())} – {short(cell[name].max())}" for name in ("training", "test"))
        row = f"{decay:7g} {units:5d} {training:>15} {test:>16} {np.median(cell['test']):7.3f} {cell['predictions']:11.4f}"
        few, many = min(cell["different"]), max(cell["different"])
        different = f"{few} – {many}" if few < many else few
        yield f"{row} {cell['raw']:7.3f} {cell['matched']:7.3f} {different:>9}" if units else row
    yield ""
    for decay in grid(measured)[0]:
        cells = [cell for (d, _), cell in measured.items() if d == decay]
        count, total = sum(cell["converged"] for cell in cells), sum(len(cell["test"]) for cell in cells)
        yield f"decay {decay:g}: {count} of {total} fits converged within the steps allowed"


def table_of_uses(measured):
    yield "What several restarts are good for. The test error, relative to the Bayes error, of"
    yield ""
    yield f"{'':13} {'one start,':>11} {'the lowest':>11} {'the lowest':>11} {'the average':>11} {'the average':>11}"
    heads = "on average", "criterion", "validation", "prediction", "weights"
    yield f"{'decay':>7} {'units':>5} {' '.join(f'{head:>11}' for head in heads)}"
    for (decay, units), cell in sorted(measured.items()):
        lowest = (cell[name]["test"] for name in ("lowest criterion", "lowest validation"))
        errors = cell["test"].mean(), *lowest, cell["average prediction"], cell["average weights"]
        yield f"{decay:7g} {units:5d} {' '.join(f'{short(error):>11}' for error in errors)}"


def chosen_by_validation(measured, decays):
    """The cell, of those with hidden units and one of these decays, whose fit of lowest criterion validates best."""
    cells = [(decay, units) for decay, units in sorted(measured) if units and decay in decays]
    return min(cells, key=lambda cell: measured[cell]["lowest criterion"]["validation"])


def errors_of_choice(measured, decay, fewest=1):
    """The test errors of the fits of lowest criterion with this decay, one for each number of units."""
    return [cell["lowest criterion"]["test"] for (d, units), cell in measured.items() if d == decay and units >= fewest]


def table_of_choice(measured):
    yield "Does a grid search matter? For each decay and number of hidden units the restart of lowest criterion, as the book"
    yield "advises. The test error, relative to the Bayes error, of the best, the worst, and the one chosen by validation:"
    yield ""
    yield f"{'decay':>7} {'best':>7} {'worst':>8} {'chosen':>7}"
    decays, _ = grid(measured)
    for among in [*([decay] for decay in decays), decays]:
        errors = [error for decay in among for error in errors_of_choice(measured, decay)]
        decay, units = chosen = chosen_by_validation(measured, among)
        label = f"{decay:g}" if len(among) == 1 else "any"
        error = measured[chosen]["lowest criterion"]["test"]
        yield f"{label:>7} {short(min(errors)):>7} {short(max(errors)):>8} {short(error):>7}: {units} units, decay {decay:g}"


def findings(measured):
    """What the book found, as (statement, what was measured here, whether it holds).

    The fits must contain widths of 0, 2 and more than 2, no decay, and a strong one.
    """
    decays, widths = grid(measured)
    none, strong, most = decays[0], decays[-1], widths[-1]
    median = {cell: float(np.median(found["test"])) for cell, found in measured.items()}

    training = measured[none, most]["training"]
    yield (
        f"without decay, the training error depends on the start ({most} units)",
        f"{training.min():.3f} to {training.max():.3f}",
        bool(training.max() > 1.05 * training.min()),
    )
    others = [median[strong, units] for units in widths if units > 1]
    yield (
        f"with decay {strong:g}, no hidden units are much worse than any number from 2",
        f"median test error {median[strong, 0]:.3f}, the others at most {max(others):.3f}",
        median[strong, 0] > 1.2 * max(others),
    )
    halves = [[middle_half(measured[decay, units]["test"]) for units in widths if units > 2] for decay in (strong, none)]
    yield (
        f"decay {strong:g} narrows the spread of test errors between starts, for every number of units from 3",
        f"interquartile ranges of at most {max(halves[0]):.3f}, without decay at least {min(halves[1]):.3f}",
        all(narrow < 0.5 * wide for narrow, wide in zip(*halves, strict=True)),
    )
    others = [median[none, units] for units in widths if units != 2]
    yield (
        "without decay, two units are best, and many overfit",
        f"median test error {median[none, 2]:.3f}, others at least {min(others):.3f}, {most} units {median[none, most]:.3f}",
        median[none, 2] < min(others) and median[none, most] > 1.1 * median[none, 2],
    )
    others = [median[strong, units] for units in widths if units > 1]
    yield (
        f"with decay {strong:g}, every number of units from 2 does well",
        f"median test errors {min(others):.3f} to {max(others):.3f}",
        max(others) < 1.1 * min(others),
    )


def conclusions(measured):
    """The answer, in the numbers measured."""
    decays, widths = grid(measured)
    none, slight, strong, most = *decays[:2], decays[-1], widths[-1]
    cell, other = measured[strong, most], measured[slight, most]
    enough, without = (errors_of_choice(measured, decay, fewest=2) for decay in (strong, none))
    decay, units = chosen = chosen_by_validation(measured, decays)
    yield (
        f"Weights vary wildly with the start, functions need not: with {most} units and decay {strong:g}, two restarts' weights"
        f" are {cell['raw']:.2f} of their length apart ({cell['matched']:.2f} once order and signs of the units are matched),"
        f" but their predictions only {cell['predictions']:.4f} standard deviations of the noise; with decay {slight:g} these"
        f" are {other['predictions']:.2f} apart, and averaging them lowers the test error from {other['test'].mean():.2f} (one"
        f" start, on average) to {other['average prediction']:.2f}."
    )
    yield (
        f"A search by brute force is not needed, a weight decay is: with {strong:g}, any number of units from 2 to {most} has a"
        f" test error between {short(min(enough))} and {short(max(enough))} (and {most} units learn to be"
        f" {np.median(cell['different']):g} different ones), without decay between {short(min(without))} and"
        f" {short(max(without))}; what validation chose from the whole grid, {units} units and decay {decay:g}, has"
        f" {short(measured[chosen]['lowest criterion']['test'])}."
    )


def draw_tests(ax, measured, decay, style, top):
    """Box plots as in the book's figures 11.6 and 11.7, with each fit as a dot; fits above the top as a number."""
    colour, marker = style
    _, widths = grid(measured)
    errors = [measured[decay, units]["test"] for units in widths]
    lines = {name: {"color": colour} for name in ("whiskerprops", "capprops")}
    box = {"facecolor": colour, "alpha": 0.3, "edgecolor": colour}
    median = {"color": "black", "linewidth": 1.8}
    ax.boxplot(
        errors, positions=widths, widths=0.62, showfliers=False, patch_artist=True, boxprops=box, medianprops=median, **lines
    )
    above = {"textcoords": "offset points", "fontsize": "small"}
    for units, values in zip(widths, errors, strict=True):
        seen = values < top
        ax.plot((units + np.linspace(-0.2, 0.2, len(values)))[seen], values[seen], marker, color=colour, markersize=3)
        if not seen.all():
            ax.annotate(f"{np.sum(~seen)} ↑", (units, top), (0, 3), ha="center", color=colour, **above)
    if np.max(errors) >= top:
        ax.annotate("above:", (-0.6, top), (0, 3), color=colour, **above)
    ax.axhline(1, color="#555555", linewidth=1, linestyle=(0, (4, 3)))
    ax.annotate("Bayes", (widths[-1] + 0.6, 1), (0, 2), ha="right", color="#555555", **above)
    ax.set_title(f"weight decay {decay:g}" if decay else "no weight decay", pad=18)


def draw_tests_axis(ax, top):
    ax.set_yscale("log")
    ax.set_ylim(0.95, top)
    ax.set_yticks([1, 1.5, 2, 3, 4, 6], ["1", "1.5", "2", "3", "4", "6"])
    ax.set_yticks([], minor=True)


def draw_lines(ax, measured, name, line="-"):
    """What varies, over the number of hidden units: a line for each decay."""
    decays, widths = grid(measured)
    hidden = [units for units in widths if units]
    for decay, (colour, marker) in zip(decays, STYLES, strict=False):
        label = f"decay {decay:g}" if decay else "no decay"
        values = [measured[decay, units][name] for units in hidden]
        ax.plot(hidden, values, line, marker=marker, markersize=5, color=colour, label=label, clip_on=False, zorder=3)


def picture(measured, path, top=6):
    """The test errors in the book's manner; below, what varies between restarts."""
    decays, widths = grid(measured)
    figure, axes = plt.subplots(2, max(3, len(decays)), figsize=(12.5, 7.5), layout="constrained")
    for ax, decay, style in zip(axes[0], decays, STYLES, strict=False):
        draw_tests(ax, measured, decay, style, top)
        draw_tests_axis(ax, top)
    axes[0, 0].set_ylabel("test error / Bayes error")
    training, predictions, weights = axes[1, :3]
    draw_lines(training, measured, "range of training")
    training.set(title="Between restarts: training error", ylabel="range / Bayes error")
    training.legend(frameon=False, loc="upper right", bbox_to_anchor=(1.02, 1), fontsize="small")
    draw_lines(predictions, measured, "predictions")
    predictions.set(title="Between restarts: predictions", ylabel="rms / sd of the noise")
    draw_lines(weights, measured, "raw", ":")
    draw_lines(weights, measured, "matched")
    weights.set(title="Between restarts: weights", ylabel="distance / length")
    meaning = [Line2D([], [], color="#555555", linestyle=line, label=label) for line, label in MEANING.items()]
    weights.legend(handles=meaning, frameon=False, loc="upper right", bbox_to_anchor=(1.02, 1), fontsize="small")
    for ax in (*axes[0, len(decays) :], *axes[1, 3:]):
        ax.remove()
    for ax in figure.axes:
        ax.set_xticks(widths, widths)
        ax.set(xlim=(-0.6, widths[-1] + 0.6), xlabel="hidden units")
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", alpha=0.25)
    for ax in (training, predictions, weights):
        ax.set_ylim(0, 1.3 * max(ax.get_ylim()[1], 0.01))
    figure.savefig(path)
    plt.close(figure)


def write_fits(fits, path):
    """All fits, to the last bit."""
    with path.open("w", newline="", encoding="utf-8") as file:
        names = [name for name in fits[0] if name != "weights"]
        writer = csv.writer(file)
        writer.writerow([*names, "weights"])
        for fit in fits:
            theta = np.concatenate([np.ravel(w) for w in fit["weights"]])
            writer.writerow([*(repr(fit[name]) for name in names), " ".join(map(repr, theta.tolist()))])


def report(measured, fits, folder):
    """Write everything to files, and print what fits a screen."""
    tables = ["\n".join(table(measured)) for table in (table_of_variation, table_of_uses, table_of_choice)]
    (folder / "tables.txt").write_text("\n\n".join(tables) + "\n", encoding="utf-8")
    write_fits(fits, folder / "fits.csv")
    picture(measured, folder / "restarts.svg")
    print(*tables, sep="\n\n", end="\n\n")
    print("What the book found, here:")
    for statement, figures, holds in findings(measured):
        print(f"  {'holds' if holds else 'does not hold'}: {statement}:\n    {figures}")
    print("", *(textwrap.fill(conclusion, 120) for conclusion in conclusions(measured)), sep="\n")
    print(f"\nWritten to {folder}/: restarts.svg, tables.txt, fits.csv")
