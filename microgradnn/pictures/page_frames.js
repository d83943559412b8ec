// ---- Frames: each can be closed, and is one box then; the room that it leaves is taken away, and nothing else moves.

const frames = JSON.parse(byId("frames").textContent), closed = new Set(), GAP = 48;
const svgs = [...picture.querySelectorAll("svg")], borders = frames.map((_, i) => [...picture.querySelectorAll(`[data-frame='${i}']`)]);
const frameOf = (element) => { const g = element.closest("[data-fold]"); return g ? Number(g.dataset.fold) : null; };
const home = items.map(() => null); // of each box its innermost frame
frames.forEach(({ boxes }, i) => { for (const box of boxes) home[box] = i; });
const chain = (frame) => (frame === null ? [] : [frame, ...chain(frames[frame].parent)]); // it, and those around it
const closedAround = (item) => chain(home[item]).filter((frame) => closed.has(frame));
const holder = (frame) => chain(frame).filter((each) => closed.has(each)).at(-1) ?? null; // the outermost closed one
const visible = (groups) => groups.find((g) => g.getClientRects().length);
const isBox = (item) => shapes[item][0].classList.contains("node");
const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];
const union = (boxes) => {
  const x = Math.min(...boxes.map((b) => b.x)), y = Math.min(...boxes.map((b) => b.y));
  return { x, y, width: Math.max(...boxes.map((b) => b.x + b.width)) - x, height: Math.max(...boxes.map((b) => b.y + b.height)) - y };
};

const aroundPoints = (points) => union(points.map(([x, y]) => ({ x, y, width: 0, height: 0 })));

let places = null; // where everything is with all frames open: measured when the first one is closed
function measure() {
  const boxOf = (element) => { const { x, y, width, height } = element.getBBox(); return { x, y, width, height }; };
  const textOf = (g) => { const texts = [...g.querySelectorAll("text")]; return texts.length ? union(texts.map(boxOf)) : null; };
  const brush = document.createElement("canvas").getContext("2d");
  places = {
    items: shapes.map((groups, i) => (isBox(i) ? boxOf(visible(groups)) : textOf(visible(groups)))),
    frames: borders.map((groups) => boxOf(visible(groups).querySelector("path, polygon"))),
    labels: borders.map((groups) => textOf(visible(groups))),
    whole: svgs.map((svg) => svg.viewBox.baseVal).map(({ width, height }) => ({ width, height }))[0],
  };
  places.closed = frames.map(({ label }, i) => {
    const drawn = picture.querySelector(`g.folded[data-fold='${i}'] .border`);
    if (drawn) return aroundPoints(pointsIn(drawn.getAttribute(drawn.tagName === "path" ? "d" : "points")));
    brush.font = "bold 12px Helvetica, Arial, sans-serif";
    const width = Math.max(brush.measureText(label).width, 80) + 28, height = 48, [x, y] = middle(places.frames[i]);
    return { x: x - width / 2, y: y - height / 2, width, height };
  });
}

// A function that takes away what is wider than a gap between intervals.
function squeezed(intervals) {
  const knots = []; // where something begins or ends, and how far it moves
  let end = -Infinity, moved = 0;
  for (const [from, to] of intervals.sort((a, b) => a[0] - b[0])) {
    if (from > end) {
      if (from - end > GAP && end > -Infinity) moved -= from - end - GAP;
      knots.push([from, moved]);
    }
    if (to > end) knots.push([(end = to), moved]);
  }
  return (x) => {
    const i = knots.findIndex(([at]) => at >= x);
    if (i <= 0) return x + knots.at(i)[1];
    const [[a, low], [b, high]] = [knots[i - 1], knots[i]];
    return x + low + ((high - low) * (x - a)) / (b - a || 1);
  };
}

const originals = new WeakMap(); // of each shape its points, as the file has them
const original = (shape, key) => { if (!originals.has(shape)) originals.set(shape, shape.getAttribute(key)); return originals.get(shape); };
const mapped = (text, move) => text.replace(/(-?[\d.]+),(-?[\d.]+)/g, (_, x, y) => move([+x, +y]).map((n) => n.toFixed(2)).join());
const pointsIn = (text) => [...text.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [+x, +y]);
const shift = (element, [x, y]) => (x || y ? element.setAttribute("transform", `translate(${x} ${y})`) : element.removeAttribute("transform"));

// From one box to another: a curve from border to border, and the way that it arrives in.
function between(a, b) {
  const [[ax, ay], [bx, by]] = [middle(a), middle(b)];
  const level = a.x + a.width <= b.x || b.x + b.width <= a.x, sign = Math.sign(level ? bx - ax : by - ay) || 1;
  const way = level ? [sign, 0] : [0, sign];
  const start = [ax + (way[0] * a.width) / 2, ay + (way[1] * a.height) / 2];
  const end = [bx - (way[0] * b.width) / 2, by - (way[1] * b.height) / 2];
  return { start, end, way };
}

