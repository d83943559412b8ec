// Where the chosen number's gradient comes from: paths, and of one path a column for each factor, in symbols and in numbers.

let pointedAt = null; // the factor under the pointer
let derivation = null; // what is on the page: its key, and functions that write the numbers of the moment

function choosing(id, place) {
  if (isHiding) return hideOrReveal(id, place);
  if (state.mode === "quiz") {
    askAbout(id, place);
    return;
  }
  if (String(state.chosen) !== String([id, place])) state.before = state.chosen;
  [state.chosen, state.path, pointedAt, range] = [[id, place], 0, null, null];
  if (!nodes[id].graded) announceText(`${nameOf(id, place)} is given: no gradient is wanted for it. Drag it.`);
  linkNow();
  refresh();
}

function drawDerivation() {
  const [id, place] = state.chosen,
    panel = byId("why");
  if (!nodes[id].graded)
    return say(panel, "given", [
      heading(["Given: ", headed(id, place)]),
      html(
        "p",
        {},
        `${plainName(id)} requires no gradient, so the backward pass leaves none here: training does not change it. Drag it, and everything follows; click a number with a gradient to derive it.`,
      ),
    ]);
  if (recording) return say(panel, "recording", recordedGradient(id, place));
  const found = coneOf(id, place);
  if (found.tooLarge)
    return say(panel, "large", [
      heading(["The gradient of ", headed(id, place)]),
      html("p", {}, `Its chain rule runs through more than ${MOST_ELEMENTS} numbers: too many to write out.`),
    ]);
  if (id === DATA.loss)
    return say(panel, "loss", [
      heading([headed(id, null), " by itself"]),
      html("p", {}, "∂L/∂L = 1: the backward pass begins here. Click any other number."),
    ]);
  if (!found.paths.length)
    return say(panel, "none", [
      heading(["The gradient of ", headed(id, place)]),
      html(
        "p",
        {},
        `At these values no change of ${nameOf(id, place)} gets through to ${nodes[DATA.loss].name}: the gradient is 0.`,
      ),
    ]);
  const path = state.path >= 0 ? found.paths[Math.min(state.path, found.paths.length - 1)] : null;
  const shape = (one) =>
    one.factors.map((factor) => `${factor.to.id},${factor.to.place},${Boolean(formulaOf(factor))}`).join(" ");
  const key = `${id},${place},${state.path},${found.source.count},${path ? shape(path) : ""},${innerWidth},${state.before},${hidesWay()},${document.documentElement.className.includes("present")},${conventions.fromZero},${which},${way}`;
  if (derivation?.key !== key) buildDerivation(key, found, path);
  for (const write of derivation.live) write();
}
function recordedGradient(id, place) {
  const index = indexOf(id, place).join(", "),
    element = index ? `${nodes[id].name}[${index}]` : nodes[id].name;
  const equation = math(partial([DATA.loss, null], [id, place]), ml("mo", "="), ml("mn", fixed(gradientOf(id).data[place])));
  return [
    heading(["The gradient of ", headed(id, place)]),
    html("p", { class: "large" }, hidesWay() ? "" : equation),
    ...(hidesWay() ? [] : addedUp(id, place)),
    html("p", {}, "It is shown as it was recorded. In Python this derives it:"),
    html("p", {}, html("code", {}, `print(chain_rule(${nodes[DATA.loss].name}, ${element}))`)),
  ];
}
// What a recorded gradient was added up from: each rule, and what it gave for this number.
function addedUp(id, place) {
  const steps = DATA.steps.filter((step) => step.kind === "backward" && step.input === id && arrives(step));
  return steps.flatMap((step) => {
    const x = contribution(step.contribution, id).data[place],
      number = html("b", { class: signOf(x) }, fixed(x)),
      [formula] = DATA.steps.find((one) => one.contribution === step.contribution && one.formulas.length)?.formulas ?? [],
      from = html("span", {}, steps.length > 1 ? "added from " : "it comes from ", `${plainName(step.node)}: `, number);
    return [html("p", {}, from), ...(formula ? [html("p", { class: "rule-of" }, built(formula))] : [])];
  });
}
const heading = (parts) => {
  // a name for tools that do not read formulas
  const name = parts.map((part) => (typeof part === "string" ? part : part.dataset.spoken)).join("");
  return html("h2", { "aria-label": name }, ...parts);
};
const headed = (id, place) => {
  const formula = math(symbol(id, place));
  formula.dataset.spoken = spoken(id, place);
  return formula;
};
function say(panel, key, content) {
  const whole = `${key},${state.chosen},${hidesWay()}`;
  if (derivation?.key === whole) return;
  derivation = { key: whole, live: [] };
  panel.replaceChildren(...content);
}

