// The graph: boxes with matrices, circles with operations, thin arrows for values, and bands for the gradient that flows back.

const WIDEST = 34; // how wide a band may be
let BAND = 6; // the width of a band for a gradient of 1: chosen once, so that training is seen to end
function chooseBand() {
  const largest = Math.max(
    ...boxed.filter((id) => nodes[id].graded).flatMap((id) => [...gradientOf(id).data].filter(Number.isFinite).map(Math.abs)),
    1e-9,
  );
  const unit = 10 ** Math.floor(Math.log10(largest));
  BAND = 30 / (unit * [5, 2, 1].find((k) => k * unit <= largest * 1.001));
  put(byId("key-size"), short(Number((12 / BAND).toPrecision(3))));
}
const narrow = () => innerWidth <= 760;
let drawn = null; // what is on the page: { direction, cells, bands, circles, boxes }

function nameText(x, y, id) {
  const [stem, ...low] = nodes[id].name.split("_"),
    text = svg("text", { x, y, class: "name", "aria-hidden": true }, stem);
  if (low.length) text.append(svg("tspan", { class: "low", dy: 6 }, low.join("_")));
  return text;
}

function buildGraph() {
  const direction = narrow() ? "TB" : "LR",
    plan = DATA.layouts[direction];
  const [wide, tall] = [plan.width + 12, plan.height + 12];
  const root = svg("svg", {
    viewBox: `-6 -6 ${wide} ${tall}`,
    role: "group",
    "aria-label": "computation graph, from the given numbers to the loss",
  });
  root.style.setProperty("--natural", `${wide}px`);
  root.style.setProperty("--tall", `${tall}px`);
  drawn = { direction, cells: [], bands: [], circles: {}, boxes: {} };
  const under = svg("g"),
    over = svg("g");
  root.append(under, over);
  plan.curves.forEach((points, i) => drawArrow(points, DATA.links[i], under, over));
  for (const [name, place] of Object.entries(plan.at))
    ({ o: drawCircle, b: drawBox, s: drawStub })[name[0]](root, Number(name.match(/\d+$/)), place);
  byId("graph").replaceChildren(root);
  for (const band of drawn.bands) {
    // where it begins, and in which direction
    const [a, b] = [0, 12].map((l) => band.line.getPointAtLength(l)),
      length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
    Object.assign(band, {
      start: [a.x, a.y],
      along: [(b.x - a.x) / length, (b.y - a.y) / length],
      length: band.line.getTotalLength(),
    });
  }
}

function drawArrow(points, [read, op, position], under, over) {
  const d = `M${points[0]}C${points.slice(1).join(" ")}`,
    [[px, py], [x, y]] = points.slice(-2),
    length = Math.hypot(x - px, y - py) || 1;
  const [ux, uy] = [(x - px) / length, (y - py) / length];
  const tip = `M${x} ${y}L${x - 9 * ux + 4.5 * uy} ${y - 9 * uy - 4.5 * ux}L${x - 9 * ux - 4.5 * uy} ${y - 9 * uy + 4.5 * ux}Z`;
  under.append(svg("path", { d, class: "wire" }), svg("path", { d: tip, class: "tip" }));
  const line = svg("path", { d }),
    head = svg("polygon"),
    stripe = svg("path", { d, class: "stripe" }), // below zero, also in black and white
    group = svg("g", { class: "band" }, line, head, stripe);
  over.append(group);
  drawn.bands.push({ group, line, head, stripe, read, op, position });
}

function drawCircle(root, id, [x, y, width, height]) {
  const glyph = DATA.glyphs[id],
    circle = svg("ellipse", { cx: x + width / 2, cy: y + height / 2, rx: width / 2, ry: height / 2, class: "circle" });
  circle.append(svg("title", {}, `${nodes[id].op}: ${nodes[id].name}`));
  circle.addEventListener("click", () =>
    goToStep(DATA.steps.findIndex((step) => step.kind === "forward" && step.node === id) + 1),
  );
  root.append(circle, svg("text", { x: x + width / 2, y: y + height / 2 + 7, class: "glyph", "aria-hidden": true }, glyph));
  drawn.circles[id] = circle;
}

