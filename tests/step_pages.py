"""Networks whose backward steps become pages, the pages, and the data in them."""

import functools
import json
import re

from diagrams import STRANGE
from networks import small_network

from microgradnn import Tensor, backward_steps
from microgradnn.pages.step_page import to_step_page


def scalars():
    """L = (a x)², a = 2 x, x = 3: x gets two contributions."""
    x = Tensor(3.0, requires_grad=True, name="x")
    return (((x * 2).named("a") * x) ** 2).named("L")


def strange():
    """A network whose tensors are called by markup."""
    W = Tensor([[1.0, -2.0]], requires_grad=True, name=STRANGE)
    return (Tensor([[3.0], [4.0]], name="<b>x</b>") @ W).sum().named("L & <i>co</i>")


def long_chain():
    """201 steps: x ← tanh(x + w), 67 times."""
    w = Tensor(0.1, requires_grad=True, name="w")
    x = Tensor(0.5, requires_grad=True, name="x")
    for _ in range(67):
        x = (x + w).tanh()
    return x.named("L")


@functools.cache
def steps_of(network):
    """The steps of one of the networks above, made once."""
    return backward_steps(network()[0] if network is small_network else network())


@functools.cache
def page_of(network):
    return to_step_page(steps_of(network))


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])