// As many paths as there is room for, and then in as large type.
function buildDerivation(key, found, path) {
  const panel = byId("why"),
    overflows = () => !narrow() && panel.scrollHeight > panel.clientHeight + 1;
  const attempts = [[5, false, ["columns", "rows", "brief"]]];
  if (found.source.count > 1) for (const most of [5, 3, 2]) attempts.push([most, true, attempts[0][2]]);
  attempts.push([...attempts.at(-1).slice(0, 2), ["rows", "brief"]]);
  for (const [most, chips, layouts] of attempts) {
    panel.classList.toggle("chips", chips);
    appendDerivation(key, found, path, most, layouts);
    for (const write of derivation.live) write();
    if (!overflows()) return spread(panel.querySelector(".chain"));
  }
  const chain = panel.querySelector(".chain"),
    size = chain && parseFloat(getComputedStyle(chain).fontSize);
  for (const scale of chain ? [0.9, 0.8, 0.7] : []) {
    if (!overflows() || (root.classList.contains("present") && scale * size < LEGIBLE)) return;
    chain.classList.add("widest");
    Object.assign(chain.style, {
      gridTemplateRows: "",
      gridTemplateColumns: "",
      rowGap: "0.2rem",
      fontSize: `${scale * size}px`,
    });
    fixColumns(chain);
  }
}
// Rows apart, where there is room.
function spread(chain) {
  if (!chain || narrow()) return;
  const { marginTop, rowGap, gridTemplateRows } = getComputedStyle(chain),
    free = (1.2 * parseFloat(marginTop)) / gridTemplateRows.split(" ").length,
    most = 1.1 * parseFloat(getComputedStyle(root).fontSize);
  chain.style.rowGap = `${Math.max(parseFloat(rowGap), Math.min(most, parseFloat(rowGap) + free))}px`;
}
function appendDerivation(key, found, path, most, layouts) {
  const [id, place] = state.chosen,
    live = [],
    panel = byId("why"),
    hides = hidesWay();
  derivation = { key, live };
  panel.replaceChildren(heading(["Where the gradient of ", headed(id, place), " comes from"]));
  if (found.source.count > 1) panel.append(pathList(found, live, hides, most));
  if (path) appendFactors(panel, found, path, live, hides, layouts);
  if (path && !hides && found.source.count === 1) appendBefore(panel, path, live);
  if (hides) return;
  const checks = html("p", { class: "checks" }),
    product = html("b"),
    backward = html("b"),
    nudged = html("b");
  checks.append(
    html("span", {}, found.source.count > 1 ? "sum of the paths " : "product ", product),
    html("span", {}, "backward pass ", backward),
  );
  if (!nodes[id].op) checks.append(html("span", {}, "central difference ", nudged));
  panel.append(checks);
  live.push(() => set(checks, "data-veiled", !hasCome(id, place)));
  live.push(() => {
    const now = coneOf(id, place),
      gradient = gradientOf(id).data[place];
    mark(product, now.end.gradient, gradient, 1e-9);
    mark(backward, gradient, gradient, 1e-9);
    const precision = nodes[id].dtype === "float32" ? 1e-1 : 2e-4;
    if (!nodes[id].op) mark(nudged, slopeBy(id, place, NUDGE), gradient, precision + rounding(gradient));
  });
  if (path) fixColumns(panel.querySelector(".chain"));
}
const NUDGE = 6e-6;
// How far a difference may be off since the loss is rounded, of 1 + |expected|.
const rounding = (expected) => (4 * Number.EPSILON * Math.abs(loss())) / NUDGE / (1 + Math.abs(expected)) || 0;
function appendFactors(panel, found, path, live, hides, layouts) {
  for (const layout of narrow() ? ["stacked"] : layouts) {
    const here = [],
      grid = factors(found, path, here, hides, layout);
    panel.append(grid);
    if (["stacked", "brief"].includes(layout) || fits(grid, SMALLEST[layout])) {
      live.push(...here);
      return;
    }
    grid.remove();
  }
}
function mark(element, x, expected, precision) {
  const agrees =
    x === expected || (x !== x && expected !== expected) || Math.abs(x - expected) <= precision * (1 + Math.abs(expected));
  put(element, `${fixed(x)} ${agrees ? "✓" : "✗"}`);
  set(element, "class", agrees ? "right" : "wrong");
}

