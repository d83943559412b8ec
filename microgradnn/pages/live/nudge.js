// The nudge: the loss along the chosen number as a curve, its tangent, and ΔL/ε for smaller and smaller ε.

const EPSILONS = [1, 0.1, 0.01, 1e-3, 1e-4, 1e-6, 1e-8, 1e-12],
  POINTS = 60;
let range = null,
  chosenEpsilon = 0; // what the axes show stays while the number itself is dragged
let plot = null;

function lossWith(id, place, value) {
  const leaf = np.make(nodes[id].shape, Float64Array.from(state.leaves[id].data));
  leaf.data[place] = value;
  return lossAt({ ...state.leaves, [id]: leaf });
}
function slopeBy(id, place, epsilon) {
  const x = state.leaves[id].data[place],
    step = epsilon * Math.max(1, Math.abs(x));
  return (lossWith(id, place, x + step) - lossWith(id, place, x - step)) / (2 * step);
}

function buildNudge() {
  const line = (name) => svg("path", { class: name }),
    text = (anchor) => svg("text", { class: "axis-text", "text-anchor": anchor });
  plot = {
    curve: line("curve"),
    tangent: line("tangent"),
    secant: line("secant"),
    now: svg("circle", { r: 8, class: "now" }),
    there: svg("circle", { r: 6, class: "there" }),
    frame: svg("path", { class: "axis", d: "M52 14V302H412" }),
    zero: line("axis"),
    texts: [text("end"), text("end"), text("start"), text("end"), text("middle"), text("start")],
  };
  const { curve, tangent, secant, now, there, frame, zero, texts } = plot;
  byId("slope").replaceChildren(
    svg(
      "svg",
      { viewBox: "-26 0 446 346", role: "img", "aria-label": "the loss along the chosen number, with its tangent" },
      svg("clipPath", { id: "within" }, svg("rect", { x: 52, y: 14, width: 360, height: 288 })),
      frame,
      zero,
      svg("g", { "clip-path": "url(#within)" }, curve, tangent, secant),
      now,
      there,
      ...texts,
    ),
  );
  const rows = EPSILONS.map((epsilon, i) => {
    const row = html(
      "tr",
      { tabindex: 0 },
      html("td", {}, epsilon >= 0.01 ? String(epsilon) : power(epsilon)),
      html("td"),
      html("td"),
    );
    row.onclick = () => {
      chosenEpsilon = i;
      refresh();
    };
    row.onkeydown = (event) => {
      if (event.key === "Enter") row.onclick();
    };
    return row;
  });
  const last = html("tr", { class: "limit" }, html("td", {}, "→ 0"), html("td"), html("td"));
  byId("differences").replaceChildren(
    html(
      "table",
      {},
      html("thead", {}, html("tr", {}, ...["ε", "ΔL / ε", "off by"].map((t) => html("th", { scope: "col" }, t)))),
      html("tbody", {}, ...rows, last),
    ),
  );
  Object.assign(plot, { rows, last });
}