// A curve that is bent so that it begins and ends elsewhere, and less the further it is from there.
function bentTo(points, from, to) {
  const [first, last] = [points[0], points.at(-1)], n = points.length - 1;
  return points.map((point, k) => [0, 1].map((i) => point[i] + (1 - k / n) * (from[i] - first[i]) + (k / n) * (to[i] - last[i])));
}

function arrange() {
  const hidden = items.map((_, i) => holder(home[i])), open = frames.map((_, i) => holder(i) === null);
  const standing = frames.map((_, i) => closed.has(i) && holder(i) === i); // closed, and in no other closed one
  const ends = items.map((item, i) => (isBox(i) ? null : [item.from[0], item.near.find((n) => n !== item.from[0]) ?? item.from[0]]));
  const isKept = (i) => (isBox(i) ? hidden[i] === null : ends[i].every((end) => hidden[end] === null));
  const rigid = [...items.flatMap((_, i) => (isKept(i) && places.items[i] ? [places.items[i]] : [])),
    ...frames.flatMap((_, i) => (standing[i] ? [places.closed[i]] : open[i] ? [places.labels[i]] : []))].filter(Boolean);
  const all = union([...places.frames, ...places.items.filter(Boolean)]);
  const along = (from, size) => (closed.size ? squeezed([...rigid.map((r) => [r[from], r[from] + r[size]]),
    [all[from], all[from]], [all[from] + all[size], all[from] + all[size]]]) : (x) => x);
  const mapX = along("x", "width"), mapY = along("y", "height"), move = ([x, y]) => [mapX(x), mapY(y)];
  const offset = (box) => { const [x, y] = middle(box), [u, v] = move([x, y]); return [u - x, v - y]; };
  const moved = (box) => { const [x, y] = offset(box); return { ...box, x: box.x + x, y: box.y + y }; };
  const boxOf = (item) => moved(hidden[item] === null ? places.items[item] : places.closed[hidden[item]]);

  const drawn = new Set(); // of arrows between the same two, where one is closed, one
  items.forEach((_, i) => {
    const away = isBox(i) ? !isKept(i) : (() => {
      if (isKept(i)) return false;
      const [tail, head] = ends[i].map((end) => (hidden[end] === null ? `box ${end}` : `frame ${hidden[end]}`)), key = `${tail} ${head}`;
      return tail === head || drawn.has(key) || !drawn.add(key);
    })();
    for (const g of shapes[i]) {
      g.classList.toggle("away", away);
      if (away) continue;
      if (isBox(i)) shift(g, offset(places.items[i]));
      else {
        const way = isKept(i) ? null : { ...between(...ends[i].map(boxOf)), isOpen: ends[i].map((end) => hidden[end] === null) };
        setArrow(g, way, move, places.items[i] && offset(places.items[i]));
      }
    }
    for (const wide of picture.querySelectorAll(`path.wide[data-item='${i}']`)) {
      wide.classList.toggle("away", away);
      if (!away) wide.setAttribute("d", shapes[i][0].querySelector("path").getAttribute("d"));
    }
  });
  frames.forEach((_, i) => {
    for (const g of borders[i]) {
      g.classList.toggle("away", !open[i]);
      for (const border of g.querySelectorAll("path")) border.setAttribute("d", mapped(original(border, "d"), move));
      for (const border of g.querySelectorAll("polygon")) border.setAttribute("points", mapped(original(border, "points"), move));
      for (const text of g.querySelectorAll("text")) shift(text, offset(places.labels[i]));
      setClosed(g.parentNode, i, standing[i] ? moved(places.closed[i]) : null);
    }
  });
  const width = places.whole.width + mapX(all.x + all.width) - all.x - all.width;
  const height = places.whole.height + mapY(all.y + all.height) - all.y - all.height;
  for (const svg of svgs) for (const [key, value] of [["width", width], ["height", height], ["viewBox", `0 0 ${width} ${height}`]]) svg.setAttribute(key, value);
}

// A curve without the corners that moving its points has put into it: where two parts meet, both go the same way.
function smooth(points) {
  const length = ([x, y]) => Math.hypot(x, y) || 1, minus = (p, q) => [p[0] - q[0], p[1] - q[1]];
  for (let k = 3; k < points.length - 1; k += 3) {
    const [before, joint, after] = points.slice(k - 1, k + 2), way = minus(after, before), l = length(way);
    const [back, forth] = [length(minus(joint, before)), length(minus(after, joint))];
    points[k - 1] = joint.map((n, i) => n - (way[i] / l) * back);
    points[k + 1] = joint.map((n, i) => n + (way[i] / l) * forth);
  }
  return points;
}