// Several paths: each a line with its product, strongest first; one is chosen, or all together.
function pathList(found, live, hides, most) {
  const [id, place] = state.chosen,
    shown = Math.min(found.paths.length, Math.max(most, state.path + 1)),
    more = found.source.count - shown;
  const list = html("div", { class: "paths", role: "radiogroup", "aria-label": "paths" });
  const line = (i, text) => {
    const number = html("span", { class: "number" }),
      bar = html("i", { class: "bar" });
    const button = html(
      "button",
      { type: "button", role: "radio", "aria-checked": state.path === i },
      html("span", { class: "way" }, text),
      bar,
      number,
    );
    button.onclick = () => {
      state.path = i;
      if (state.mode === "quiz") askPath();
      refresh();
    };
    list.append(button);
    live.push(() => {
      const now = coneOf(id, place),
        x = i < 0 ? now.end.gradient : (now.paths[i]?.value ?? 0),
        largest = Math.max(...now.paths.slice(0, shown).map(({ value }) => Math.abs(value)), Math.abs(now.end.gradient));
      if (!hides && hasCome(id, place)) {
        put(number, fixed(x));
        set(number, "class", `number ${signOf(x)}`);
        bar.style.width = `${largest ? (4 * Math.abs(x)) / largest : 0}em`;
      }
      set(bar, "class", hasCome(id, place) && !hides ? `bar ${signOf(x)}` : "bar none");
      set(number, "data-veiled", !hasCome(id, place));
      if (i >= 0) put(button.firstChild, now.paths[i] ? wayText(now.paths[i]) : "");
    });
  };
  line(
    -1,
    `${partialText(id, place)} = the sum over ${found.source.count} paths${more > 0 ? `, ${shown} strongest here` : ""}`,
  );
  for (let i = 0; i < shown; i++) line(i, "");
  return list;
}
const wayText = ({ factors }) =>
  [factors[0].of, ...factors.map(({ to }) => to)].map((one) => nameOf(one.id, one.place)).join(" ← ");

