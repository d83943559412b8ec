"""The picture of a run's health: the loss, and of each stage a row with its values, its gradients and its updates over time.

A column of a heat map is a look; how dark a cell is says how many numbers lie there. It is drawn as SVG without a library, in
the colours of the themes, light or dark as the reader's system is, and stands alone or in a page with the findings.
"""

from __future__ import annotations

import html
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import numpy as np

from ..formulas.brief import counted
from ..pictures.themes import theme_named
from ..saving.whole_files import write
from ..source.expressions import shown
from .finding import SIGNS, passes_text

if TYPE_CHECKING:
    from pathlib import Path

WIDTH, LEFT, GAP = 1120, 190, 36
LOSS_HEIGHT, ROW_HEIGHT, ROW_GAP = 110, 78, 26
COLUMN = (WIDTH - LEFT - 2 * GAP - 24) / 3
MOST_ROWS, MOST_LETTERS, GAP_HEIGHT = 12, 19, 26
FURTHEST = 8  # times what a panel shows, a column may go; a quarter of its cells are within then
USUAL = -3.0  # the logarithm of the update that is usual, as a share of the weights
LINES = ("#c2410c", "#1d4ed8", "#0f766e")  # of the parameters of a stage; dashes tell them apart, too


def save_svg(health: Any, path: Path) -> None:
    """Write the picture."""
    write(path, svg_of(health))


def save_page(health: Any, path: Path) -> None:
    """Write a page: what was found, and below it the picture."""
    title, said = heading(health)
    texts = {"title": html.escape(title), "said": html.escape(said), "style": STYLE, "policy": POLICY}
    cards = "".join(card_of(finding) for finding in health.findings)
    write(path, PAGE.format(svg=svg_of(health, alone=False), cards=cards, **texts))


def svg_of(health: Any, alone: bool = True) -> str:
    """The picture as SVG text; with a title where it stands alone."""
    rows, left_out = rows_of(health)
    top = 92 if alone else 16
    height = top + LOSS_HEIGHT + 66 + len(rows) * (ROW_HEIGHT + ROW_GAP) + len(left_out) * GAP_HEIGHT + 34
    parts = [*([header(health)] if alone else []), loss_panel(health, top)]
    y = top + LOSS_HEIGHT + 66
    parts += column_heads(y - 12)
    for key, stage in rows:
        if key in left_out:
            parts.append(f'<text x="24" y="{y + 4}" class="small">{counted(left_out[key], "layer")} left out here</text>')
            y += GAP_HEIGHT
        parts.append(row_of(health, key, stage, y))
        y += ROW_HEIGHT + ROW_GAP
    parts.append(axis(health, y - ROW_GAP + 16))
    label = html.escape(f"Health of {passes_text(health.passes)}: values, gradients and updates of each layer")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" '
        f'role="img" aria-label="{label}" class="health">\n<style>{colours()}{INK}</style>\n'
        f'<rect class="ground" width="{WIDTH}" height="{height:.0f}"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def rows_of(health):
    """(key, the latest StageLook) of the stages that are drawn, and how many are left out before which.

    Stages that bend are drawn; where there are none, those that weigh. Of too many, those of which there is something to say,
    and the first and last ones.
    """
    latest: dict[Any, Any] = {}
    for look in health.looks:
        latest.update(look.stages)
    bent = [(key, stage) for key, stage in latest.items() if stage.op not in ("affine", "matmul", "conv2d")]
    owners = {id(W) for _, stage in bent for W in stage.parameters}
    others = [
        (key, s)
        for key, s in latest.items()
        if s.op in ("affine", "matmul", "conv2d") and not owners & {id(W) for W in s.parameters}
    ]
    order = list(latest)
    rows = sorted(bent + others, key=lambda row: order.index(row[0]))
    ends = sorted(range(len(rows)), key=lambda i: min(i, len(rows) - 1 - i))
    told = [i for i, (_, stage) in enumerate(rows) if sign_of(health, stage)]
    shown_rows = sorted([*dict.fromkeys([*told, *ends])][:MOST_ROWS])
    gaps = {rows[b][0]: b - a - 1 for a, b in pairwise(shown_rows) if b > a + 1}
    return [rows[i] for i in shown_rows], gaps


def sign_of(health, stage):
    """What was found about a stage or its parameters, in a few words; nothing, if nothing was."""
    told = {finding.tensor: f"{SIGNS[finding.severity]} {finding.kind}" for finding in reversed(health.findings)}
    names = [stage.label, *(health.label(W) for W in stage.parameters)]
    return next((told[name] for name in names if name in told), "")


def heading(health):
    """The title, and how many findings there are."""
    counts = [(sign, kind, sum(x.severity == kind for x in health.findings)) for kind, sign in SIGNS.items()]
    said = "   ".join(f"{sign} {counted(count, severity)}" for sign, severity, count in counts if count) or "nothing to say"
    return f"Health of {passes_text(health.passes, 'backward')}, {len(health.looks)} looked at", said