// What is used again far away: its name, and the way to its box.
function drawStub(root, id, [x, y, width, height]) {
  const stub = svg("g", { class: "stub", role: "button", tabindex: 0, "aria-label": `${spoken(id, null)}, used again` });
  const go = () => {
    choosing(id, 0);
    keepInView(drawn.boxes[id]);
  };
  stub.append(svg("title", {}, "Used again: go to its numbers"), svg("rect", { x, y, width, height, rx: height / 2 }));
  stub.append(nameText(x + 12, y + height / 2 + 8, id));
  stub.addEventListener("click", go);
  stub.addEventListener("keydown", (event) => {
    if (event.key === "Enter") go();
  });
  root.append(stub);
}

const KINDS = { given: "given", parameter: "parameter", computed: "computed", output: "the loss" };
function drawBox(root, id, [x, y, width, height]) {
  const node = nodes[id],
    box = svg("rect", { x, y, width, height, rx: 10, class: `box ${node.kind}` }),
    shape = (node.whole ?? node.shape).join(" by "),
    group = svg("g", { role: "group", "aria-label": [spoken(id, null), KINDS[node.kind], shape].filter(Boolean).join(", ") });
  drawn.boxes[id] = box;
  root.append(group);
  root = group;
  root.append(box, nameText(x + DATA.cell.margin, y + 25, id));
  const [rows, columns, shownRows, shownColumns] = node.grid,
    [firstRow, firstColumn] = windowOf(id),
    pitch = node.graded ? DATA.cell.pair : DATA.cell.value;
  const left = x + DATA.cell.margin,
    top = y + DATA.cell.head,
    right = left + shownColumns * DATA.cell.cell + 8,
    bottom = top + shownRows * pitch;
  if (rows > shownRows || columns > shownColumns)
    root.append(svg("text", { x: x + width - DATA.cell.margin, y: y + 25, class: "shape" }, windowText(id)));
  if (columns > shownColumns) drawDots(root, id, 1, "⋯", right + 16, (top + bottom) / 2 + 6);
  if (rows > shownRows) drawDots(root, id, 0, "⋮", (left + right) / 2, bottom + pitch / 4 + 8);
  if (node.shape.includes(0)) {
    root.append(svg("text", { x: left + 6, y: top + 20, class: "empty" }, `empty, ${node.shape.join(" × ")}`));
    return;
  }
  if (node.shape.length)
    root.append(svg("path", { class: "bracket", d: `M${left + 5} ${top}h-6V${bottom}h6M${right - 4} ${top}h6V${bottom}h-6` }));
  for (let i = 0; i < shownRows; i++)
    for (let j = 0; j < shownColumns; j++) {
      const place = (firstRow + i) * columns + firstColumn + j;
      drawCell(root, id, place, left + j * DATA.cell.cell + 4, top + i * pitch, pitch, i || j);
    }
}

// ---- Of a large matrix a part is shown; its dots lead to the next part, and after the last to the first.

const windows = new Map(); // node -> the row and the column that are shown first
const windowOf = (id) => windows.get(id) ?? [0, 0];
const heldOf = (id) => [valueOf(id).data.length / nodes[id].grid[1], nodes[id].grid[1]]; // rows and columns that are on this page
function windowText(id) {
  const first = windowOf(id);
  if (!first[0] && !first[1]) return (nodes[id].whole ?? nodes[id].shape).join(" × ");
  const held = heldOf(id),
    part = (i) => (nodes[id].grid[i + 2] < held[i] ? `${first[i] + base()}…${first[i] + nodes[id].grid[i + 2] - 1 + base()}` : "");
  return [part(0) && `rows ${part(0)}`, part(1) && `columns ${part(1)}`].filter(Boolean).join(", ");
}
function drawDots(root, id, axis, text, x, y) {
  const label = `${spoken(id, null)}: the next ${axis ? "columns" : "rows"}`,
    dots = svg("g", { role: "button", tabindex: 0, "aria-label": label, class: "dots", "data-dots": `${id},${axis}` });
  dots.append(svg("title", {}, label), svg("rect", { x: x - 16, y: y - 22, width: 32, height: 30, rx: 7 }), svg("text", { x, y }, text));
  dots.addEventListener("click", () => turnWindow(id, axis));
  dots.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    turnWindow(id, axis);
  });
  root.append(dots);
}
function turnWindow(id, axis) {
  const first = [...windowOf(id)],
    [held, shown] = [heldOf(id)[axis], nodes[id].grid[axis + 2]],
    last = held - shown;
  first[axis] = first[axis] >= last ? 0 : Math.min(first[axis] + shown, last);
  windows.set(id, first);
  const place = byId("graph"),
    at = [place.scrollLeft, place.scrollTop];
  buildGraph();
  [place.scrollLeft, place.scrollTop] = at;
  document.querySelector(`[data-dots="${id},${axis}"]`).focus({ preventScroll: true });
  refresh();
}