// A factor has a name, a formula, the formula in numbers, and a number. They stand below each other, a column a factor; where that
// is too wide, beside each other, a row a factor, where that is too wide without the numbers; on a phone, stacked.
function factors(found, path, live, hides, layout) {
  const [id, place] = state.chosen,
    index = state.path,
    count = path.factors.length,
    grid = html("div", { class: `chain ${layout}` });
  const pathNow = () => coneOf(id, place).paths[Math.min(index, coneOf(id, place).paths.length - 1)],
    valueOfFactor = (i) => pathNow()?.factors[i]?.value ?? NaN;
  const rows = [[], [], [], []],
    sign = (text) => html("span", { class: "sign" }, text);
  path.factors.forEach((factor, i) => {
    const { of, to } = factor,
      tree = formulaOf(factor),
      first = layout !== "columns" || !i,
      isProduct = layout === "columns" && count > 1;
    rows[0].push(partial([of.id, of.place], [to.id, to.place]));
    rows[1].push(tree ? termIn(tree, null, isProduct, first) : ml("mtext", "(no short formula)"));
    rows[2].push(tree ? termIn(tree, live, isProduct, first) : follower(live, () => valueOfFactor(i), first));
    rows[3].push(follower(live, () => valueOfFactor(i), first));
  });
  const target =
    found.source.count > 1 ? html("span", { class: "of" }, "this path") : math(partial([DATA.loss, 0], [id, place]));
  const inNumbers = rows[2];
  if (layout === "brief") rows.splice(2, 1);
  const says = rows.map((row) => row.map((x) => x.textContent).join("·")),
    kept = rows.filter((_, i) => i === 0 || says[i] !== says[i - 1]);
  if (hides) kept.length = Math.min(kept.length, 2);
  const shown = (r, i, isLater) => veiled(part(kept[r][i], i, isLater), kept[r][i], path.factors[i].to, live);
  grid.style.setProperty("--factors", layout === "columns" ? count : layout === "stacked" ? 1 : 2 * kept.length - 3);
  const come = (span, { id: of, place: at }) => {
    live.push(() => set(span, "data-veiled", !hasCome(of, at)));
    return span;
  }; // an = comes with what it stands before
  const equals = (r, to) => (r < 2 ? sign("=") : come(sign("="), to));
  if (layout === "columns")
    kept.forEach((row, r) =>
      grid.append(r ? html("span") : target, equals(r, path.factors[0].to), ...row.map((_, i) => shown(r, i, i > 0))),
    );
  else
    path.factors.forEach((_, i) => {
      for (let r = 1; r < kept.length; r++) {
        if (kept[r] === inNumbers && formulaOf(path.factors[i])?.[0] === "name") {
          // a name in numbers is its value, which comes next
          if (layout === "rows") grid.append(html("span"), html("span"));
          continue;
        }
        grid.append(
          ...(r === 1 ? [part(kept[0][i], i)] : layout === "stacked" ? [html("span")] : []),
          equals(r, path.factors[i].to),
          shown(r, i),
        );
      }
    });
  if (!hides) {
    const result = ml("mn");
    grid.append(
      layout === "columns" ? html("span") : target,
      equals(2, { id, place }),
      veiled(html("span", { class: "total" }, math(result)), result, { id, place }, live),
    );
    live.push(() => {
      const x = pathNow()?.value ?? 0;
      put(result, fixed(x));
      set(result, "class", signOf(x));
    });
  }
  return grid;
}
// In steps, a number comes with the gradient that it takes part in.
function veiled(span, content, { id, place }, live) {
  const isNumber = ["mn", "mpadded"].includes(content.tagName);
  if (isNumber || span.querySelector("mn[class], mo"))
    live.push(() =>
      set(
        span,
        "data-veiled",
        span.querySelector("[class=positive], [class=negative], [class=zero]") || isNumber ? !hasCome(id, place) : false,
      ),
    );
  return span;
}
const termIn = (tree, live, isFactor, isFirst) =>
  isFactor && tree[0] === "sum" ? grouped(written(tree, live)) : written(tree, live, isFirst);
function part(content, i, isLater) {
  const span = html("span", { class: "factor" }, isLater ? html("span", { class: "sign" }, "· ") : null);
  for (const piece of narrow() ? pieces(content) : [content]) span.append(math(piece), html("wbr"));
  span.addEventListener("pointerenter", () => {
    pointedAt = i;
    refresh();
  });
  span.addEventListener("pointerleave", () => {
    pointedAt = null;
    refresh();
  });
  return span;
}