function drawNudge() {
  const [id, place] = state.chosen,
    can = isMovable(id),
    { graded } = nodes[id]; // of what has no gradient: the curve and ΔL/ε, without what they are compared with
  byId("nudge").classList.toggle("none", !can);
  put(byId("why-fixed"), recording ? recording.why : "");
  put(
    byId("nudge-title"),
    can
      ? `Nudge ${nameOf(id, place)} by ε: how much does ${plainName(DATA.loss)} change?`
      : recording
        ? "A recording: none of its numbers can be dragged"
        : nodes[id].op
          ? computedText(id)
          : `${nameOf(id, place)} is given`,
  );
  if (!can) return;
  const x = state.leaves[id].data[place],
    here = loss(),
    slope = graded ? gradientOf(id).data[place] : NaN,
    epsilon = EPSILONS[chosenEpsilon];
  if (!range || range.key !== `${id},${place}` || x < range.low + 0.15 || x > range.high - 0.15) {
    const half = range?.key === `${id},${place}` ? (range.high - range.low) / 2 : 2;
    range = { key: `${id},${place}`, low: Math.round(x) - half, high: Math.round(x) + half };
    if (!(x > range.low + 0.15 && x < range.high - 0.15)) Object.assign(range, { low: x - half, high: x + half });
  }
  const points = Array.from({ length: POINTS + 1 }, (_, i) => range.low + ((range.high - range.low) * i) / POINTS),
    losses = points.map((v) => lossWith(id, place, v));
  const finite = losses.filter(Number.isFinite),
    sorted = [...finite, here].sort((a, b) => a - b);
  const [low, high] = axisFor(Math.min(sorted[0], here), Math.max(sorted.at(-1), here + 1e-9), range);
  const X = (v) => 52 + (360 * (v - range.low)) / (range.high - range.low),
    Y = (v) => Math.max(-400, Math.min(800, 302 - (288 * (v - low)) / (high - low)));
  set(
    plot.curve,
    "d",
    points
      .map((v, i) =>
        Number.isFinite(losses[i])
          ? `${i && Number.isFinite(losses[i - 1]) ? "L" : "M"}${X(v).toFixed(1)} ${Y(losses[i]).toFixed(1)}`
          : "",
      )
      .join(""),
  );
  const along = (v) => here + slope * (v - x);
  set(
    plot.tangent,
    "d",
    Number.isFinite(slope)
      ? `M${X(range.low)} ${(302 - (288 * (along(range.low) - low)) / (high - low)).toFixed(1)}L${X(range.high)} ${(302 - (288 * (along(range.high) - low)) / (high - low)).toFixed(1)}`
      : "",
  );
  const there = lossWith(id, place, x + epsilon),
    secant = (there - here) / epsilon;
  set(
    plot.secant,
    "d",
    epsilon >= 0.01
      ? `M${X(range.low)} ${Y(here + secant * (range.low - x)).toFixed(1)}L${X(range.high)} ${Y(here + secant * (range.high - x)).toFixed(1)}`
      : "",
  );
  for (const [dot, v, l] of [
    [plot.now, x, here],
    [plot.there, x + epsilon, there],
  ]) {
    set(dot, "cx", X(v).toFixed(1));
    set(dot, "cy", Y(l).toFixed(1));
  }
  plot.there.style.display = epsilon >= 0.01 && x + epsilon < range.high ? "" : "none";
  set(plot.zero, "d", low < 0 && high > 0 ? `M52 ${Y(0)}H412` : "");
  const texts = [
    [46, 24, short(high)],
    [46, 306, short(low)],
    [52, 330, short(range.low)],
    [412, 330, short(range.high)],
    [232, 330, nameOf(id, place)],
    [58, 26, nodes[DATA.loss].name],
  ];
  texts.forEach(([tx, ty, t], i) => {
    set(plot.texts[i], "x", tx);
    set(plot.texts[i], "y", ty);
    put(plot.texts[i], t);
  });
  const digits = (v) => (Math.abs(slope) < 0.005 && v !== 0 ? power(v, 3) : fixed(v, 5));
  EPSILONS.forEach((e, i) => {
    const found = (lossWith(id, place, x + e) - here) / e,
      off = Math.abs(found - slope),
      [, cell, difference] = plot.rows[i].children;
    put(cell, digits(found));
    put(difference, off === 0 ? "0" : Number.isFinite(off) ? power(off) : "");
    set(plot.rows[i], "class", i === chosenEpsilon ? "chosen" : "");
    set(plot.rows[i], "aria-current", i === chosenEpsilon);
  });
  plot.last.hidden = !graded;
  put(plot.last.children[1], digits(slope));
}

// Round ends for an axis that holds what is there; they stay as long as they fit, so that a drag does not shake the curve.
function axisFor(low, high, kept) {
  if (kept.axis && kept.axis[0] <= low && kept.axis[1] >= high && kept.axis[1] - kept.axis[0] < 4 * (high - low))
    return kept.axis;
  const size = 10 ** Math.floor(Math.log10(Math.max(high - low, 1e-6))),
    unit = [1, 2, 5, 10].map((k) => (k * size) / 2).find((u) => (high - low) / u <= 6) ?? size;
  const fromZero = low >= 0 && low < 0.5 * high; // a curve that is nearly level would else lie at the top
  kept.axis = [fromZero ? 0 : Math.floor(low / unit) * unit, Math.ceil(high / unit) * unit].map((v) =>
    Number(v.toPrecision(8)),
  );
  return kept.axis;
}