function drawCell(root, id, place, x, y, height, isLater) {
  const node = nodes[id],
    hit = svg("rect", { x: x + 2, y: y + 1.5, width: DATA.cell.cell - 4, height: height - 3, class: "hit" });
  const value = svg("text", { x: x + DATA.cell.cell - 8, y: y + 24, class: "number value" });
  const gradient = node.graded ? svg("text", { x: x + DATA.cell.cell - 8, y: y + 46, class: "number gradient" }) : null;
  const group = svg("g", { class: "cell", tabindex: isLater ? -1 : 0, "data-cell": `${id},${place}` }, hit, value);
  if (gradient) group.append(gradient);
  root.append(group);
  const cell = { id, place, group, value, gradient, movable: isMovable(id) };
  drawn.cells.push(cell);
  const choose = () => choosing(id, place);
  group.addEventListener("keydown", (event) => moveFocus(event, cell));
  group.addEventListener("keydown", (event) => {
    if (event.key === "h" && !event.ctrlKey && !event.metaKey && !event.altKey) hideOrShow(id, place);
  });
  if (cell.movable) {
    for (const [name, text] of [
      ["role", "spinbutton"],
      ["aria-label", spoken(id, place)],
      ["aria-valuemin", -1e6],
      ["aria-valuemax", 1e6],
    ])
      set(group, name, text);
    const take = (v) => {
      setNumber(id, place, v);
      record("edit");
      announce();
    };
    scrubbable(group, {
      get: () => state.leaves[id].data[place],
      set: (v) => setNumber(id, place, v),
      chosen: choose,
      done: () => {
        record("edit");
        refresh();
      },
      editor: (start) => typeOver(hit, start, state.leaves[id].data[place], take),
    });
    hit.focus = () => group.focus({ preventScroll: true });
  } else {
    set(group, "role", "button"); // which is named by what stands in it: h 1: 0.317, gradient 4.678
    value.before(svg("text", { x, y: y + 24, class: "spoken" }, `${spoken(id, place)}: `));
    gradient?.before(svg("text", { x, y: y + 24, class: "spoken" }, ", gradient "));
    if (node.op && !recording) explainsItself(group, id);
    group.addEventListener("click", choose);
    group.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        choose();
      }
    });
  }
}

// H hides a number, to ask the class for it: its gradient, or the value of what has none. H again reveals all of it.
function hideOrShow(id, place) {
  const [value, gradient] = ["value", "gradient"].map((what) => `${what},${id},${place}`),
    hidden = [value, gradient].filter((key) => state.hidden.delete(key));
  if (!hidden.length) state.hidden.add(nodes[id].graded ? gradient : value);
  refresh();
}

// ← → go from number to number in a box; Tab goes from box to box.
function moveFocus(event, cell) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || state.mode === "steps" || event.ctrlKey || event.metaKey || event.altKey) return;
  const inBox = drawn.cells.filter((one) => one.id === cell.id),
    next = inBox[inBox.indexOf(cell) + step];
  event.preventDefault();
  event.stopPropagation();
  if (!next) return;
  set(cell.group, "tabindex", -1);
  set(next.group, "tabindex", 0);
  next.group.focus({ preventScroll: true });
}

