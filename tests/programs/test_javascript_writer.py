"""Programs as JavaScript: they compute what Python does, in every operation, and what cannot be written is refused by name."""

import numpy as np
import pytest
from javascript import cases_of, differences, encoded, job_of
from op_table import TABLE
from strategies import is_floating
from unrolled import home, network

from microgradnn import Op, Tensor, nn, ops, optim
from microgradnn.programs.javascript_writer import CALLED, RESERVED, WRITTEN, javascript, javascript_of_rule, runtime
from microgradnn.programs.program import program_of
from microgradnn.programs.recordings import unchanged
from microgradnn.programs.tracing import Trace

HOME = """function f({ x, W, b_h, V, b_o, t }) {
  // forward
  const z1 = np.matmul(x, W);
  const z2 = np.add(z1, b_h);
  const h = np.tanh(z2);
  const z3 = np.matmul(h, V);
  const o = np.add(z3, b_o);
  const z4 = np.subtract(t, o);
  const L = np.power(z4, 2);
  // backward
  const do_ = np.multiply(-2, z4); // ∂L/∂o = −2 z4
  const dh = np.multiply(do_, V); // ∂L/∂h = do_ · Vᵀ
"""


def program(loss, wanted):
    return program_of(Trace(loss, wanted, unchanged))


def job_for(loss, wanted):
    """The loss and gradients of a recorded graph, which JavaScript is to find too."""
    recorded = program(loss, wanted)
    source, parameters = javascript("f", recorded)
    for x in wanted:
        x.grad = None
    loss.backward()
    return job_of(source, parameters, recorded.arrays, [loss.data, *(x.grad for x in wanted)])


def row_jobs(row, count, dtype):
    """Jobs for a row of the table: a weighted sum of what the operation gives, and its gradients."""
    for op, drawn in cases_of(row, count):
        arrays = [x.astype(dtype) if is_floating(x) else x for x in map(np.asarray, drawn)]
        leaves = [Tensor(x, requires_grad=is_floating(x), name=f"x{i}") for i, x in enumerate(arrays)]
        if isinstance(op, ops.Astype) and op.dtype == np.longdouble:
            continue
        z = op(*leaves)
        weights = Tensor(np.linspace(-1, 2, z.size).reshape(z.shape).astype(dtype), name="weights")
        yield job_for((z * weights).sum(), [x for x in leaves if x.requires_grad])


# What is outside the core that JavaScript has.
REFUSED = {ops.Interp: "interp"}
IN_JAVASCRIPT = {name: row for name, row in TABLE.items() if row.is_written and name not in REFUSED}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_outside_the_core_is_refused(name):
    """An operation outside the core is refused by the name of its primitive."""
    with pytest.raises(TypeError, match=REFUSED[name]):
        list(row_jobs(TABLE[name], 1, "float64"))


@pytest.mark.parametrize(("dtype", "precision", "count"), [("float64", 1e-12, 3), ("float32", 1e-4, 1)])
def test_every_operation_computes_what_python_does(browser, dtype, precision, count):
    """Each row of the table of operations, values and gradients, in one page: nothing is left out that a program can be of."""
    jobs = [(name.__name__, job) for name, row in IN_JAVASCRIPT.items() for job in row_jobs(row, count, dtype)]
    found = differences(browser, [job for _, job in jobs])
    wrong = {name: difference for (name, _), difference in zip(jobs, found, strict=True) if not is_below(difference, precision)}
    assert not wrong
    assert len({name for name, _ in jobs}) == len(IN_JAVASCRIPT)


def is_below(difference, precision):
    return not isinstance(difference, str) and difference is not None and difference < precision


def networks():
    """A batch through two layers, a convolution, attention, a recurrence, a classifier, a gradient of a gradient."""
    rng = np.random.default_rng(3)

    def tensor(name, *shape):
        return Tensor(rng.normal(size=shape), requires_grad=True, name=name)

    loss, _, leaves = network(4)
    yield loss, leaves
    images, conv = tensor("images", 2, 1, 6, 6), nn.Conv2d(1, 2, 3, rng=rng)
    yield nn.MaxPool2d(2)(conv(images)).sum(), [images, *conv.parameters()]
    q, k, v = tensor("q", 3, 4), tensor("k", 3, 4), tensor("v", 3, 2)
    yield ((ops.softmax(q @ k.T / 2, axis=-1) @ v) ** 2).sum(), [q, k, v]
    W, U, h = tensor("W", 2, 3), tensor("U", 3, 3), Tensor(np.zeros(3))
    for x in rng.normal(size=(4, 2)):
        h = ops.tanh(Tensor(x) @ W + h @ U)
    yield h.sum(), [W, U]
    x, net = tensor("x", 5, 4), nn.MLP([4, 6, 3], rng=rng)
    yield nn.cross_entropy(net(x), rng.integers(0, 3, 5)), [x, *net.parameters()]
    yield nn.LayerNorm(4)(x).prod(axis=1).sum(), [x]