def header(health):
    """The heading as a part of the picture, with the first of the findings."""
    found, (title, said) = health.findings, heading(health)
    kinds = ";  ".join(f"{SIGNS[x.severity]} {x.kind}: {x.tensor}" for x in found[:3]) + ("; …" if len(found) > 3 else "")
    return (
        f'<text x="24" y="36" class="title">{html.escape(title)}</text>'
        f'<text x="{WIDTH - 24}" y="36" class="count" text-anchor="end">{html.escape(said)}</text>'
        f'<text x="24" y="60" class="small">{html.escape(shortened(kinds, 150))}</text>'
    )


def loss_panel(health, top):
    """The loss of every pass, a line for each line of the program that a pass began at."""
    width = WIDTH - LEFT - 24
    parts = [f'<text x="24" y="{top + 20}" class="label">loss</text>', panel(LEFT, top, width, LOSS_HEIGHT)]
    runs = [series for series in health.series.values() if np.isfinite(series.losses).any()]
    bad = [
        n
        for series in health.series.values()
        for n, loss in zip(series.numbers, series.losses, strict=True)
        if loss - loss != 0
    ]
    if bad:
        at = LEFT + 8 + (width - 16) * (bad[0] - 1) / max(health.passes - 1, 1)
        side, x = ("start", at + 8) if at < LEFT + width / 2 else ("end", at - 8)
        text = f"not finite since pass {bad[0]:,}"
        parts.append(f'<text x="{x:.1f}" y="{top + LOSS_HEIGHT / 2:.0f}" class="sign" text-anchor="{side}">{text}</text>')
    if not runs:
        return "".join(parts)
    finite = np.concatenate([np.array(series.losses)[np.isfinite(series.losses)] for series in runs])
    logarithmic = finite.min() > 0 and finite.max() > 30 * finite.min()
    scale = np.log10 if logarithmic else np.asarray
    low, high = float(scale(finite.min())), float(scale(finite.max()))
    for i, series in enumerate(runs[:3]):
        numbers, losses = thinned(np.array(series.numbers), np.array(series.losses))
        x = LEFT + 8 + (width - 16) * (numbers - 1) / max(health.passes - 1, 1)
        share = (scale(losses) - low) / (high - low) if high > low else np.full(len(losses), 0.5)
        parts.append(line(x, top + LOSS_HEIGHT - 10 - (LOSS_HEIGHT - 20) * share, i))
        if len(runs) > 1 and series.place is not None:
            at = f'x="{LEFT + width - 10 - 80 * (min(len(runs), 3) - 1 - i)}" y="{top + 18}"'
            parts.append(f'<text {at} class="tick line{i}" text-anchor="end">line {series.place.line}</text>')
    ends = ((high, top + 16), (low, top + LOSS_HEIGHT - 6)) if high > low else ((low, top + LOSS_HEIGHT / 2 + 4),)
    for value, y in ends:
        text = f"{10**value if logarithmic else value:.3g}"
        parts += [f'<text x="{LEFT - 8}" y="{y:.0f}" class="tick" text-anchor="end">{text}</text>']
    if logarithmic:
        parts.append(f'<text x="24" y="{top + 38}" class="small">on a logarithmic scale</text>')
    return "".join(parts)