// An arrow where it was, but for the room that was taken away; at a closed frame it begins or ends at its box.
function setArrow(g, between, move, labelOffset) {
  const line = g.querySelector("path"), points = pointsIn(original(line, "d")).map(move);
  const isOpen = between ? between.isOpen : [true, true], [from, to] = [points[0], points.at(-1)];
  const written = (list) => list.map((point) => point.map((n) => n.toFixed(2)).join());
  const start = isOpen[0] ? from : between.start, end = isOpen[1] ? to : between.end, tips = [start, end];
  for (const head of g.querySelectorAll("polygon")) {
    const corners = pointsIn(original(head, "points")), old = pointsIn(original(line, "d"));
    const near = ([x, y]) => Math.hypot(x - corners[0][0], y - corners[0][1]), at = near(old.at(-1)) < near(old[0]) ? 1 : 0;
    const foot = at ? old.at(-1) : old[0], moved = corners.map(([x, y]) => [x - foot[0] + (at ? to : from)[0], y - foot[1] + (at ? to : from)[1]]);
    if (isOpen[at]) { head.setAttribute("points", written(moved).join(" ")); continue; }
    const [w, h] = between.way.map((n) => (at ? n : -n)), [x, y] = tips[at];
    tips[at] = [x - 10 * w, y - 10 * h]; // the line ends where its tip begins
    head.setAttribute("points", written([[x, y], [x - 10 * w - 3.5 * h, y - 10 * h + 3.5 * w], [x - 10 * w + 3.5 * h, y - 10 * h - 3.5 * w], [x, y]]).join(" "));
  }
  const bent = written(between ? straightened(tips, between.way) : smooth(bentTo(points, ...tips)));
  line.setAttribute("d", `M${bent[0]} C${bent.slice(1).join(" ")}`);
  for (const part of g.querySelectorAll("text")) {
    part.classList.toggle("away", Boolean(between));
    if (!between) shift(part, labelOffset);
  }
}

// A curve from one closed frame to another.
function straightened([start, end], way) {
  const reach = Math.abs(way[0] ? end[0] - start[0] : end[1] - start[1]) / 2;
  return [start, start.map((n, i) => n + way[i] * reach), end.map((n, i) => n - way[i] * reach), end];
}

// The box that a closed frame is; none while it is open, or within another closed one.
function setClosed(parent, frame, box) {
  let g = parent.querySelector(`g.folded[data-fold='${frame}']`);
  if (frames[frame].closed) {
    g.classList.toggle("away", !box);
    if (box) shift(g, [box.x - places.closed[frame].x, box.y - places.closed[frame].y]);
    return;
  }
  if (!box) return g?.remove();
  const make = (tag) => document.createElementNS("http://www.w3.org/2000/svg", tag);
  if (!g) {
    g = make("g");
    const inside = items.flatMap((_, i) => (home[i] !== null && chain(home[i]).includes(frame) ? [i] : [])).length;
    for (const [key, value] of [["class", "folded"], ["data-fold", frame], ["tabindex", 0], ["role", "button"], ["aria-expanded", false],
      ["aria-label", `Open ${frames[frame].label}`]]) g.setAttribute(key, value);
    const texts = [make("text"), make("text")];
    texts[0].textContent = `▸ ${frames[frame].label}`;
    texts[1].textContent = inside === 1 ? "1 box" : `${inside} boxes`;
    g.append(make("rect"), ...texts);
    parent.append(g);
  }
  const [rect, name, count] = g.children;
  for (const [key, value] of Object.entries({ ...box, rx: 8 })) rect.setAttribute(key, value);
  [name, count].forEach((text, i) => { text.setAttribute("x", box.x + 10); text.setAttribute("y", box.y + 20 + 17 * i); });
}

// Close frames that are open, open those that are closed; the first stays where it is on the screen.
function fold(which) {
  hide();
  if (!places) measure();
  const anchor = () => { const box = visible([...picture.querySelectorAll(`[data-fold='${which[0]}']`)])?.getBoundingClientRect(); return box && middle(box); };
  const before = anchor();
  for (const frame of which) if (!closed.delete(frame)) closed.add(frame);
  arrange();
  byId("folds").setAttribute("aria-pressed", closed.size > 0);
  const now = anchor();
  if (!view.moved) begin(); else if (before && now) moveBy(before[0] - now[0], before[1] - now[1]);
}

if (frames.length) {
  for (const element of [byId("folds"), ...document.querySelectorAll(".frames")]) element.hidden = false;
  borders.forEach((groups, i) => groups.forEach((g) => {
    const [text, ...others] = g.querySelectorAll("text");
    for (const other of others) other.setAttribute("data-fold", i);
    for (const [key, value] of [["data-fold", i], ["tabindex", 0], ["role", "button"], ["aria-expanded", true]]) text?.setAttribute(key, value);
  }));
  for (const g of picture.querySelectorAll("g.folded")) {
    const label = `Open ${frames[g.dataset.fold].label}`;
    for (const [key, value] of [["tabindex", 0], ["role", "button"], ["aria-expanded", false], ["aria-label", label]]) g.setAttribute(key, value);
  }
  const innermost = frames.flatMap((_, i) => (frames.some(({ parent }) => parent === i) ? [] : [i]));
  byId("folds").onclick = () => fold(closed.size ? [...closed] : innermost);
  const first = frames.flatMap((frame, i) => (frame.closed ? [i] : []));
  if (first.length) fold(first);
}
