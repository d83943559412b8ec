"""The history of a training: in words and in a picture."""

import sys

import numpy as np
import pytest
from trainings import points, stopped, trained

from microgradnn.training import History, accuracy


def test_history_in_words():
    """A history shows its first, best and last epoch, and why it ended."""
    history = stopped([5, 4, 3, 3.25, 3.5, 2], patience=2)[0]
    assert repr(history) == (
        "History of 5 epochs (after epoch 5, no better for 2)\n"
        "epoch  loss  lr\n"
        "    1     5   1\n"
        "    3     3   1  best\n"
        "    5   3.5   1"
    )
    assert repr(History()) == "History of 0 epochs\nepoch"
    assert "\x1b" not in repr(History({"loss": [1.0], "\x1b[2J": [2.0]}))


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([2.0, 1.0], []),
        ([2.0, np.nan, 1.0], []),
        ([2.0, np.nan, 1.0, np.nan, np.nan], ["nan from epoch 4 on; run it inside checked() to find where"]),
        ([np.inf, np.nan], ["inf from epoch 1 on; run it inside checked() to find where"]),
    ],
)
def test_a_training_that_diverges(losses, said):
    """A history whose loss stopped being a number for good says since when, and how to find where."""
    history = History()
    for loss in losses:
        history.append({"loss": loss})
    assert [line for line in repr(history).splitlines() if "checked()" in line] == said


def test_history_in_a_picture(tmp_path):
    """A plot has a panel for the loss, one for each metric, and one for a learning rate that changes."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    _, _, history = trained(validation=points(20, 1), metrics={"accuracy": accuracy})
    axes = history.plot()
    assert [ax.get_title() for ax in axes] == ["loss", "accuracy"]
    assert [list(line.get_ydata()) for line in axes[0].lines[:2]] == [history["loss"], history["validation_loss"]]
    history["lr"][-1] /= 2
    axes = history.plot()
    assert [ax.get_title() for ax in axes] == ["loss", "accuracy", "learning rate"]
    axes[0].figure.savefig(tmp_path / "history.png")
    plt.close("all")
    with pytest.raises(ValueError, match=r"^There is nothing to draw: this history has no epoch\.$"):
        History().plot()


def test_without_matplotlib(monkeypatch):
    """Where matplotlib is missing, a plot says so, and where the figures are."""
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError) as caught:
        trained()[2].plot()
    assert str(caught.value).startswith("History.plot draws with matplotlib, which is not installed: python -m pip install")
    assert "history['loss']" in str(caught.value)