// ---- What is shown of it now

// Which values and gradients there are: all, but while steps are gone through, or the quiz hides some.
function shownNow() {
  if (state.mode === "steps") return known();
  if (state.mode === "quiz")
    return { value: () => true, gradient: (id, place) => id === DATA.loss || !isAsked(id, place), none: "?" };
  return { value: () => true, gradient: () => true, none: "" };
}

// Of a graph that is larger than its place, the part that is spoken of.
function keepInView(element) {
  const place = byId("graph");
  if (!element || (place.scrollWidth <= place.clientWidth && place.scrollHeight <= place.clientHeight)) return;
  const [outer, inner] = [place, element].map((one) => one.getBoundingClientRect()),
    isOut = (a, b, low, high) => a < low + 20 || b > high - 20;
  if (isOut(inner.left, inner.right, outer.left, outer.right))
    place.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  if (isOut(inner.top, inner.bottom, outer.top, outer.bottom))
    place.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
}

const longIf = ({ textContent }) => (textContent.length < 7 ? "" : textContent.includes("·") ? "long" : "wide"); // −3·10⁻¹³, −10.000

function drawGraph() {
  const shown = shownNow(),
    [id, place] = state.chosen,
    way = state.mode === "steps" ? null : wayOf(id, place);
  for (const cell of drawn.cells) {
    const key = `${cell.id},${cell.place}`,
      value = valueOf(cell.id).data[cell.place],
      isThere = shown.value(cell.id, cell.place) && !state.hidden.has(`value,${key}`);
    put(cell.value, isThere ? fixed(value) : shown.none || "?");
    set(cell.value, "class", `number value ${isThere ? signOf(value) : "zero"} ${longIf(cell.value)}`);
    let said = isThere ? fixed(value) : "hidden";
    if (cell.gradient) {
      // what has come so far, in steps, is a number; else true or false
      const found = !state.hidden.has(`gradient,${key}`) && shown.gradient(cell.id, cell.place),
        gradient = typeof found === "number" ? found : gradientOf(cell.id).data[cell.place];
      put(cell.gradient, found === false ? shown.none || "?" : fixed(gradient));
      set(cell.gradient, "class", `number gradient ${found === false ? "zero" : signOf(gradient)} ${longIf(cell.gradient)}`);
      said += found === false ? "" : `, gradient ${fixed(gradient)}`;
    }
    if (cell.movable) {
      set(cell.group, "aria-valuenow", Number(value.toFixed(6)));
      set(cell.group, "aria-valuetext", said);
    }
    const isChosen = cell.id === id && cell.place === place;
    const mark = !way
      ? ""
      : way.hot.has(key)
        ? "hot"
        : isChosen
          ? "chosen"
          : way.on.has(key)
            ? "on"
            : way.reads.has(key)
              ? "reads"
              : "";
    set(cell.group, "class", `cell ${cell.movable ? "movable" : ""} ${mark}`);
  }
  const flow = state.mode === "steps" ? flowOfSteps() : flowOf(way);
  for (const band of drawn.bands) drawBand(band, flow(band));
  const step = state.mode === "steps" && state.stepAt ? DATA.steps[state.stepAt - 1] : null;
  for (const [node, circle] of Object.entries(drawn.circles))
    set(circle, "class", `circle ${step && step.kind !== "seed" && step.node === Number(node) ? "now" : ""}`);
  for (const [node, box] of Object.entries(drawn.boxes))
    set(
      box,
      "class",
      `box ${nodes[node].kind} ${step && (step.kind === "backward" ? step.input : step.node) === Number(node) ? "now" : ""}`,
    );
}

