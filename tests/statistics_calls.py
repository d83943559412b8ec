"""How NumPy's elementwise functions, reductions and statistics are called: the part of test_numpy.py that is about them.

For each function the ways to call it: shapes of the arrays, arguments after these, keywords. All get gradients.
"""

import numpy as np

MASK = np.array([[True, False, True], [True, True, False]])
WEIGHTS = np.array([0.5, 2.0, 1.5])
AXES = [((2, 3), (), {}), ((2, 3), (0,), {}), ((2, 3, 2), (), {"axis": (0, -1), "keepdims": True})]
MASKED = [
    *AXES,
    ((2, 3), (), {"where": MASK}),
    ((2, 3), (), {"axis": 1, "where": MASK, "keepdims": True}),
    ((2, 3), (1,), {"where": [True, False, True]}),
    ((2, 3), (), {"axis": 0, "where": MASK | ~MASK}),
]
TYPED = [((2, 3), (1, np.float64), {}), ((2, 3), (), {"dtype": np.longdouble})]
BEGUN = [((2, 3), (1, None, None, True, 2.5), {}), ((2, 3), (), {"axis": 0, "initial": -3.0, "where": MASK})]
EXTREME = [
    *AXES,
    ((2, 3), (0, None, True), {}),
    ((2, 3), (), {"initial": 0.9}),
    ((2, 3), (), {"axis": 1, "initial": 0.9, "where": MASK}),
    ((2, 3), (), {"axis": 0, "initial": -0.9, "where": MASK, "keepdims": True}),
]
SPREAD = [
    *MASKED,
    *TYPED,
    ((2, 3), (1,), {"ddof": 1}),
    ((2, 3), (), {"correction": 1, "where": MASK}),
    ((2, 3), (), {"axis": 1, "correction": 0.5}),
]
QUANTILES = [
    ((5,), (0.4,), {}),
    ((2, 3), ([0.1, 0.5, 1.0],), {"axis": 1}),
    ((2, 3, 2), ([[0.2], [0.9]], (0, 2)), {"keepdims": True}),
    ((4,), (0, 0), {}),
    *(
        ((5, 2), (0.37, 0), {"method": method})
        for method in ("lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased", "normal_unbiased")
    ),
]
PERCENTILES = [((5,), (40,), {}), ((2, 3), ([10, 100],), {"axis": 1, "keepdims": True})]
MEDIANS = [*AXES, ((2, 4), (1,), {}), ((1,), (), {}), ((), (), {}), ((3, 2, 2), ((2, 0),), {})]
CUMULATIVE = [((2, 3), (), {}), ((2, 3), (1,), {}), ((2, 3), (), {"axis": 0, "dtype": np.float64})]

