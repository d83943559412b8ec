"""Train the source's network on real patients, then show where the gradient of one weight comes from.

Run it with `python demos/01_one_weight.py`. It prints the derivations of ∂L/∂W₁₁ and ∂L/∂W₁₂ for one patient, and
writes the loss curve and both chain-rule graphs to the folder `pictures`.
"""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from source_network import SourceNetwork, arguments, diabetes, save_diagram
from tqdm import tqdm

from microgradnn import chain_rule, optim


def train(network, X, T, epochs, alpha, rng):
    """Stochastic gradient descent, one patient at a time. Returns the mean loss before the first epoch and after each."""
    descent = optim.SGD(network.parameters(), lr=alpha)
    history = [network.mean_loss(X, T)]
    progress = tqdm(range(epochs), desc="training", unit="epoch")
    for _ in progress:
        for i in rng.permutation(len(X)):
            descent.zero_grad()
            network.loss(X[i], T[i]).backward()
            descent.step()
        history.append(network.mean_loss(X, T))
        progress.set_postfix(loss=f"{history[-1]:.4f}")
    return history


def save_loss_curve(history, path):
    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    axes.plot(history, color="#c2410c", linewidth=2)
    axes.set(xlabel="epoch", ylabel="mean of L = (t − o)²", title="One patient at a time", xlim=(0, len(history) - 1), ylim=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    figure.savefig(path)


def main():
    given = arguments(__doc__.partition("\n")[0])
    rng = np.random.default_rng(given.seed)
    X, T = diabetes()
    inputs = X.shape[1]
    W, V = rng.normal(0, inputs**-0.5, (inputs, given.hidden)), rng.normal(0, given.hidden**-0.5, given.hidden)
    network = SourceNetwork(W, V)

    history = train(network, X, T, given.epochs, given.alpha, rng)
    print(f"mean loss {history[0]:.4f} before, {history[-1]:.4f} after {given.epochs} epochs of {len(X)} patients\n")
    save_loss_curve(history, given.out / "loss.svg")

    network.zero_grad()
    L = network.loss(X[0], T[0])
    L.backward()
    print("For the first patient, as the network is now:\n")
    written = [given.out / "loss.svg"]
    for j in (0, 1):
        derivation = chain_rule(L, network.W[0, j])
        print(derivation, end="\n\n")
        written.append(save_diagram(derivation.diagram, given.out / f"dL_dW1{j + 1}.svg"))
    print("The two differ in V₁ and V₂, h₁ and h₂ alone: this is why the units learn different things.")
    print("Pictures:", *written)


if __name__ == "__main__":
    main()
