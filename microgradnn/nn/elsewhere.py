"""Networks that were trained elsewhere, with the same weights: PyTorch's modules and scikit-learn's perceptrons.

So people can explain, draw and step through a network that they have. Neither library is imported here: a module is told by
the names of its classes, and its weights are read as NumPy's arrays.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ops import exp, gelu, relu, sigmoid, silu, softmax, tanh
from ..tensor import Tensor
from .activations import ELU, GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh
from .attention import MultiHeadAttention, TransformerBlock
from .containers import MLP, Sequential
from .convolution import AvgPool1d, AvgPool2d, Conv1d, Conv2d, MaxPool1d, MaxPool2d
from .layers import Dropout, Embedding, Flatten, Linear
from .normalisation import BatchNorm, LayerNorm
from .recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell

if TYPE_CHECKING:
    from collections.abc import Callable

WHOLE = (
    "It is made of layers that are, but its own forward is Python code: write it here with its parts, from_torch(module.part)."
)
PARAMETRIZED = (
    "Its weights are computed from others; torch.nn.utils.parametrize.remove_parametrizations(module, 'weight') leaves them."
)


def from_torch(module: Any) -> Any:
    """A PyTorch module as a network of ours, with copies of its weights.

    Parameters
    ----------
    module : torch.nn.Module
        A `Sequential`, however deep, of layers that both have; or one such layer.

    Returns
    -------
    Module
        Each layer in the mode, training or evaluation, that it is in there, and frozen if all its parameters are. Layers keep
        their names; one that stands in two places is one layer here, too.

    Raises
    ------
    TypeError
        If it is no module of PyTorch's.
    ValueError
        If something in it has no counterpart here, or an option of a layer has none; the message lists all of them.

    Examples
    --------
    The derivation of one weight of a small convolutional network. The tests run this where PyTorch is installed, and elsewhere
    with modules that were recorded:

    >>> import torch  # doctest: +SKIP
    >>> from microgradnn import chain_rule, nn
    >>> theirs = torch.nn.Sequential(  # doctest: +SKIP
    ...     torch.nn.Conv2d(1, 2, 2), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(2, 2)
    ... )
    >>> for i, parameter in enumerate(theirs.parameters()):  # doctest: +SKIP
    ...     _ = torch.nn.init.constant_(parameter, 0.5 - 0.25 * i)
    >>> network = nn.from_torch(theirs.double())  # doctest: +SKIP
    >>> L = nn.cross_entropy(network([[[[1.0, 2.0], [3.0, 4.0]]]]), [1]).named("L")  # doctest: +SKIP
    >>> L.backward()  # doctest: +SKIP
    >>> rule = chain_rule(L, network[0].W[1, 0, 0, 1])  # doctest: +SKIP
    >>> str(rule).splitlines()[-1].endswith("✓")  # doctest: +SKIP
    True
    """
    if not hasattr(module, "state_dict") or not type(module).__mro__[-2].__module__.startswith("torch"):
        raise TypeError(f"from_torch takes a module of PyTorch's, a torch.nn.Module; it was given a {type(module).__name__}.")
    missing = list(without_counterpart(module, ""))
    if missing:
        raise ValueError("from_torch: these have no counterpart here:\n    " + "\n    ".join(missing))
    if any(str(parameter.dtype) == "torch.bfloat16" for parameter in module.parameters()):
        raise ValueError("from_torch: bfloat16 has no counterpart in NumPy; give it module.float().")
    return converted(module, {})


def kind_of(module):
    """The name of a class of PyTorch's; of a user's own class, nothing."""
    cls = type(module)
    return cls.__name__ if cls.__module__.startswith("torch.nn.modules") else ""


def without_counterpart(module, path):
    """Lines about what cannot be converted in a module."""
    kind, called = kind_of(module), path or "the module"
    if kind == "Sequential":
        for name, child in children_of(module):
            if kind_of(child) != "Identity":
                yield from without_counterpart(child, f"{path}.{name}" if path else name)
    elif kind not in CONVERTED:
        why = WHOLE if not kind and any(True for _ in module.children()) else ""
        why = PARAMETRIZED if type(module).__name__.startswith("Parametrized") else why
        yield f"{called}: {type(module).__name__}. {why}".rstrip(". ") + ("." if why else "")
    else:
        yield from (f"{called}: {kind} with {line}" for line in options_without_counterpart(module, kind))
        if kind == "TransformerEncoderLayer":
            yield from without_counterpart(module.self_attn, f"{called}.self_attn")


def children_of(module):
    """The layers of a Sequential with their names, also one that is there a second time, which named_children() leaves out."""
    return [(name, child) for name, child in module.named_modules(remove_duplicate=False) if name and "." not in name]


def options_without_counterpart(module, kind):
    """The options of a layer that have none, and what there is in their place."""
    if kind == "TransformerEncoderLayer" and activation_name(module) not in FUNCTIONS:
        yield f"activation={activation_name(module)!r}; there are {', '.join(FUNCTIONS)}"
    if kind == "MultiheadAttention" and module.dropout and module.training:
        yield f"dropout={module.dropout} in training mode; in evaluation mode it drops nothing"
    for option, usual in UNUSUAL.get(kind, {}).items():
        if getattr(module, option, usual) not in (usual, None):
            yield f"{option}={getattr(module, option)!r}; there is {option}={usual!r}"
    for option in NEEDED.get(kind, ()):
        if getattr(module, option) is None:
            yield f"{option}=None; there it is a number"
    if isinstance(getattr(module, "padding", None), str) and same_padding(module) is None:
        yield f"padding={module.padding!r}; there it is a number, the same on all sides"


def converted(module, known):
    """A module that is known to have a counterpart; `known` are those that were made, by what they were made of."""
    kind = kind_of(module)
    if kind == "Identity":
        return itself
    if id(module) not in known:
        if kind == "Sequential":
            made: Any = Sequential(**{name: converted(child, known) for name, child in children_of(module)})
            made.training = module.training
        else:
            made = CONVERTED[kind](module).train(module.training)
            freeze(made, [*module.parameters()])
        known[id(module)] = made
    return known[id(module)]


def freeze(layer, parameters):
    """Let no parameter of a layer require a gradient, if none of those that it was made of does."""
    if parameters and not any(parameter.requires_grad for parameter in parameters):
        for parameter in [*layer.parameters()]:
            parameter.requires_grad = False


def values(tensor):
    """A tensor of PyTorch's as an array of its own."""
    return np.array(tensor.detach().cpu().numpy())