def test_networks_compute_what_python_does(browser):
    """Layers together, as people write them, agree with backward() to rounding."""
    for difference in differences(browser, [job_for(loss, leaves) for loss, leaves in networks()]):
        assert is_below(difference, 1e-12), difference


FUNCTIONS = [  # what rules use seldom, or with other parameters than operations do
    ("np.var(x, {axis: 1, ddof: 1})", lambda x: x.var(axis=1, ddof=1)),
    ("np.std(x, {keepdims: true})", lambda x: x.std(keepdims=True)),
    ("np.argmax(x, {axis: 1})", lambda x: x.argmax(axis=1)),
    ("np.argmin(x, {axis: 0, keepdims: true})", lambda x: x.argmin(axis=0, keepdims=True)),
    ("np.roll(x, 1, {axis: 1})", lambda x: np.roll(x, 1, axis=1)),
    ("np.roll(x, -2)", lambda x: np.roll(x, -2)),
    ("np.repeat(x, 2, {axis: 0})", lambda x: np.repeat(x, 2, axis=0)),
    ("np.diagonal(x, 1)", lambda x: np.diagonal(x, 1)),
    ("np.diagonal(np.index(x, [null]), -1, 2, 1)", lambda x: np.diagonal(x[None], -1, 2, 1)),
    ("np.diagonal(x, 7)", lambda x: np.diagonal(x, 7)),
    ("np.triu(x, 1)", lambda x: np.triu(x, 1)),
    ("np.all(np.greater(x, 0), {axis: 0})", lambda x: (x > 0).all(axis=0)),
    ("np.any(np.less(x, -1))", lambda x: (x < -1).any()),
    ("np.index(x, [np.slice(null, null, -2), np.slice(-2)])", lambda x: x[::-2, -2:]),
    (
        "np.index(x, [np.array([0, -1]), null, np.array([[1], [2]])])",
        lambda x: x[np.array([0, -1]), None, np.array([[1], [2]])],
    ),
    ("np.index(x, ['...', 0])", lambda x: x[..., 0]),
    ("np.round(x, {decimals: 1})", lambda x: x.round(1)),
    ("np.power(np.absolute(x), -0.5)", lambda x: np.abs(x) ** -0.5),
    ("np.floor_divide(x, -0.3)", lambda x: x // -0.3),
    ("np.float32(x)", lambda x: x.astype(np.float32)),
    ("np.array(np.tolist(x))", lambda x: np.array(x.tolist())),
    ("np.convolve(np.index(x, [0]), np.index(x, [1]), {mode: 'same'})", lambda x: np.convolve(x[0], x[1], mode="same")),
]


def test_the_functions_are_numpys(browser):
    """Functions in arrays/ give what NumPy's of the same name do, with the parameters that programs hand them."""
    x = np.random.default_rng(5).normal(size=(3, 4))
    jobs = [
        {"source": f"({{x}}) => ({{z: {code}}})", "given": {"x": encoded(x)}, "expected": [encoded(f(x))]}
        for code, f in FUNCTIONS
    ]
    for (code, _), difference in zip(FUNCTIONS, differences(browser, jobs), strict=True):
        assert is_below(difference, 1e-14), (code, difference)


def test_shapes_that_do_not_fit_raise(browser):
    """As in NumPy, what cannot be broadcast or multiplied is an error and not some other array."""
    arrays = {"x": encoded(np.ones((2, 3))), "y": encoded(np.ones((2, 2)))}
    jobs = [{"source": f"({{x, y}}) => [np.{op}(x, y)]", "given": arrays, "expected": []} for op in ("add", "matmul")]
    assert all("do not fit" in raised for raised in differences(browser, jobs))


def test_what_is_written_is_there(browser):
    """Every primitive that the writer takes is a function in arrays/."""
    names = [CALLED.get(op, op) for op in WRITTEN if op not in ("astype", "part")]
    script = "return arguments[0].filter((name) => typeof name.split('.').reduce((o, k) => o?.[k], np) !== 'function')"
    assert browser.run(runtime() + script, names) == []


def test_the_source_network_reads_as_its_rules():
    """A step a line, called after the tensors, with the formulas of the gradients beside them."""
    source, parameters = javascript("f", program(*home()))
    assert source.startswith(HOME)
    assert source.endswith("return { L: L, dW: dW, db_h: db_h, dV: dV, db_o: do_ };\n}")
    assert list(parameters) == ["x", "W", "b_h", "V", "b_o", "t"]


def test_names_that_javascript_keeps_are_others():
    """Tensors called as words of the language, or alike, get names of their own."""
    x = [Tensor(float(i), requires_grad=True, name=name) for i, name in enumerate(["var", "new", "x", "x", "np", "L"])]
    _, parameters = javascript("f", program((x[0] * x[1] + x[2] * x[3] + x[4] * x[5]).named("L"), x))
    assert len(parameters) == 6
    assert not RESERVED & set(parameters)


OPTIMISERS = [
    (optim.SGD, {}),
    (optim.SGD, {"momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01}),
    (optim.SGD, {"momentum": 0.9, "nesterov": True}),
    (optim.Adam, {"amsgrad": True}),
    (optim.AdamW, {}),
]


@pytest.mark.parametrize(("kind", "settings"), OPTIMISERS)
def test_optimisers_move_as_they_do_in_python(browser, kind, settings):
    """The rule of an optimiser, written once: 100 updates of a matrix end where Python's do."""
    start = np.random.default_rng(2).normal(size=(2, 3))
    W = Tensor(start.copy(), requires_grad=True)
    optimiser = kind([W], lr=0.02, **settings)
    source = javascript_of_rule("update", optimiser)
    for _ in range(100):
        optimiser.zero_grad()
        (W**4).sum().backward()
        optimiser.step()
    kept = ", ".join(f"{name}: np.zeros(W.shape)" for name in optimiser.remembered())
    train = f"""({{ W }}) => {{
        {source}
        let memory = {{ {kept} }};
        for (let t = 1; t <= 100; t++) {{
            const g = np.multiply(4, np.power(W, 3));
            ({{ W, ...memory }} = update({{ W, g, t, lr: 0.02, ...memory }}));
        }}
        return [W];
    }}"""
    (difference,) = differences(browser, [{"source": train, "given": {"W": encoded(start)}, "expected": [encoded(W.data)]}])
    assert is_below(difference, 1e-12), difference


class Interpolated(Op):
    """The sum of what stands between two points."""

    def forward(self, x):
        return np.interp(x, np.arange(2.0), np.arange(2.0)).sum()

    def dx(self, dz, z, x):
        return dz * np.ones_like(x)

    vjps = (dx,)


def refused(loss, wanted):
    with pytest.raises(TypeError) as failure:
        javascript("f", program(loss, wanted))
    return str(failure.value).partition("\n")[0]


def test_what_cannot_be_written_is_refused_by_name():
    """An unknown primitive, a parameter that arrays/ does not take, and a type of numbers that it has not."""
    x = Tensor([[2.0, 1.0]], requires_grad=True, name="x")
    assert refused(Interpolated()(x), [x]) == "interpolated: the primitive 'interp' cannot be written as JavaScript."
    long = Tensor(np.ones(2, np.longdouble), requires_grad=True, name="x")
    assert refused((long * long).sum(), [long]) == "multiply: float128, in 'multiply', cannot be written as JavaScript."


def test_what_goes_by_the_order_of_values(browser):
    """Medians along any axes, also of equal numbers, and angles without jumps, are what Python computes."""
    rng, jobs = np.random.default_rng(0), []
    for values in (rng.normal(size=(3, 4, 5)), rng.integers(0, 3, (4, 6, 2)).astype(float)):
        x = Tensor(values, requires_grad=True, name="x")
        made = [ops.median(x, axis=axis) for axis in (None, 0, 1, (0, 2), -1)]
        made += [ops.unwrap(x * 5, axis=axis, period=period) for axis in (0, 1, -1) for period in (2 * np.pi, 3)]
        made += [ops.unwrap(x * 5, discont=4.0), ops.unwrap(x * np.pi)]
        jobs += [job_for((z * np.linspace(-1, 2, z.size).reshape(z.shape)).sum(), [x]) for z in made]
    assert all(is_below(found, 1e-12) for found in differences(browser, jobs))