CALLS = {
    np.sum: [*MASKED, *TYPED, *BEGUN],
    np.prod: [*MASKED, *TYPED, *BEGUN],
    np.mean: [*MASKED, *TYPED],
    np.max: EXTREME,
    np.min: EXTREME,
    np.amax: EXTREME,
    np.amin: EXTREME,
    np.var: SPREAD,
    np.std: SPREAD,
    np.ptp: AXES,
    np.nansum: [*MASKED, *TYPED, *BEGUN],
    np.nanprod: [*MASKED, *TYPED, *BEGUN],
    np.nanmean: [*MASKED, *TYPED],
    np.nanmax: EXTREME,
    np.nanmin: EXTREME,
    np.nanvar: SPREAD,
    np.nanstd: SPREAD,
    np.median: MEDIANS,
    np.nanmedian: MEDIANS,
    np.quantile: QUANTILES,
    np.nanquantile: [way for way in QUANTILES if np.ndim(way[1][0]) < 2],  # where NumPy turns the axes of q around
    np.percentile: PERCENTILES,
    np.nanpercentile: PERCENTILES,
    np.cumsum: CUMULATIVE,
    np.cumprod: CUMULATIVE,
    np.nancumsum: CUMULATIVE,
    np.nancumprod: CUMULATIVE,
    **{
        getattr(np, name): [
            ((3,), (), {}),
            ((2, 3), (), {"axis": -1}),
            ((2, 3), (), {"axis": 0, "include_initial": True}),
            ((3,), (), {"include_initial": True}),
        ]
        for name in ("cumulative_sum", "cumulative_prod")
        if hasattr(np, name)  # since NumPy 2.1
    },
    np.average: [
        *AXES,
        ((2, 3), (1, WEIGHTS), {}),
        ((2, 3), (), {"weights": np.abs(WEIGHTS * np.array([[1.0], [2.0]]))}),
        ((3, 2), (0, WEIGHTS), {"keepdims": True}),
        ((3,), (None, [1, 2, 3]), {}),
    ],
    np.cov: [
        ((2, 4), (), {}),
        ((4,), (), {}),
        ((4, 2), (None, False), {}),
        ((2, 4), (), {"bias": True}),
        ((2, 4), (), {"ddof": 0}),
        ((2, 3), (), {"fweights": [1, 2, 2]}),
        ((2, 3), (), {"aweights": WEIGHTS}),
        ((2, 3), (), {"fweights": [3, 1, 2], "aweights": WEIGHTS, "bias": True}),
        ((2, 3), (), {"dtype": np.float64}),
    ],
    np.corrcoef: [((3, 4), (), {}), ((4, 2), (None, False), {})],
    np.round: [((2, 3), (), {}), ((2, 3), (1,), {}), ((2, 3), (), {"decimals": -1})],
    np.around: [((2, 3), (), {}), ((2, 3), (1,), {})],
    np.fix: [((2, 3), (), {})],
    np.nan_to_num: [((2, 3), (), {}), ((2, 3), (), {"nan": 7.0, "posinf": 1.0, "neginf": -1.0})],
    np.real: [((2, 3), (), {})],
    np.imag: [((2, 3), (), {})],
    np.angle: [((2, 3), (), {}), ((2, 3), (), {"deg": True})],
    np.trapezoid: [((4,), (), {}), ((2, 3), ([0.0, 1.0, 3.0],), {}), ((2, 3), (), {"dx": 0.5, "axis": 0})],
    np.gradient: [
        ((5,), (), {}),
        ((5,), (0.5,), {}),
        ((5,), ([0.0, 1.0, 3.0, 3.5, 7.0],), {}),
        ((5,), ([0.0, 1.0, 3.0, 3.5, 7.0],), {"edge_order": 2}),
        ((4,), (), {"edge_order": 2}),
        ((2,), (2.0,), {}),
        ((2, 3), (), {"axis": 1}),
        ((3, 4), (0.5,), {"axis": (0,)}),
    ],
    np.unwrap: [((6,), (), {}), ((2, 3), (), {"axis": 0, "period": 1.0}), ((5,), (), {"discont": 1.5, "period": 2.0})],
}
TWO = {
    np.convolve: [
        *(((n,), (m,), {"mode": mode}) for n, m in ((5, 3), (2, 4), (4, 4), (1, 3)) for mode in ("full", "same", "valid")),
        ((3,), (2,), {}),
        ((), (2,), {}),
    ],
    np.correlate: [
        *(((n,), (m,), {"mode": mode}) for n, m in ((5, 3), (2, 4), (4, 4), (1, 3)) for mode in ("full", "same", "valid")),
        ((3,), (2,), {}),
    ],
    np.cov: [((4,), (4,), {}), ((2, 4), (4,), {"bias": True}), ((4, 2), (4, 1), {"rowvar": False})],
    np.corrcoef: [((4,), (4,), {})],
    np.trapezoid: [((4,), (4,), {}), ((2, 3), (3,), {}), ((3, 2), (3, 2), {"axis": 0})],
    np.gradient: [((4,), (4,), {}), ((4,), (4,), {"edge_order": 2})],
}


def others():
    """As `test_numpy.calls`: functions with two results, and np.interp within, beyond, with ends of one's own, on a circle."""
    yield np.divmod, ((2, 3), (3,)), lambda f, x, y: list(f(x, y))
    yield np.modf, ((2, 3),), lambda f, x: list(f(x))
    yield np.gradient, ((3, 4),), lambda f, x: list(f(x, 2.0, [0.0, 1.0, 4.0, 5.0]))
    yield np.gradient, ((3, 4),), lambda f, x: list(f(x, axis=(1, 0)))
    xp = np.array([-1.5, -0.5, 0.25, 0.75])
    yield np.interp, ((2, 3), (4,)), lambda f, x, fp: f(x, xp, fp)
    yield np.interp, ((6,), (4,)), lambda f, x, fp: f(x, xp, fp, -2.0, 3.0)
    yield np.interp, ((6,), (4,)), lambda f, x, fp: f(x, [3.0, 0.1, 0.7, 2.2], fp, period=2.5)
    yield np.interp, ((3,), (4,)), lambda f, x, shifts: f(x, xp + 0.2 * shifts, xp)
    yield np.interp, ((3,), (1,)), lambda f, x, fp: f(x, [0.1], fp)
    yield np.interp, ((), (4,)), lambda f, x, fp: f(x, xp, fp)