// A formula in pieces between which a line may end, as formulas themselves are never broken: before a sign, or between factors.
function pieces(content) {
  const isNumber = (x) => x.querySelector(":scope > mo:first-child + mpadded"); // with its brackets
  const flat = (x) => {
    if (x.tagName === "mrow" && !isNumber(x)) return [...x.children].flatMap(flat);
    if (x.tagName !== "msup" || x.firstChild.tagName !== "mrow" || isNumber(x.firstChild)) return [x];
    const [base, exponent] = [flat(x.firstChild), x.lastChild];
    return [...base.slice(0, -1), ml("msup", base.at(-1), exponent)]; // a power of what stands in brackets
  };
  const found = [[]];
  let isOperand = false; // whether what comes before a sign is one, and the sign stands between two
  for (const child of flat(content)) {
    const isSign = child.tagName === "mo" && "+−·><≥≤".includes(child.textContent);
    if (isSign) set(child, "form", isOperand ? "infix" : "prefix");
    if (((isSign && isOperand) || child.tagName === "mspace") && found.at(-1).length) found.push([]);
    found.at(-1).push(child);
    isOperand = !isSign && !(child.tagName === "mo" && "([|".includes(child.textContent));
  }
  return found.map((some) => ml("mrow", ...some));
}

// The number that was chosen before, to compare: its derivation in one line, and which names in it are others.
function appendBefore(panel, path, live) {
  const before = state.before,
    old = before && nodes[before[0]].graded && before[0] !== DATA.loss ? coneOf(...before) : null;
  if (!old || old.tooLarge || old.source.count !== 1 || old.paths[0].factors.length !== path.factors.length) return;
  const trees = [path, old.paths[0]].map((one) => one.factors.map(formulaOf));
  if (trees.flat().includes(null)) return;
  const value = ml("mn"),
    [now, then] = trees.map((some) => [...new Set(some.flatMap(namesIn).map((name) => nameOf(...name)))]);
  const others = (some, known) => some.filter((name) => !known.includes(name)).join(", ");
  const row = trees[1].flatMap((tree, i) => [i ? ml("mo", "·") : null, termIn(tree, null, trees[1].length > 1, !i)]);
  const line = math(partial([DATA.loss, 0], before), ml("mo", "="), ...row, ml("mo", "="), value);
  const differs = others(then, now) && `What differs: ${others(then, now)} before, ${others(now, then)} now.`;
  panel.append(html("div", { class: "before" }, html("span", {}, "before: "), line, html("p", {}, differs)));
  live.push(() => {
    const x = gradientOf(before[0]).data[before[1]];
    put(value, fixed(x));
    set(value, "class", signOf(x));
    set(value, "data-veiled", !hasCome(...before));
  });
}

// The type as large as there is room, but not too small to be read.
const SMALLEST = { columns: 0.68, rows: 0.78 },
  LEGIBLE = 24; // pixels, from the back row
function fits(grid, smallest = 0) {
  widen(grid);
  const size = parseFloat(getComputedStyle(grid).fontSize);
  for (let scale = 1; grid.scrollWidth > grid.clientWidth;) {
    scale *= 0.95;
    if (scale < smallest) return false;
    grid.style.fontSize = `${scale * size}px`;
  }
  return true;
}
// Every number as wide as it may become, with its brackets.
function widen(grid) {
  grid.classList.add("widest");
  for (const number of grid.querySelectorAll("mn"))
    if (number.hasAttribute("class") || !number.textContent) put(number, number.previousSibling ? "0.000" : "−0.000");
}
// Columns and rows are as large as they are with all brackets and signs there, and stay so: a drag moves nothing.
function fixColumns(grid) {
  fits(grid, 0.5);
  grid.style.gridTemplateRows = getComputedStyle(grid).gridTemplateRows;
  if (!narrow()) grid.style.gridTemplateColumns = getComputedStyle(grid).gridTemplateColumns;
  grid.classList.remove("widest");
}
