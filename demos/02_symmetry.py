"""Are hidden units redundant, since all see the same inputs? Start them equal, and they are; start them at random, and not.

Run it with `python demos/02_symmetry.py`. It trains the source's network twice on real patients and writes to the folder
`pictures`: the units' weights over training, side by side, and the chain-rule graphs of ∂L/∂W₁₁ and ∂L/∂W₁₂ for both.
"""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from source_network import SourceNetwork, arguments, diabetes, save_diagram

from microgradnn import chain_rule, optim

BODY_MASS = 2  # the measurement whose weights are shown
COLOURS = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"  # Okabe and Ito's, told apart by the colour-blind too


class ColumnByColumn(SourceNetwork):
    """The same network, adding up every unit's inputs in the same order.

    The matrix product may add up the columns of W in different orders, according to how many fit a register of the
    processor. The last bit of equal units would then differ, and training makes differences grow.
    """

    def weighted_inputs(self, x):
        return (x[:, None] * self.W).sum(axis=0)


def train(network, X, T, epochs, alpha, seed):
    """Returns the hidden units' weights for the body mass index, before each patient: shape (steps, hidden)."""
    rng = np.random.default_rng(seed)
    descent = optim.SGD(network.parameters(), lr=alpha)
    weights = []
    for _ in range(epochs):
        for i in rng.permutation(len(X)):
            weights.append(network.W.data[BODY_MASS].copy())
            descent.zero_grad()
            network.loss(X[i], T[i]).backward()
            descent.step()
    return np.array(weights)


def all_equal(network):
    """Whether all hidden units have the same incoming and outgoing weights, to the last bit."""
    W, b_h, V = network.W.data, network.b_h.data, network.V.data
    return bool((W[:, :1] == W).all() and (b_h == b_h[0]).all() and (V[0] == V).all())


def save_weights(weights, path, patients):
    figure, axes = plt.subplots(1, len(weights), figsize=(9, 3.8), layout="constrained", sharey=True)
    for ax, (title, steps) in zip(axes, weights.items(), strict=True):
        epochs = np.arange(len(steps)) / patients
        units = steps.shape[1]
        for j in range(units):
            # Where lines coincide, the first is the widest, so that all of them can be seen.
            ax.plot(
                epochs,
                steps[:, j],
                color=COLOURS[j % len(COLOURS)],
                linewidth=1.2 + 5 * (1 - (j + 1) / units),
                label=f"unit {j + 1}",
            )
        ax.set(title=title, xlabel="epoch", xlim=(0, epochs[-1]))
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(alpha=0.25)
    axes[0].set_ylabel("weight of the body mass index")
    if units <= len(COLOURS):
        axes[0].legend(frameon=False)
    figure.savefig(path)


def main():
    given = arguments(__doc__.partition("\n")[0])
    rng = np.random.default_rng(given.seed)
    X, T = diabetes()
    inputs, hidden = X.shape[1], given.hidden
    starts = {
        "equal": (np.full((inputs, hidden), 0.1), np.full(hidden, 0.5)),
        "random": (rng.normal(0, inputs**-0.5, (inputs, hidden)), rng.normal(0, hidden**-0.5, hidden)),
    }
    weights = {}
    for start, (W, V) in starts.items():
        network = ColumnByColumn(W, V)
        weights[f"{start} initial weights"] = train(network, X, T, given.epochs, given.alpha, given.seed)
        print(f"{start} initial weights: mean loss {network.mean_loss(X, T):.4f} after {given.epochs} epochs;", end=" ")
        print(f"hidden units equal to the last bit: {all_equal(network)}")
        L = network.loss(X[0], T[0])
        L.backward()
        derivations = [chain_rule(L, network.W[0, j]) for j in (0, 1)]
        print(f"    {'for the first patient':24}{'∂L/∂W₁₁':>12}{'∂L/∂W₁₂':>12}")
        for one, other in zip(*(derivation.paths[0].partials for derivation in derivations), strict=True):
            print(f"    {one.name + ', ' + other.name:24}{one.value:12.6f}{other.value:12.6f}")
        print(f"    {'product':24}{derivations[0].value:12.6f}{derivations[1].value:12.6f}\n")
        for j, derivation in enumerate(derivations):
            save_diagram(derivation.diagram, given.out / f"{start}_dL_dW1{j + 1}.svg")
    save_weights(weights, given.out / "symmetry.svg", patients=len(X))
    print("Equal units get equal gradients at every step, so they stay equal for ever: together they are one unit.")
    print("Units that start differently get different gradients, and part: this is what random initial weights are for.")
    print(f"Pictures in {given.out}/: symmetry.svg, and {{equal,random}}_dL_dW1{{1,2}}.svg")


if __name__ == "__main__":
    main()
