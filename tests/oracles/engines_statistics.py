"""Statistics and reductions of the elements that take part, and how PyTorch says the same. See engines.py."""

import numpy as np
import torch
from engines import apart, constant, drawn, one_axis, positive

import microgradnn as mg


def statistics(rng, shape):
    if not shape:
        return None
    axis, keep, q = one_axis(rng, shape), bool(rng.integers(2)), float(rng.random())
    ramp, torch_ramp = apart(shape)
    w, torch_w = constant(rng.random(shape) + 0.1)
    method = str(rng.choice(["linear", "lower", "higher", "midpoint", "nearest"]))
    return drawn(
        rng,
        {
            "average": (lambda x: mg.average(x, axis, w), lambda x: (x * torch_w).sum(axis) / torch_w.sum(axis)),
            "average by x": (
                lambda x: mg.average(mg.sin(x), axis, positive(x), keepdims=keep),
                lambda x: (torch.sin(x) * positive(x)).sum(axis, keep) / positive(x).sum(axis, keep),
            ),
            "median": (
                lambda x: mg.median(x / 9 + ramp, axis, keepdims=keep),
                lambda x: torch.quantile(x / 9 + torch_ramp, 0.5, axis, keep),
            ),
            "median of all": (lambda x: mg.median(x / 9 + ramp), lambda x: torch.quantile(x / 9 + torch_ramp, 0.5)),
            "quantile": (
                lambda x: mg.quantile(x / 9 + ramp, [q, q / 2], axis, method=method, keepdims=keep),
                lambda x: torch.quantile(
                    x / 9 + torch_ramp, torch.tensor([q, q / 2], dtype=x.dtype), axis, keep, interpolation=method
                ),
            ),
            "percentile": (
                lambda x: mg.percentile(x / 9 + ramp, 100 * q, axis),
                lambda x: torch.quantile(x / 9 + torch_ramp, q, axis),
            ),
            "ptp": (lambda x: mg.ptp(x, axis, keepdims=keep), lambda x: x.amax(axis, keep) - x.amin(axis, keep)),
        },
    )


def covariance(rng, shape):
    if len(shape) not in (1, 2) or shape[-1] < 2:
        return None
    ramp, torch_ramp = apart(shape)
    counts, torch_counts = constant(rng.integers(1, 4, shape[-1]))
    weights, torch_weights = constant(rng.random(shape[-1]) + 0.5)
    ddof = int(rng.integers(2))
    return drawn(
        rng,
        {
            "cov": (lambda x: mg.cov(x, ddof=ddof), lambda x: torch.cov(x, correction=ddof)),
            "cov of columns": (
                lambda x: mg.cov(x.T, rowvar=False),
                torch.cov,
            ),
            "cov weighted": (
                lambda x: mg.cov(x, fweights=counts, aweights=weights),
                lambda x: torch.cov(x, fweights=torch_counts, aweights=torch_weights),
            ),
            "corrcoef": (lambda x: mg.corrcoef(x / 9 + ramp), lambda x: torch.corrcoef(x / 9 + torch_ramp)),
        },
    )


def taking_part(rng, shape):
    """Reductions of the elements where a mask holds, and with an initial value."""
    if not shape:
        return None
    axis, keep, initial = one_axis(rng, shape), bool(rng.integers(2)), float(rng.normal())
    mask = rng.random(shape) < 0.6
    np.moveaxis(mask, axis, 0)[0] = True
    mask, torch_mask = constant(mask)
    ramp, torch_ramp = apart(shape)

    def only(x, fill):
        return torch.where(torch_mask, x, fill)

    def spread(x):
        x, n = x / 9 + torch_ramp, torch_mask.sum(axis, True)
        squares = only(x - only(x, 0.0).sum(axis, True) / n, 0.0).square()
        return (squares.sum(axis, True) / n).sum(axis, keep)

    few = bool((mask.sum(axis) < 2).any())  # where the spread is 0
    return drawn(
        rng,
        {
            "sum where": (
                lambda x: mg.ops.sum(x, axis, keepdims=keep, initial=initial, where=mask),
                lambda x: only(x, 0.0).sum(axis, keep) + initial,
            ),
            "mean where": (
                lambda x: mg.mean(x, axis, keepdims=keep, where=mask),
                lambda x: only(x, 0.0).sum(axis, keep) / torch_mask.sum(axis, keep),
            ),
            "max where": (
                lambda x: mg.ops.max(x, axis, keepdims=keep, initial=-9.0, where=mask),
                lambda x: only(x, -9.0).amax(axis, keep),
            ),
            "min where": (
                lambda x: mg.ops.min(x, axis, keepdims=keep, initial=9.0, where=mask),
                lambda x: only(x, 9.0).amin(axis, keep),
            ),
            "prod where": (
                lambda x: mg.prod(x, axis, keepdims=keep, initial=initial, where=mask),
                lambda x: only(x, 1.0).prod(axis, keep) * initial,
            ),
            "var where": (lambda x: mg.var(x / 9 + ramp, axis, keepdims=keep, where=mask), spread),
            "std where": (
                lambda x: mg.ops.sum(x) if few else mg.std(x / 9 + ramp, axis, keepdims=keep, where=mask),
                lambda x: x.sum() if few else spread(x).sqrt(),
            ),
        },
    )


