"""Every layer once or more: how to make it, and the shape of an input. Tests in several files run along this table."""

import functools

import numpy as np

from microgradnn import Tensor, nn

LAYERS = {
    "Linear": (functools.partial(nn.Linear, 3, 2), (2, 3)),
    "Linear without b": (functools.partial(nn.Linear, 3, 2, bias=False), (3,)),
    "Conv1d": (functools.partial(nn.Conv1d, 2, 2, 3, stride=2, padding=1), (1, 2, 4)),
    "Conv2d": (functools.partial(nn.Conv2d, 2, 1, 2), (1, 2, 3, 3)),
    "Conv2d without b": (functools.partial(nn.Conv2d, 1, 2, (1, 2), stride=(2, 1), padding=(1, 0), bias=False), (2, 1, 2, 3)),
    "BatchNorm": (functools.partial(nn.BatchNorm, 2), (4, 2)),
    "BatchNorm of images": (functools.partial(nn.BatchNorm, 2, eps=0.1, momentum=0.3), (2, 2, 1, 2)),
    "BatchNorm of sequences": (functools.partial(nn.BatchNorm, 2, affine=False), (2, 2, 3)),
    "LayerNorm": (functools.partial(nn.LayerNorm, 3), (2, 3)),
    "LayerNorm over two axes": (functools.partial(nn.LayerNorm, (2, 2), eps=0.01), (2, 2, 2)),
    "Embedding": (functools.partial(nn.Embedding, 3, 2), None),
    "Flatten": (nn.Flatten, (2, 1, 2)),
    "MaxPool1d": (functools.partial(nn.MaxPool1d, 2), (1, 4)),
    "MaxPool2d": (functools.partial(nn.MaxPool2d, 2, stride=1), (1, 1, 3, 3)),
    "AvgPool1d": (functools.partial(nn.AvgPool1d, 3, stride=1, padding=1), (1, 1, 4)),
    "AvgPool2d": (functools.partial(nn.AvgPool2d, 2), (1, 2, 2, 4)),
    "Tanh": (nn.Tanh, (4,)),
    "Sigmoid": (nn.Sigmoid, (4,)),
    "ReLU": (nn.ReLU, (4,)),
    "LeakyReLU": (functools.partial(nn.LeakyReLU, 0.2), (4,)),
    "ELU": (functools.partial(nn.ELU, alpha=0.5), (4,)),
    "SiLU": (nn.SiLU, (4,)),
    "GELU": (nn.GELU, (4,)),
    "GELU with tanh": (functools.partial(nn.GELU, approximate="tanh"), (4,)),
    "RNNCell": (functools.partial(nn.RNNCell, 3, 2), (2, 3)),
    "RNNCell with relu": (functools.partial(nn.RNNCell, 3, 2, nonlinearity="relu"), (2, 3)),
    "RNNCell without b": (functools.partial(nn.RNNCell, 2, 2, bias=False), (1, 2)),
    "LSTMCell": (functools.partial(nn.LSTMCell, 2, 2), (2, 2)),
    "GRUCell": (functools.partial(nn.GRUCell, 2, 2), (2, 2)),
    "RNN": (functools.partial(nn.RNN, 2, 2), (3, 2, 2)),
    "LSTM": (functools.partial(nn.LSTM, 2, 2, batch_first=True), (2, 3, 2)),
    "GRU": (functools.partial(nn.GRU, 2, 2, layers=2), (3, 1, 2)),
    "MultiHeadAttention": (functools.partial(nn.MultiHeadAttention, 4, 2), (2, 3, 4)),
    "TransformerBlock": (functools.partial(nn.TransformerBlock, 4, 2, 3), (1, 3, 4)),
    "PositionalEncoding": (functools.partial(nn.PositionalEncoding, 4, 5), (2, 3, 4)),
    "Softplus": (functools.partial(nn.Softplus, beta=2), (4,)),
    "Softmax": (nn.Softmax, (2, 3)),
    "Softmax along axis 0": (functools.partial(nn.Softmax, axis=0), (2, 3)),
    "LogSoftmax": (nn.LogSoftmax, (2, 3)),
}
RECURRENT = (nn.RNNCell, nn.LSTMCell, nn.GRUCell, nn.RNN, nn.LSTM, nn.GRU)
ATTENTION = (nn.MultiHeadAttention, nn.TransformerBlock)
WITH_WEIGHTS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Embedding, *RECURRENT, *ATTENTION)  # which take a generator
PHASES = (0.0, 1.0, 2.0)  # of the waves from which BatchNorm gets its running statistics
INDICES = np.array([[2, 0], [2, 2]])  # what the Embedding is given


def wave(shape, phase=0.0):
    """Numbers that a reader can make again anywhere: sin(phase), sin(phase + 1.7), ..."""
    return np.sin(phase + 1.7 * np.arange(np.prod(shape, dtype=int))).reshape(shape)


def made(name, rng=None):
    """A layer of the table. Its parameters are waves, if no generator is given."""
    make, _ = LAYERS[name]
    kind = getattr(make, "func", make)
    layer = make(rng=np.random.default_rng(0) if rng is None else rng) if kind in WITH_WEIGHTS else make()
    for i, parameter in enumerate(layer.parameters()):
        parameter.data[...] = wave(parameter.shape, i + 0.5) if rng is None else rng.normal(size=parameter.shape)
    return layer


def first(z):
    """What a layer computes; of one that returns its state, too, the outputs alone."""
    return z[0] if isinstance(z, tuple) else z


def input_of(name, rng=None):
    """An input for it, which requires a gradient if it can: a wave, if no generator is given."""
    shape = LAYERS[name][1]
    if shape is None:
        return INDICES
    return Tensor(wave(shape, 1.0) if rng is None else rng.normal(size=shape), requires_grad=True, name="x")