def put_in(layer, **arrays):
    """Set the parameters of a layer, in the dtype that they come in; None stays None."""
    for name, array in arrays.items():
        tensor = getattr(layer, name)
        if tensor is not None and array is not None:
            fresh = Tensor(array, requires_grad=tensor.requires_grad, name=tensor.name)
            setattr(layer, name, fresh)
    return layer


def optional(tensor, turned=False):
    """A parameter that may be missing."""
    if tensor is None:
        return None
    return values(tensor).T.copy() if turned else values(tensor)


def linear(m):
    """Linear: x W with W of shape (inputs, outputs), which PyTorch keeps transposed."""
    layer = Linear(m.in_features, m.out_features, m.bias is not None, rng=0)
    return put_in(layer, W=optional(m.weight, turned=True), b=optional(m.bias))


def convolution(kind: Callable[..., Any]) -> Callable[[Any], Any]:
    """Conv1d and Conv2d, whose kernels have the same layout."""

    def made(m):
        window, steps = single(m.kernel_size), single(m.stride)
        padding = same_padding(m) if isinstance(m.padding, str) else single(m.padding)
        layer = kind(m.in_channels, m.out_channels, window, steps, padding, m.bias is not None, rng=0)
        return put_in(layer, W=values(m.weight), b=optional(m.bias))

    return made