# NaN


def missing(rng, shape):
    """Of x with NaN at some places, never all along a line."""
    if not shape:
        return None
    axis, keep, q = one_axis(rng, shape), bool(rng.integers(2)), float(rng.random())
    gaps = rng.random(shape) < 0.4
    np.moveaxis(gaps, axis, 0)[0] = False
    gaps, torch_gaps = constant(gaps)
    ramp, torch_ramp = apart(shape)

    def of_holed(function, *args, **options):
        return lambda x: function(mg.where(gaps, np.nan, x / 9 + ramp), *args, **options)

    def of_filled(method, fill, *args):
        return lambda x: getattr(torch.where(torch_gaps, fill, x / 9 + torch_ramp), method)(*args)

    def of_torch_holed(function, *args, **options):
        return lambda x: function(torch.where(torch_gaps, torch.nan, x / 9 + torch_ramp), *args, **options)

    def variance(x):
        n, x = (~torch_gaps).sum(axis, True), x / 9 + torch_ramp
        mean = torch.where(torch_gaps, 0.0, x).sum(axis, True) / n
        return (torch.where(torch_gaps, 0.0, x - mean).square() / n).sum(axis, keep)

    few = bool((gaps.shape[axis] - gaps.sum(axis) < 2).any())
    here = of_holed(mg.nanstd, axis, keepdims=keep)
    return drawn(
        rng,
        {
            "nan_to_num": (of_holed(mg.nan_to_num, nan=0.5), of_torch_holed(torch.nan_to_num, nan=0.5)),
            "nansum": (of_holed(mg.nansum, axis, keepdims=keep), of_torch_holed(torch.nansum, axis, keep)),
            "nanmean": (of_holed(mg.nanmean, axis, keepdims=keep), of_torch_holed(torch.nanmean, axis, keep)),
            "nanprod": (of_holed(mg.nanprod, axis, keepdims=keep), of_filled("prod", 1.0, axis, keep)),
            "nanvar": (of_holed(mg.nanvar, axis, keepdims=keep), variance),
            "nanstd": (lambda x: x.sum() if few else here(x), lambda x: x.sum() if few else variance(x).sqrt()),
            "nanmax": (of_holed(mg.nanmax, axis, keepdims=keep), of_filled("amax", -torch.inf, axis, keep)),
            "nanmin": (of_holed(mg.nanmin, axis, keepdims=keep), of_filled("amin", torch.inf, axis, keep)),
            "nancumsum": (of_holed(mg.nancumsum, axis), of_filled("cumsum", 0.0, axis)),
            "nancumprod": (of_holed(mg.nancumprod, axis), of_filled("cumprod", 1.0, axis)),
            "nanmedian": (of_holed(mg.nanmedian, axis, keepdims=keep), of_torch_holed(torch.nanquantile, 0.5, axis, keep)),
            "nanquantile": (of_holed(mg.nanquantile, q, axis, keepdims=keep), of_torch_holed(torch.nanquantile, q, axis, keep)),
            "nanpercentile": (of_holed(mg.nanpercentile, 100 * q), of_torch_holed(torch.nanquantile, q)),
        },
    )


OF_ONE = [statistics, covariance, taking_part, missing]
