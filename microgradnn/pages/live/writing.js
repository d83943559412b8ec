// Numbers, names and formulas, as text and as MathML. Text enters the page by textContent alone: no name is ever markup.

const MATHML = "http://www.w3.org/1998/Math/MathML",
  SVG = "http://www.w3.org/2000/svg";
function make(space, tag, attributes = {}, ...children) {
  const element = space ? document.createElementNS(space, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
const html = (tag, attributes, ...children) => make(null, tag, attributes, ...children);
const svg = (tag, attributes, ...children) => make(SVG, tag, attributes, ...children);
const ml = (tag, ...children) => make(MATHML, tag, {}, ...children);
const put = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
const PLACES = { d: "", points: "", cx: -99, cy: -99 }; // where nothing is seen: of what is not a finite number
function set(element, name, value) {
  if (name in PLACES && /NaN|Infinity/.test(value)) value = PLACES[name];
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

// ---- Numbers: three decimals that stand below each other; of tiny and of huge ones a power of ten.

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹",
  SUBSCRIPT = "₀₁₂₃₄₅₆₇₈₉";
const raised = (n) =>
  String(n)
    .replace(/\d/g, (d) => SUPERSCRIPT[d])
    .replace("-", "⁻");
const lowered = (n) => String(n).replace(/\d/g, (d) => SUBSCRIPT[d]);
const minus = (text) => text.replaceAll("-", "−");
function power(x, digits = 0) {
  if (!Number.isFinite(x)) return fixed(x);
  const [mantissa, exponent] = x.toExponential(digits).split("e");
  if (Number(exponent) === 0) return minus(mantissa);
  return minus(mantissa === "1" ? "10" : mantissa === "-1" ? "-10" : `${mantissa}·10`) + raised(Number(exponent));
}
function fixed(x, decimals = 3) {
  if (x !== x) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x !== 0 && Math.abs(x) < 0.5 * 10 ** -decimals) return power(x);
  if (Math.abs(x) >= 9999.5) return power(x, 1);
  const before = Math.abs(x) < 99.9995 ? 0 : Math.abs(x) < 999.995 ? 1 : 2; // −10.000 is as wide as −100.00
  return minus(x.toFixed(Math.max(0, decimals - before)));
}
function short(x) {
  if (!Number.isFinite(x)) return fixed(x);
  const rounded = Number(x.toPrecision(6)),
    [mantissa, exponent] = (Math.abs(x) >= 1e6 ? rounded.toExponential() : String(rounded)).split("e");
  if (exponent === undefined) return minus(mantissa);
  return minus(mantissa === "1" ? "10" : `${mantissa}·10`) + raised(Number(exponent));
}
const signOf = (x) => (x > 0 ? "positive" : x < 0 ? "negative" : "zero"); // of the number itself, not of how it is rounded

// ---- Names: W₁₂ as text and as MathML. Places count row by row.

function indexOf(id, place) {
  const index = [];
  for (const length of [...nodes[id].shape].reverse()) {
    index.unshift(place % length);
    place = Math.floor(place / length);
  }
  return index;
}
const base = () => (conventions.fromZero ? 0 : 1);
const subscriptsOf = (id, place) => {
  const index = indexOf(id, place).map((i) => i + base());
  return index.some((i) => i > 9) ? index.join(",") : index.join("");
};
const LOW = {
  a: "ₐ",
  e: "ₑ",
  h: "ₕ",
  i: "ᵢ",
  j: "ⱼ",
  k: "ₖ",
  l: "ₗ",
  m: "ₘ",
  n: "ₙ",
  o: "ₒ",
  p: "ₚ",
  r: "ᵣ",
  s: "ₛ",
  t: "ₜ",
  u: "ᵤ",
  v: "ᵥ",
  x: "ₓ",
};
const isLow = (text) => [...text].every((c) => c in LOW || /\d/.test(c));
const plainName = (id) =>
  nodes[id].name.replace(/_([a-z\d]+)$/, (whole, low) =>
    isLow(low) ? [...low].map((c) => LOW[c] ?? lowered(c)).join("") : whole,
  );
function nameOf(id, place) {
  const name = plainName(id),
    below = lowered(subscriptsOf(id, place)).replaceAll(",", "‚");
  return name !== nodes[id].name && below ? `${name}‚${below}` : name + below;
}
const spoken = (id, place) =>
  `${nodes[id].name.replaceAll("_", " ")}${
    nodes[id].shape.length && place !== null
      ? " " +
        indexOf(id, place)
          .map((i) => i + base())
          .join(" ")
      : ""
  }`;
function built([tag, ...children]) {
  // MathML that comes as nested lists
  return ml(tag, ...children.map((child) => (typeof child === "string" ? child : built(child))));
}
function symbol(id, place = null) {
  const label = built(nodes[id].label),
    below = place === null ? "" : subscriptsOf(id, place);
  if (!below) return label;
  const named = label.tagName === "mi" || label.tagName === "mtext";
  if (label.tagName === "msub")
    return ml("msub", label.firstChild, ml("mrow", label.lastChild, ml("mo", ","), ml("mn", below)));
  return ml("msub", named || label.tagName === "msup" ? label : grouped(label), ml("mn", below));
}
const grouped = (x) => ml("mrow", ml("mo", "("), x, ml("mo", ")"));
const below = (x) => ml("mrow", ml("mo", "∂"), x.tagName === "mrow" ? grouped(x) : x);
const partial = (of, to) => ml("mfrac", below(symbol(...of)), below(symbol(...to)));
const math = (...children) => ml("math", ...children);
const partialText = (id, place) => `∂${nodes[DATA.loss].name}/∂${nameOf(id, place)}`;

// ---- Formulas: trees of live_segments.py. `written` gives MathML, with symbols, or with numbers that follow the leaves.

function worked(tree) {
  const [kind, ...parts] = tree;
  switch (kind) {
    case "number":
      return parts[0];
    case "name":
      return valueOf(parts[0]).data[parts[1]];
    case "sum":
      return parts[0].reduce((total, sign, i) => total + sign * worked(parts[i + 1]), 0);
    case "power":
      return worked(parts[0]) ** worked(parts[1]);
    case "call":
      return np[parts[0]] ? np[parts[0]](worked(parts[1])).data[0] : NaN;
    case "holds": {
      const [x, y] = [worked(parts[1]), worked(parts[2])];
      return Number({ ">": x > y, "<": x < y, "≥": x >= y, "≤": x <= y }[parts[0]]);
    }
    default:
      return (
        parts[1].reduce((product, x) => product * worked(x), parts[0]) / parts[2].reduce((product, x) => product * worked(x), 1)
      );
  }
}

// A number that follows. Its brackets are there where it is negative, unless it stands first; always, if it is raised. Of brackets
// and minus that are not there, the room is kept while a number is dragged (derivation.css), so that nothing else moves.
function follower(live, get, isFirst, isRaised = false) {
  const number = ml("mn"),
    sign = ml("mo", "−"),
    left = ml("mo", "("),
    right = ml("mo", ")");
  for (const side of ["lspace", "rspace"]) set(sign, side, 0);
  live.push(() => {
    const x = get(),
      brackets = isRaised || (!isFirst && (x < 0 || (x !== 0 && Math.abs(x) < 5e-4)));
    put(number, fixed(Math.abs(x)));
    set(number, "class", signOf(x));
    set(sign, "class", x < 0 ? "negative" : "none");
    for (const bracket of [left, right]) set(bracket, "class", brackets ? "" : "none");
  });
  const padded = ml("mpadded", sign, number); // as high with every digit: nothing moves by a pixel
  set(padded, "height", "0.75em");
  set(padded, "depth", "0.2em");
  return isFirst ? padded : ml("mrow", left, padded, right);
}

// `live`: null for symbols; for numbers a list, which gets a function for each number that follows.
function written(tree, live, isFirst = true) {
  const [kind, ...parts] = tree;
  switch (kind) {
    case "number":
      return parts[0] < 0 && !isFirst ? grouped(exact(parts[0])) : exact(parts[0]);
    case "name":
      return live ? follower(live, () => valueOf(parts[0]).data[parts[1]], isFirst) : symbol(...parts);
    case "sum":
      return ml(
        "mrow",
        ...parts[0].flatMap((sign, i) => [
          i || sign < 0 ? ml("mo", sign < 0 ? "−" : "+") : null,
          term(parts[i + 1], live, !i && sign > 0),
        ]),
      );
    case "power":
      return ml(
        "msup",
        live && parts[0][0] === "name"
          ? follower(live, () => valueOf(parts[0][1]).data[parts[0][2]], false, true)
          : ["name", "call"].includes(parts[0][0])
            ? written(parts[0], live, false)
            : grouped(written(parts[0], live)),
        written(parts[1], live),
      );
    case "call":
      return called(parts[0], written(parts[1], live));
    case "holds":
      return ml("mrow", ml("mo", "["), written(parts[1], live), ml("mo", parts[0]), written(parts[2], live), ml("mo", "]"));
    default:
      return productOf(...parts, live, isFirst);
  }
}
// A number of the formula itself: 2, 0.5, and thirds and the like as fractions.
function exact(x) {
  const below = [3, 6, 7, 9, 11, 12].find(
    (n) => x % 1 !== 0 && Math.abs(x * n - Math.round(x * n)) < 1e-12 && short(x).length > 5,
  );
  if (!below) return ml("mn", short(x));
  const fraction = ml("mfrac", ml("mn", String(Math.abs(Math.round(x * below)))), ml("mn", String(below)));
  return x < 0 ? ml("mrow", ml("mo", "−"), fraction) : fraction;
}
const term = (tree, live, isFirst) => (tree[0] === "sum" ? grouped(written(tree, live)) : written(tree, live, isFirst));
const called = (name, inside) =>
  name === "exp"
    ? ml("msup", ml("mi", "e"), inside)
    : name === "sqrt"
      ? ml("msqrt", inside)
      : name === "absolute"
        ? ml("mrow", ml("mo", "|"), inside, ml("mo", "|"))
        : ml("mrow", ml("mi", name), grouped(inside));
function productOf(coefficient, above, below, live, isFirst) {
  const size = Math.abs(coefficient),
    hasNumber = size !== 1 || !above.length;
  const factors = above.map((x, i) =>
    x[0] === "sum" && (above.length > 1 || hasNumber || below.length === 0)
      ? grouped(written(x, live))
      : written(x, live, !i && !hasNumber && coefficient > 0),
  );
  const spaced = factors.flatMap((x, i) => [
    i || hasNumber ? (live && above[i][0] !== "sum" ? ml("mo", "·") : ml("mspace")) : null,
    x,
  ]);
  const row = ml("mrow", hasNumber ? exact(size) : null, ...spaced);
  const whole = below.length
    ? ml("mfrac", row, ml("mrow", ...below.flatMap((x, i) => [i ? ml("mo", live ? "·" : "") : null, written(x, live, !i)])))
    : row;
  const signed = coefficient < 0 ? ml("mrow", ml("mo", "−"), whole) : whole;
  return coefficient < 0 && !isFirst ? grouped(signed) : signed;
}

// The same as text, for hints.
function told(tree) {
  const [kind, ...parts] = tree,
    inside = (x) => (x[0] === "sum" ? `(${told(x)})` : told(x));
  switch (kind) {
    case "number":
      return short(parts[0]);
    case "name":
      return nameOf(...parts);
    case "sum":
      return parts[0].map((sign, i) => (sign < 0 ? (i ? " − " : "−") : i ? " + " : "") + inside(parts[i + 1])).join("");
    case "power":
      return inside(parts[0]) + (parts[1][0] === "number" ? raised(parts[1][1]) : `^${inside(parts[1])}`);
    case "call":
      return `${parts[0]}(${told(parts[1])})`;
    case "holds":
      return `[${told(parts[1])} ${parts[0]} ${told(parts[2])}]`;
    default:
      return (
        (parts[0] < 0 ? "−" : "") +
        [...(Math.abs(parts[0]) !== 1 || !parts[1].length ? [short(Math.abs(parts[0]))] : []), ...parts[1].map(inside)].join(
          " ",
        ) +
        (parts[2].length ? ` / (${parts[2].map(inside).join(" ")})` : "")
      );
  }
}

// An array of a node as a formula, its numbers in colour; of a large one its first rows and columns.
function matrix(x, id) {
  const number = (v) => {
    const n = ml("mn", fixed(v));
    n.setAttribute("class", signOf(v));
    return n;
  };
  if (!x.shape.length) return number(x.data[0]);
  const columns = nodes[id].upright && x.shape.length === 1 ? 1 : x.shape.at(-1),
    rows = x.data.length / columns,
    most = 6,
    table = ml("mtable");
  for (let i = 0; i < Math.min(rows, most); i++) {
    const row = ml("mtr");
    for (let j = 0; j < Math.min(columns, most); j++) row.append(ml("mtd", number(x.data[i * columns + j])));
    if (columns > most) row.append(ml("mtd", ml("mo", "⋯")));
    table.append(row);
  }
  if (rows > most) table.append(ml("mtr", ml("mtd", ml("mo", "⋮"))));
  return ml("mrow", ml("mo", "["), table, ml("mo", "]"));
}