def same_padding(m):
    """The numbers that stand for padding="valid" or "same"; None where the sides would get different ones."""
    if m.padding == "valid":
        return 0
    return None if any(side % 2 == 0 for side in m.kernel_size) else single(tuple(side // 2 for side in m.kernel_size))


def single(pair):
    """One number for two that are equal."""
    return pair[0] if isinstance(pair, tuple) and len(set(pair)) == 1 else pair


def pooling(kind: Callable[..., Any]) -> Callable[[Any], Any]:
    """Pooling, which has no weights."""

    def made(m):
        return kind(single(m.kernel_size), stride=single(m.stride), padding=single(m.padding))

    return made


def batch_norm(m):
    """BatchNorm with its running averages."""
    layer = BatchNorm(m.num_features, m.eps, m.momentum, m.affine)
    put_in(layer, gamma=optional(m.weight), beta=optional(m.bias))
    return put_in(layer, running_mean=optional(m.running_mean), running_var=optional(m.running_var))


def layer_norm(m):
    """LayerNorm."""
    layer = LayerNorm(tuple(m.normalized_shape), m.eps, m.weight is not None)
    put_in(layer, gamma=optional(m.weight), beta=optional(m.bias))
    if m.weight is not None and m.bias is None:  # nothing is added, and nothing is learnt there
        layer.beta.requires_grad = False
        put_in(layer, beta=np.zeros_like(values(m.weight)))
    return layer


def embedding(m):
    """Embedding."""
    return put_in(Embedding(m.num_embeddings, m.embedding_dim, rng=0), W=values(m.weight))


def cell(kind: Callable[..., Any]) -> Callable[[Any], Any]:
    """One step of a recurrent network; PyTorch's two biases are added up where they are."""

    def made(m):
        options = {"nonlinearity": m.nonlinearity} if kind is RNNCell else {}
        return filled_cell(kind(m.input_size, m.hidden_size, m.bias, rng=0, **options), m, "")

    return made


def filled_cell(ours, m, end):
    """A cell with the weights of PyTorch's of this ending."""
    put_in(ours, Wx=optional(getattr(m, f"weight_ih{end}"), True), Wh=optional(getattr(m, f"weight_hh{end}"), True))
    if ours.b is not None:
        of_x, of_h = values(getattr(m, f"bias_ih{end}")), values(getattr(m, f"bias_hh{end}"))
        if isinstance(ours, GRUCell):
            together = of_x + np.concatenate([of_h[: 2 * ours.units], np.zeros_like(of_h[2 * ours.units :])])
            put_in(ours, b=together, bh=of_h[2 * ours.units :].copy())
        else:
            put_in(ours, b=of_x + of_h)
    return ours


def sequence(kind: Callable[..., Any]) -> Callable[[Any], Any]:
    """A recurrent network along a sequence."""

    def made(m):
        options = {"nonlinearity": m.nonlinearity} if kind is RNN else {}
        layer = kind(m.input_size, m.hidden_size, m.num_layers, m.bias, m.batch_first, rng=0, **options)
        for i, ours in enumerate(layer.cells):
            filled_cell(ours, m, f"_l{i}")
        return layer

    return made


def attention(m):
    """MultiHeadAttention, whose query, key and value stand in one matrix there."""
    layer = MultiHeadAttention(m.embed_dim, m.num_heads, m.in_proj_bias is not None, rng=0)
    for i, part in enumerate((layer.query, layer.key, layer.value)):
        rows = slice(i * m.embed_dim, (i + 1) * m.embed_dim)
        bias = None if m.in_proj_bias is None else values(m.in_proj_bias)[rows].copy()
        put_in(part, W=values(m.in_proj_weight)[rows].T.copy(), b=bias)
    put_in(layer.out, W=optional(m.out_proj.weight, True), b=optional(m.out_proj.bias))
    return layer


def transformer(m):
    """TransformerBlock."""
    width, heads, hidden = m.self_attn.embed_dim, m.self_attn.num_heads, m.linear1.out_features
    layer = TransformerBlock(width, heads, hidden, FUNCTIONS[activation_name(m)], m.dropout1.p, rng=0)
    layer.attention = attention(m.self_attn)
    layer.up, layer.down = linear(m.linear1), linear(m.linear2)
    layer.norm1, layer.norm2 = layer_norm(m.norm1), layer_norm(m.norm2)
    return layer


def activation_name(m):
    """What the activation of a transformer layer is called."""
    return getattr(m.activation, "__name__", type(m.activation).__name__).lower()


def plain(layer: Callable[..., Any], **options: str) -> Callable[[Any], Any]:
    """A layer without weights, with options of PyTorch's by our names."""

    def made(m):
        return layer(**{ours: getattr(m, there) for ours, there in options.items()})

    return made


FUNCTIONS = {"relu": relu, "gelu": gelu, "tanh": tanh, "sigmoid": sigmoid, "silu": silu}
CONVERTED: dict[str, Callable[[Any], Any]] = {
    "Linear": linear,
    "Conv1d": convolution(Conv1d),
    "Conv2d": convolution(Conv2d),
    "BatchNorm1d": batch_norm,
    "BatchNorm2d": batch_norm,
    "LayerNorm": layer_norm,
    "Embedding": embedding,
    "MaxPool1d": pooling(MaxPool1d),
    "MaxPool2d": pooling(MaxPool2d),
    "AvgPool1d": pooling(AvgPool1d),
    "AvgPool2d": pooling(AvgPool2d),
    "Flatten": plain(Flatten, start_axis="start_dim"),
    "Dropout": plain(Dropout, p="p"),
    "Tanh": plain(Tanh),
    "Sigmoid": plain(Sigmoid),
    "ReLU": plain(ReLU),
    "SiLU": plain(SiLU),
    "LeakyReLU": plain(LeakyReLU, negative_slope="negative_slope"),
    "ELU": plain(ELU, alpha="alpha"),
    "GELU": plain(GELU, approximate="approximate"),
    "Softplus": plain(Softplus, beta="beta"),
    "Softmax": plain(Softmax, axis="dim"),
    "LogSoftmax": plain(LogSoftmax, axis="dim"),
    "RNNCell": cell(RNNCell),
    "LSTMCell": cell(LSTMCell),
    "GRUCell": cell(GRUCell),
    "RNN": sequence(RNN),
    "LSTM": sequence(LSTM),
    "GRU": sequence(GRU),
    "MultiheadAttention": attention,
    "TransformerEncoderLayer": transformer,
}
AVERAGED = {"track_running_stats": True}
LARGEST = {"dilation": 1, "ceil_mode": False, "return_indices": False}
MEANS = {"ceil_mode": False, "count_include_pad": True, "divisor_override": None}
RECURRENT = {"bidirectional": False, "dropout": 0.0, "proj_size": 0}
UNUSUAL: dict[str, dict[str, Any]] = {  # options that are there with one value alone
    "Conv1d": {"dilation": (1,), "groups": 1, "padding_mode": "zeros"},
    "Conv2d": {"dilation": (1, 1), "groups": 1, "padding_mode": "zeros"},
    "BatchNorm1d": AVERAGED,
    "BatchNorm2d": AVERAGED,
    "MaxPool1d": LARGEST,
    "MaxPool2d": LARGEST,
    "AvgPool1d": MEANS,
    "AvgPool2d": MEANS,
    "Embedding": {"padding_idx": None, "max_norm": None},
    "Flatten": {"end_dim": -1},
    "Softplus": {"threshold": 20},
    "RNN": RECURRENT,
    "LSTM": RECURRENT,
    "GRU": RECURRENT,
    "MultiheadAttention": {"batch_first": True, "add_zero_attn": False, "bias_k": None, "_qkv_same_embed_dim": True},
    "TransformerEncoderLayer": {"norm_first": True},
}
NEEDED = {"Softmax": ("dim",), "LogSoftmax": ("dim",), "BatchNorm1d": ("momentum",), "BatchNorm2d": ("momentum",)}  # not None


# scikit-learn


def itself(x):
    """No activation."""
    return x


ACTIVATIONS = {**FUNCTIONS, "identity": itself, "logistic": sigmoid, "softmax": softmax, "exp": exp}


def from_sklearn(estimator: Any) -> MLP:
    """A fitted scikit-learn perceptron or linear model as a network of ours, with copies of its weights.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, LinearRegression, Ridge, LogisticRegression and their like
        Fitted.

    Returns
    -------
    MLP
        Of a classifier it gives what `predict_proba` does: of several classes the probability of each, of two that of the
        second; or `decision_function`, if there are no probabilities. Of a regressor it gives what `predict` does, with an axis
        for the outputs.

    Raises
    ------
    TypeError
        If it has no weights that could be read so, or does something else with them: that is tried on a few points.
    ValueError
        If it is not fitted yet.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.neural_network import MLPClassifier
    >>> from microgradnn.nn import from_sklearn
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> fitted = MLPClassifier([3], activation="tanh", solver="lbfgs", random_state=0).fit(X, [0, 1, 1, 0])
    >>> network = from_sklearn(fitted)
    >>> network.hidden.W.shape, bool(np.allclose(network(X).data[:, 0], fitted.predict_proba(X)[:, 1]))
    ((2, 3), True)
    """
    kind = type(estimator).__name__
    is_perceptron = hasattr(estimator, "hidden_layer_sizes")
    if not is_perceptron and not hasattr(estimator, "fit"):
        raise TypeError(f"from_sklearn takes a fitted estimator of scikit-learn's; it was given a {kind}.")
    if not hasattr(estimator, "coefs_" if is_perceptron else "coef_"):
        if is_perceptron or not hasattr(estimator, "n_features_in_"):
            raise ValueError(f"from_sklearn: {kind} is not fitted yet: call its fit(X, y) first.")
        raise TypeError(
            f"from_sklearn: {kind} is no network of weighted sums. There are MLPClassifier, MLPRegressor and linear models."
        )
    if is_perceptron:
        weights, biases = estimator.coefs_, estimator.intercepts_
        inner: Any = ACTIVATIONS[estimator.activation]
        outer: Any = ACTIVATIONS[estimator.out_activation_]
    else:
        coefficients = np.atleast_2d(estimator.coef_)
        weights, biases = [coefficients.T], [np.broadcast_to(estimator.intercept_, len(coefficients))]
        inner, outer = itself, (sigmoid if len(coefficients) == 1 else softmax) if hasattr(estimator, "predict_proba") else None
    network = MLP([len(weights[0]), *(W.shape[1] for W in weights)], inner, outer, rng=0)
    for name, W, b in zip(network.names, weights, biases, strict=True):
        put_in(getattr(network, name), W=np.array(W), b=np.array(b, W.dtype))
    refuse_other_outputs(estimator, network)
    return network


def refuse_other_outputs(estimator, network):
    """Raise TypeError unless a network gives what an estimator does, on points drawn at random.

    So is told what makes something else of its weights: exp in a regression of counts, one against all in place of a softmax.
    """
    points = np.random.default_rng(0).normal(size=(8, estimator.n_features_in_))
    points = points.astype(next(iter(network.parameters())).dtype)
    how = next(name for name in ("predict_proba", "decision_function", "predict") if hasattr(estimator, name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about names of columns
        theirs = np.asarray(getattr(estimator, how)(points))
    theirs = theirs.reshape(len(points), -1)
    ours = network(points).data
    theirs = theirs[:, 1:] if how == "predict_proba" and ours.shape[1] == 1 else theirs
    if theirs.shape != ours.shape or not np.allclose(ours, theirs, rtol=1e-4, atol=1e-6):
        raise TypeError(
            f"from_sklearn: {type(estimator).__name__} makes something else of its weights than weighted sums, and perhaps\n"
            f"a sigmoid or a softmax of them: its {how} differs from that of a network with these weights."
        )
