"""Networks from elsewhere: scikit-learn's, and recorded ones of PyTorch's; oracles/test_elsewhere_oracle.py has itself."""

import numpy as np
import pytest
from recorded_modules import recorded, stand_in
from sklearn.cross_decomposition import PLSRegression
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge, SGDClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from microgradnn import Tensor, chain_rule, nn

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


@pytest.mark.parametrize(
    ("fitted", "how"),
    [
        (PoissonRegressor().fit(X, abs(numbers)), "predict"),
        (SGDClassifier(loss="log_loss", random_state=0).fit(X, three), "predict_proba"),
        (SGDClassifier(loss="modified_huber", random_state=0).fit(X, two), "predict_proba"),
        (SVC(kernel="linear").fit(X, three), "decision_function"),
        (PLSRegression(2).fit(3 + X, np.stack([numbers, numbers**2], axis=1)), "predict"),
    ],
)
def test_what_makes_something_else_of_its_weights(fitted, how):
    """exp of the sum, one against all, pairs of classes, inputs that are centred: refused, since outputs would differ."""
    with pytest.raises(TypeError, match=f"{type(fitted).__name__} makes something else of its weights .*\n.*its {how} differs"):
        nn.from_sklearn(fitted)


def test_scores_without_probabilities():
    """Of a classifier that gives none, what decision_function does."""
    fitted = LinearSVC().fit(X, three)
    np.testing.assert_allclose(nn.from_sklearn(fitted)(X).data, fitted.decision_function(X), rtol=1e-7)


@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_counts_by_a_perceptron():
    """A network for counts ends in exp, as it does there."""
    fitted = MLPRegressor(loss="poisson", **PERCEPTRON).fit(X, abs(numbers))
    np.testing.assert_allclose(nn.from_sklearn(fitted)(X).data[:, 0], fitted.predict(X), rtol=1e-7)


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


@pytest.mark.parametrize("name", recorded())
def test_recorded_modules(name):
    """Modules of PyTorch's, from a perceptron to a transformer layer: our values and gradients are those that it computed."""
    record = recorded()[name]
    network, x = nn.from_torch(stand_in(record["module"])), Tensor(np.array(record["x"]), requires_grad=True)
    z = network(x)
    z = z[0] if isinstance(z, tuple) else z
    (z * z).sum().backward()
    np.testing.assert_allclose(z.data, record["z"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(x.grad, record["dx"], rtol=1e-8, atol=1e-9)
    assert not network.training


def test_a_weight_of_a_recorded_network_of_images_is_explained():
    """The derivation of one weight of a convolution that PyTorch trained, with both checks, and layers called as there."""
    record = recorded()["images"]
    network = nn.from_torch(stand_in(record["module"]))
    L = nn.nll_loss(network(np.array(record["x"])[:1]), [1]).named("L")
    L.backward()
    rule = str(chain_rule(L, network[0].W[1, 0, 1, 1]))
    assert rule.startswith("∂L/∂") and rule.count("✓") == 2
    assert next(iter(network.named_parameters()))[0] == "0.W"


def test_a_layer_in_two_places():
    """It stands in both, and is one layer; what does nothing stays in its place."""
    module = stand_in(recorded()["perceptron"]["module"])
    square = module.parts["0"]
    square.weight, square.in_features = square.weight[:4], 4
    square.bias, square.out_features = square.bias[:4], 4
    module.parts["2"] = square
    module.parts["3"] = stand_in({"kind": "Identity", "options": {"training": False}, "arrays": {}, "parts": {}})
    network, x = nn.from_torch(module), rng.normal(size=(2, 4))
    W, b = np.asarray(square.weight).T, np.asarray(square.bias)
    np.testing.assert_allclose(network(x).data, np.tanh(x @ W + b) @ W + b, rtol=1e-12)
    assert network[0] is network[2] and len([*network.parameters()]) == 2


def test_what_has_no_counterpart():
    """All of it is listed, with its path: kinds, options that have one value alone, and a forward of its own."""
    record = recorded()["images"]["module"]
    record["parts"]["0"]["options"]["dilation"] = (2, 2)
    record["parts"]["2"]["kind"] = "Hardtanh"
    record["parts"]["5"]["options"]["dim"] = None
    record["parts"]["4"]["parts"]["1"]["kind"] = "Bilinear"
    module = stand_in(record)
    own = type("Own", (type(module).__mro__[1],), {"__module__": "__main__"})()
    own.parts = {"inner": stand_in(recorded()["perceptron"]["module"])}
    module.parts["own"] = own
    with pytest.raises(ValueError, match="have no counterpart") as caught:
        nn.from_torch(module)
    lines = [line.strip() for line in str(caught.value).splitlines()[1:]]
    assert lines[:3] == ["0: Conv2d with dilation=(2, 2); there is dilation=(1, 1)", "2: Hardtanh", "4.1: Bilinear"]
    assert lines.pop(3) == "5: LogSoftmax with dim=None; there it is a number"
    assert lines[3].startswith("own: Own. It is made of layers that are, but its own forward is Python code")