// The chosen number's way: elements on it, elements that its formulas read, and those of the factor that is pointed at.
function wayOf(id, place) {
  const found = coneOf(id, place),
    way = { cone: found, path: null, on: new Set(), reads: new Set(), hot: new Set() };
  if (found.tooLarge || !found.paths.length || hidesWay()) return way;
  way.path = state.path >= 0 ? found.paths[Math.min(state.path, found.paths.length - 1)] : null;
  const factors = way.path
    ? way.path.factors
    : found.elements.flatMap((one) => one.partials.filter((partial) => partial.to.count));
  for (const { of, to } of factors) for (const one of [of, to]) way.on.add(`${one.id},${one.place}`);
  for (const [i, factor] of (way.path?.factors ?? []).entries())
    for (const name of namesIn(formulaOf(factor) ?? ["number", 0])) (i === pointedAt ? way.hot : way.reads).add(name.join());
  return way;
}

// What flows back along each arrow: along one path the product so far, along all of them ∂L/∂(its end). Numbers, one or several.
function flowOf(way) {
  if (!way || way.cone.tooLarge || !way.cone.paths.length || hidesWay()) return () => [];
  const flow = new Map(),
    add = (band, numbers) => flow.set(band, [...(flow.get(band) ?? []), ...numbers]),
    masks = new Map();
  const maskOf = (id) => {
    if (!masks.has(id)) masks.set(id, way.cone.masks(id));
    return masks.get(id);
  };
  const among = (x, id) => {
    const mask = maskOf(id);
    return [...x.data].filter((_, i) => !mask || mask[i]);
  };
  if (!way.path) {
    // all together
    return ({ read, op, position }) => {
      if (!nodes[read].graded || (maskOf(read) && !maskOf(read).some(Boolean)) || !way.on.size || !isBetween(read, way))
        return [];
      if (op === null) return among(gradientOf(read), read);
      const i = contributionOf[`${op},${position}`];
      return i === undefined ? [] : among(contribution(i, read), read);
    };
  }
  let product = 1;
  for (const { of, to, value } of way.path.factors) {
    const back = pulledBack(of.id, oneAt(of.id, of.place, product));
    for (const band of drawn.bands) {
      const { read, op, position } = band;
      if (op === null) {
        if (read === of.id) add(band, [product]);
        continue;
      }
      if (!segmentOf[of.id].inside.includes(op)) continue;
      const found = position === null ? back[`e${read}`] : back[`d${op}_${position}`];
      if (found === undefined) continue;
      const x = fitted(found, nodes[read].shape);
      if (read === to.id) add(band, x.data[to.place] ? [x.data[to.place]] : []);
      else if (!nodes[read].grid) add(band, among(x, read));
    }
    product *= value;
  }
  return (band) => flow.get(band) ?? [];
}
const isBetween = (id, way) => !nodes[id].grid || [...way.on].some((key) => key.startsWith(`${id},`));

function drawBand({ group, line, head, stripe, start, along, length }, numbers) {
  const size = Math.hypot(...numbers),
    isFlow = numbers.length && size > 0 && size === size;
  const width = isFlow ? Math.min(WIDEST, Math.max(1.6, BAND * size)) : 0,
    tip = width ? Math.min(18, 5 + width * 0.6, length * 0.7) : 0,
    half = width / 2 + 3.5;
  const [x, y] = start,
    [ux, uy] = along;
  set(line, "stroke-width", width.toFixed(2));
  set(line, "stroke-dasharray", `0 ${(tip * 0.97).toFixed(1)} 9999`);
  const corners = [
    [x, y],
    [x + ux * tip - uy * half, y + uy * tip + ux * half],
    [x + ux * tip + uy * half, y + uy * tip - ux * half],
  ];
  set(head, "points", width ? corners.map((corner) => corner.map((v) => v.toFixed(1)).join()).join(" ") : "");
  const signs = new Set(numbers.filter((v) => v).map(signOf));
  const sign = signs.size === 1 ? [...signs][0] : "zero";
  set(group, "class", `band ${sign}`);
  set(stripe, "stroke-width", sign === "negative" && width ? Math.max(1, width * 0.3).toFixed(2) : 0);
  set(stripe, "stroke-dasharray", `0 ${(tip + 3).toFixed(1)} ${"7 7 ".repeat(Math.ceil(length / 14))}`); // not on the tip
}
