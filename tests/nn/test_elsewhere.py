"""Networks from elsewhere: scikit-learn's here; PyTorch's, which may not be installed, in oracles/test_elsewhere_oracle.py."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.tree import DecisionTreeClassifier

from microgradnn import chain_rule, nn

rng = np.random.default_rng(0)
X, two, three, numbers = rng.normal(size=(40, 4)), rng.integers(0, 2, 40), rng.integers(0, 3, 40), rng.normal(size=40)
PERCEPTRON = {"hidden_layer_sizes": [5, 3], "solver": "lbfgs", "max_iter": 30, "random_state": 0}


@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("target", [two, three, numbers], ids=["two classes", "three classes", "numbers"])
def test_perceptrons(activation, target):
    """Probabilities and predictions are scikit-learn's."""
    kind = MLPRegressor if target is numbers else MLPClassifier
    fitted = kind(activation=activation, **PERCEPTRON).fit(X, target)
    network = nn.from_sklearn(fitted)
    expected = fitted.predict(X)[:, None] if target is numbers else fitted.predict_proba(X)
    expected = expected[:, 1:] if target is two else expected
    np.testing.assert_allclose(network(X).data, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("fitted", "classes"),
    [
        (LinearRegression().fit(X, numbers), 0),
        (Ridge().fit(X, numbers), 0),
        (LogisticRegression().fit(X, two), 2),
        (LogisticRegression().fit(X, three), 3),
    ],
)
def test_linear_models(fitted, classes):
    """They are a network without a hidden layer."""
    expected = fitted.predict_proba(X) if classes else fitted.predict(X)[:, None]
    np.testing.assert_allclose(nn.from_sklearn(fitted)(X).data, expected[:, 1:] if classes == 2 else expected, rtol=1e-7)


@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_a_weight_is_explained():
    """The derivation of one weight of a classifier that scikit-learn trained, with both checks."""
    fitted = MLPClassifier(activation="tanh", **{**PERCEPTRON, "hidden_layer_sizes": [3]}).fit(X, two)
    network = nn.from_sklearn(fitted)
    L = nn.binary_cross_entropy(network(X[0]), two[:1].astype(float)).named("L")
    L.backward()
    rule = str(chain_rule(L, network.hidden.W[0, 1]))
    assert rule.startswith("∂L/∂hidden.W₁₂") and rule.count("✓") == 2


def test_refusals():
    """What is not fitted, what is no network, and what is no estimator."""
    with pytest.raises(ValueError, match="MLPClassifier is not fitted yet"):
        nn.from_sklearn(MLPClassifier())
    with pytest.raises(ValueError, match="LinearRegression is not fitted yet"):
        nn.from_sklearn(LinearRegression())
    with pytest.raises(TypeError, match="DecisionTreeClassifier is no network of weighted sums"):
        nn.from_sklearn(DecisionTreeClassifier().fit(X, two))
    with pytest.raises(TypeError, match="it was given a int"):
        nn.from_sklearn(3)
    with pytest.raises(TypeError, match="from_torch takes a module of PyTorch's"):
        nn.from_torch(nn.Tanh())


def test_a_module_is_told_by_its_names():
    """Without PyTorch: classes that are called as its own are converted, weights turned, and what is unknown is listed."""

    class Numbers(np.ndarray):
        def detach(self):
            return self

        cpu = numpy = detach

    def as_theirs(array):
        return np.asarray(array, float).view(Numbers)

    base = type("Module", (), {"__module__": "torch.nn.modules.module", "state_dict": None, "training": True})

    def layer(name, **attributes):
        return type(name, (base,), {"__module__": "torch.nn.modules.any", **attributes})()

    linear = layer("Linear", in_features=2, out_features=3, weight=as_theirs(np.ones((3, 2))), bias=as_theirs([1, 2, 3]))
    children = {"first": linear, "bend": layer("Tanh")}
    network = nn.from_torch(layer("Sequential", named_children=lambda self: children.items()))
    np.testing.assert_allclose(network(np.ones((1, 2))).data, np.tanh([[3.0, 4.0, 5.0]]))
    assert [name for name, _ in network.named_parameters()] == ["first.W", "first.b"]
    with pytest.raises(ValueError, match="the module: Bilinear"):
        nn.from_torch(layer("Bilinear"))
