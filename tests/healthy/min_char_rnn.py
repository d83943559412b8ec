"""After min-char-rnn: a vanilla recurrent network over characters, gradients clipped, Adagrad by hand, state carried on."""

import numpy as np

from microgradnn import Tensor, nn

data = "hello world, hello backprop. " * 20
chars = sorted(set(data))
rng = np.random.default_rng(1)
size, hidden, length = len(chars), 30, 20
Wxh = Tensor(rng.normal(size=(size, hidden)) * 0.1, requires_grad=True)
Whh = Tensor(rng.normal(size=(hidden, hidden)) * 0.1, requires_grad=True)
Why = Tensor(rng.normal(size=(hidden, size)) * 0.1, requires_grad=True)
bh, by = Tensor(np.zeros(hidden), requires_grad=True), Tensor(np.zeros(size), requires_grad=True)
parameters = [Wxh, Whh, Why, bh, by]
memory = [np.zeros(p.shape) for p in parameters]
h, p, smooth = Tensor(np.zeros(hidden)), 0, None
for n in range(120):
    if p + length + 1 >= len(data):
        h, p = Tensor(np.zeros(hidden)), 0
    loss = 0.0
    for t in range(p, p + length):
        x = np.eye(size)[chars.index(data[t])]
        h = (x @ Wxh + h @ Whh + bh).tanh()
        loss = loss + nn.cross_entropy(h @ Why + by, chars.index(data[t + 1]))
    for parameter in parameters:
        parameter.grad = None
    loss.backward()
    for parameter, m in zip(parameters, memory, strict=True):
        g = np.clip(parameter.grad, -5, 5)
        m += g * g
        parameter.data -= 0.1 * g / np.sqrt(m + 1e-8)
    h, p = h.detach(), p + length
    smooth = loss.item() if smooth is None else 0.9 * smooth + 0.1 * loss.item()
assert smooth < 30, smooth