def thinned(numbers, losses):
    """A few hundred of the losses, those that are finite."""
    keep = np.isfinite(losses)
    numbers, losses = numbers[keep], losses[keep]
    step = max(1, len(numbers) // 600)
    return numbers[::step], losses[::step]


def column_heads(y):
    """What the three columns show."""
    texts = ("values", "gradients", "update / weight, log₁₀")
    return [f'<text x="{column_at(i):.1f}" y="{y}" class="head">{text}</text>' for i, text in enumerate(texts)]


def column_at(i):
    """Where a column begins."""
    return LEFT + i * (COLUMN + GAP)


def row_of(health, key, stage, y):
    """One stage: its name, and three panels."""
    seen = [(i, look.stages[key]) for i, look in enumerate(health.looks) if key in look.stages]
    count = len(health.looks)
    sign, label = sign_of(health, stage), stage.label
    if len(label) > MOST_LETTERS and stage.parameters:
        label = health.label(stage.parameters[0])
    parts = [f'<text x="24" y="{y + 20}" class="label">{named_text(label, MOST_LETTERS)}</text>']
    times = len(seen[-1][1].norms)
    parts.append(f'<text x="24" y="{y + 38}" class="small">{stage.op}{f", {times} times" if times > 1 else ""}</text>')
    if sign:
        parts.append(f'<text x="24" y="{y + 60}" class="sign">{html.escape(sign)}</text>')
    parts.append(heat(count, [(i, s.bound, s.values) for i, s in seen], column_at(0), y, "values"))
    parts.append(heat(count, [(i, s.gradient_bound, s.gradients) for i, s in seen], column_at(1), y, "gradients"))
    parts.append(ratios(health, stage, column_at(2), y))
    return "".join(parts)


def heat(count, columns, x, y, kind):
    """A heat map: a column for each look, higher cells for larger numbers."""
    bounds = sorted(bound for _, bound, _ in columns)
    # One look that goes far does not hide all others, and has some cells in the panel itself.
    most = max(min(bounds[-1], 4 * bounds[len(bounds) // 2]), bounds[-1] / FURTHEST)
    parts = [panel(x, y, COLUMN, ROW_HEIGHT)]
    width = COLUMN / count
    for i, bound, counts in columns:
        total, half = counts.sum(), ROW_HEIGHT / 2
        reach = half * (bound / most if most else 0.0)
        cell = max(2 * reach / len(counts), 1.2)
        for j in np.flatnonzero(counts):
            middle = y + half - reach * ((j + 0.5) / len(counts) * 2 - 1)
            if not y <= middle <= y + ROW_HEIGHT:
                continue
            density = min(counts[j] / total * ROW_HEIGHT / len(counts) / cell, 1.0)  # what is spread over more is lighter
            shade = 0.12 + 0.88 * float(np.sqrt(density))
            parts.append(
                f'<rect class="{kind}" x="{x + i * width:.1f}" y="{max(middle - cell / 2, y):.1f}" width="{width + 0.3:.1f}" '
                f'height="{min(cell, y + ROW_HEIGHT - max(middle - cell / 2, y)):.1f}" opacity="{shade:.2f}"/>'
            )
    parts.append(f'<text x="{x + COLUMN - 4:.1f}" y="{y - 4}" class="tick" text-anchor="end">±{most:.2g}</text>')
    return "".join(parts)


def ratios(health, stage, x, y):
    """How far the parameters of a stage moved, as a share of their lengths; between 10⁻⁶ and 1."""
    parts = [panel(x, y, COLUMN, ROW_HEIGHT)]
    count = len(health.looks)

    def height(logarithm):
        return y + ROW_HEIGHT - ROW_HEIGHT * (np.clip(logarithm, -6, 0) + 6) / 6

    parts.append(f'<line class="usual" x1="{x:.1f}" x2="{x + COLUMN:.1f}" y1="{height(USUAL):.1f}" y2="{height(USUAL):.1f}"/>')
    for text, at in (("0", height(0) + 8), ("−3", height(-3) + 4), ("−6", height(-6))):
        parts += [f'<text x="{x - 5:.1f}" y="{at:.1f}" class="tick" text-anchor="end">{text}</text>']
    named = []
    if not stage.parameters:
        parts.append(f'<text x="{x + 8:.1f}" y="{y + ROW_HEIGHT / 2 - 8:.1f}" class="small">no parameters</text>')
    for k, W in enumerate(stage.parameters[:3]):
        points = [(i, look.parameters[id(W)].ratio) for i, look in enumerate(health.looks) if id(W) in look.parameters]
        points = [(i, np.log10(ratio)) for i, ratio in points if ratio and np.isfinite(ratio)]
        if points:
            xs, logarithms = np.array(points, float).T
            parts.append(line(x + (xs + 0.5) * COLUMN / count, height(logarithms), k))
            named.append((k, health.label(W)))
    at = x + 6
    for k, name in named:
        parts.append(f'<text x="{at:.1f}" y="{y + ROW_HEIGHT + 14}" class="tick line{k}">{named_text(name, 14)}</text>')
        at += 7.2 * min(len(name), 14) + 14
    return "".join(parts)


def axis(health, y):
    """The numbers of the first, a middle and the last look, below each column of heat maps."""
    numbers = [look.number for look in health.looks]
    if not numbers:
        return ""
    parts = [f'<text x="24" y="{y}" class="small">pass</text>']
    for column in (0, 1):
        x, width = column_at(column), COLUMN / len(numbers)
        for i in dict.fromkeys((0, len(numbers) // 2, len(numbers) - 1)):
            parts += [f'<text x="{x + (i + 0.5) * width:.1f}" y="{y}" class="tick" text-anchor="middle">{numbers[i]:,}</text>']
    return "".join(parts)


def panel(x, y, width, height):
    """The ground of one small picture."""
    return f'<rect class="panel" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" rx="3"/>'


def line(xs, ys, k):
    """A line through points; of one point, a dot."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    if len(xs) == 1:
        return f'<circle class="line{k} dot" cx="{xs[0]:.1f}" cy="{ys[0]:.1f}" r="2"/>'
    return f'<polyline class="line line{k}" points="{points}"/>'


def shortened(text, most):
    """A text of so many letters at most.

    >>> shortened("hidden.W", 6)
    'hidde…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def abbreviated(text, most):
    """A name of so many letters at most: its beginning and its end, by which names differ.

    >>> abbreviated("encoder.hidden.W", 9)
    'enco…en.W'
    """
    head, tail = most // 2, most - most // 2 - 1
    return text if len(text) <= most else f"{text[:head]}…{text[-tail:]}"


def named_text(name, most):
    """A name as the content of a text element: abbreviated, and whole where a pointer rests on it."""
    short = html.escape(abbreviated(name, most))
    return short if len(name) <= most else f"<title>{html.escape(name)}</title>{short}"


def card_of(finding):
    """A finding as a card of the page."""
    head = f"<h2><span>{SIGNS[finding.severity]}</span> {html.escape(f'{finding.kind}: {finding.tensor}')}</h2>"
    code = "" if finding.place is None else f"<pre>{html.escape(dedent(shown(finding.place)))}</pre>"
    evidence, way = (html.escape(text.replace(chr(10), " ")) for text in (finding.evidence, finding.way))
    return f'<section class="{finding.severity}">{head}{code}<p>{evidence}</p><p class="way">→ {way}</p></section>'


def colours():
    """The themes' colours as variables; the dark ones where the reader's system is dark, and not on paper."""
    light, dark = variables("light"), variables("dark")
    return f".health, body {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ .health, body {{ {dark} }} }}\n"


def variables(name):
    """The colours of a theme, by what they are for."""
    theme = theme_named(name)
    found = {"ground": theme.background, "ink": theme.ink, "grey": theme.grey, "faint": theme.faint}
    found |= {"gradient": theme.gradient, "values": theme.ink, "paper": theme.looks["constant"].fill}
    found |= {"positive": theme.positive, "negative": theme.negative}
    return " ".join(f"--{key}: {value};" for key, value in found.items())


INK = """
.health { font: 13px "Helvetica Neue", Helvetica, Arial, sans-serif; }
.health text { fill: var(--ink); }
.ground { fill: var(--ground); } .panel { fill: var(--paper); stroke: var(--faint); stroke-width: .6; }
.health .title { font-size: 20px; } .health .count { font-size: 15px; } .health .label { font-size: 14px; font-weight: 600; }
.health .head { font-size: 13px; fill: var(--grey); } .health .small, .health .tick { font-size: 12px; fill: var(--grey); }
.health .sign { font-size: 12.5px; fill: var(--gradient); font-weight: 600; }
.values { fill: var(--values); } .gradients { fill: var(--gradient); }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.line0 { stroke: var(--values); } .line1 { stroke: var(--gradient); stroke-dasharray: 5 3; }
.line2 { stroke: var(--grey); stroke-dasharray: 2 2; }
.health .dot { stroke: none; } .health circle.line0 { fill: var(--values); } .health circle.line1 { fill: var(--gradient); }
.health text.tick.line0, .health text.tick.line1, .health text.tick.line2 { stroke: none; }
.health text.tick.line0 { fill: var(--values); } .health text.tick.line1 { fill: var(--gradient); }
.usual { stroke: var(--faint); stroke-width: 1; stroke-dasharray: 1 3; }
"""
STYLE = """
body { margin: 0 auto; max-width: 1160px; padding: 12px 20px 40px; background: var(--ground); color: var(--ink);
  font: 15px/1.5 "Helvetica Neue", Helvetica, Arial, sans-serif; }
svg.health { display: block; width: 104.3%; margin: 0 -2.15%; height: auto; }  /* its margins are the page's */
.scroll { overflow-x: hidden; }
@media screen and (max-width: 700px) { .scroll { overflow-x: auto; } svg.health { width: 980px; margin: 0 0 0 -21px; } }
section { margin: 14px 0; padding: 10px 16px; border: 1px solid var(--faint); border-left-width: 5px; border-radius: 6px;
  background: var(--paper); break-inside: avoid; }
section.error { border-left-color: var(--gradient); } section.warning { border-left-color: var(--values); }
section.hint { border-left-style: dashed; }
h2 { margin: 0 0 4px; font-size: 16px; } h2 span { display: inline-block; width: 1em; text-align: center; }
section p { margin: 4px 0; } .way { font-weight: 600; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 24px; }
h1 { margin: 8px 0; font-size: 21px; font-weight: 500; } header p { margin: 8px 0; white-space: pre-wrap; }
pre { margin: 6px 0; overflow-x: auto; font: 13px/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Health of a training run</title><style>{style}</style></head>
<body><header><h1>{title}</h1><p>{said}</p></header>
<main>{cards}
<div class="scroll">{svg}</div></main></body></html>
"""
