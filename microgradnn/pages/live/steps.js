// Forward and backward, one operation at a time, on the numbers as they are now.

// A contribution to what was repeated is one step before it is summed, and one after.
const arrives = (step) => step.part !== "before the sum";

// Whether a number's gradient is there: in steps, once it has come.
const hasCome = (id, place) => state.mode !== "steps" || known().gradient(id, place) !== false;

// What has been computed so far: a value or not; a gradient as far as it has come, false if there is none yet.
function known() {
  const values = new Set(),
    gradients = new Map();
  for (const step of DATA.steps.slice(0, state.stepAt)) {
    if (step.kind === "forward") values.add(step.node);
    if (step.kind === "seed") gradients.set(step.node, [null]);
    if (step.kind === "backward" && arrives(step))
      gradients.set(step.input, [...(gradients.get(step.input) ?? []), step.contribution]);
  }
  const soFar = (id, place) => {
    if (!gradients.has(id)) return false;
    return gradients.get(id).reduce((total, i) => total + (i === null ? seedAt(place) : contribution(i, id).data[place]), 0);
  };
  return { value: (id) => !nodes[id].op || values.has(id), gradient: soFar, none: "·" };
}
function flowOfSteps() {
  const done = new Set(
      DATA.steps
        .slice(0, state.stepAt)
        .filter((step) => step.kind === "backward" && arrives(step))
        .map((step) => step.contribution),
    ),
    seeded = known();
  return ({ read, op, position }) => {
    if (!nodes[read].graded) return [];
    if (op === null) return seeded.gradient(read, 0) === false ? [] : [...valueSoFar(read, seeded)];
    const i = contributionOf[`${op},${position}`];
    return i !== undefined && done.has(i) ? [...contribution(i, read).data] : [];
  };
}
const valueSoFar = (id, seeded) => Array.from(valueOf(id).data, (_, place) => seeded.gradient(id, place));

function goToStep(to) {
  state.stepAt = Math.max(0, Math.min(DATA.steps.length, to));
  if (state.mode !== "steps") return setMode("steps");
  linkNow();
  refresh();
  requestAnimationFrame(() => announceText(`${byId("step-title").textContent.replace(/\.$/, "")}. ${result()}`));
}
// What the step gave, to be heard.
function result() {
  const step = DATA.steps[state.stepAt - 1];
  if (!step) return "";
  const id = step.kind === "backward" ? step.input : step.node,
    isValue = step.kind === "forward",
    numbers = isValue ? [...valueOf(id).data] : valueSoFar(id, known());
  if (numbers.length > 9 || numbers.includes(false)) return "";
  return `${isValue ? "" : "The gradient of "}${spoken(id, null)} is ${numbers.map((x) => fixed(x)).join(", ")}`;
}

let stepKey = null;
function drawSteps() {
  const count = DATA.steps.length,
    step = state.stepAt ? DATA.steps[state.stepAt - 1] : null;
  Object.assign(byId("step-slider"), { max: count, value: state.stepAt });
  put(byId("step-count"), `${state.stepAt} of ${count}`);
  byId("back").disabled = !state.stepAt;
  byId("next").disabled = state.stepAt === count;
  const key = `${state.stepAt},${leafIds.map((id) => state.leaves[id].data.join()).join()}`;
  if (key === stepKey) return;
  stepKey = key;
  const [title, formula, numbers, rule] = !step
    ? ["The numbers that are given. Press → to compute, one operation after the other.", [], [], ""]
    : step.kind === "forward"
      ? forwardTold(step)
      : step.kind === "seed"
        ? seedTold(step)
        : backwardTold(step);
  put(byId("step-title"), title);
  set(byId("step-slider"), "aria-valuetext", `${state.stepAt} of ${count}: ${title}`);
  keepInView(step && (drawn.boxes[step.kind === "backward" ? step.input : step.node] ?? drawn.circles[step.node]));
  byId("step-formula").replaceChildren(...formula);
  byId("step-numbers").replaceChildren(...numbers);
  fitNumbers();
  byId("step-rule").replaceChildren(...(rule ? ["the rule: ", html("code", {}, rule)] : []));
}
// In as large type as there is room for.
function fitNumbers() {
  const [side, place] = [byId("side"), byId("step-numbers")];
  place.style.fontSize = "";
  const size = parseFloat(getComputedStyle(place).fontSize),
    overflows = () => place.scrollWidth > place.clientWidth || (!narrow() && side.scrollHeight > side.clientHeight + 1);
  for (const scale of [0.9, 0.8, 0.7]) if (overflows()) place.style.fontSize = `${scale * size}px`;
}
const SIGNS = { add: "+", subtract: "−", multiply: "⊙", divide: "/" };
function operand(node, i, isRight) {
  const id = node.from[i];
  if (id === null) return ml("mn", short(node.numbers[i] ?? NaN));
  const x = matrix(valueOf(id), id);
  return isRight && x.tagName === "mn" && x.textContent.startsWith("−") ? grouped(x) : x;
}
function forwardTold(step) {
  const node = nodes[step.node],
    parts = node.from.map((_, i) =>
      operand(node, i, (i === 1 && node.op === "matmul") || (i === 1 && nodes[node.from[1]]?.shape.length === 0)),
    );
  const made =
    node.op === "power"
      ? ml("msup", grouped(parts[0]), parts[1])
      : node.op === "matmul"
        ? ml("mrow", ...parts)
        : node.op in SIGNS
          ? ml("mrow", parts[0], ml("mo", SIGNS[node.op]), parts[1])
          : ml("mrow", ml("mi", node.op), grouped(ml("mrow", ...parts.flatMap((x, i) => [i ? ml("mo", ",") : null, x]))));
  return [
    `Forward, ${state.stepAt} of ${forwardSteps}: ${node.op}`,
    step.formulas.map(built),
    [math(made, ml("mo", "="), matrix(valueOf(step.node), step.node))],
    "",
  ];
}
function seedTold() {
  const name = nodes[DATA.loss].name,
    isOne = !recording || (seedAt(0) === 1 && recording.seed.data.length === 1);
  return [
    isOne
      ? `Now backward. It begins with 1: what ${name} changes by, if ${name} does.`
      : "Now backward. It begins with the gradient that was given.",
    [
      math(
        partial([DATA.loss, null], [DATA.loss, null]),
        ml("mo", "="),
        isOne ? ml("mn", "1") : matrix(recording.seed, DATA.loss),
      ),
    ],
    [],
    "",
  ];
}
function backwardTold(step) {
  const node = nodes[step.node],
    name = plainName(step.input),
    number = state.stepAt - forwardSteps - 1,
    dx = contribution(step.contribution, step.input);
  const before = DATA.steps
    .slice(0, state.stepAt - 1)
    .filter((one) => one.kind === "backward" && arrives(one) && one.input === step.input)
    .map((one) => contribution(one.contribution, step.input));
  const numbers = [],
    left = ml("mrow", partial([DATA.loss, null], [step.input, null]), ml("mo", "="));
  if (step.part !== "sum")
    numbers.push(
      math(
        ml(
          "mrow",
          ml("mtext", "upstream\u2002"),
          partial([DATA.loss, null], [step.node, null]),
          ml("mo", "="),
          matrix(fitted(gradientOf(step.node), node.shape), step.node),
        ),
      ),
    );
  const full = step.part ? np.asarray(state.results[`f${step.contribution}`]) : null,
    repeated = `${name} was repeated in this operation`;
  if (step.part === "sum") numbers.push(math(ml("mtext", "before the sum\u2002"), matrix(full, step.input)));
  if (!arrives(step))
    numbers.push(
      math(ml("mtext", "before the sum\u2002"), matrix(full, step.input)),
      html("p", {}, `${repeated}: the next step sums over the axes along which.`),
    );
  else if (before.length) {
    const old = before.reduce((total, x) => np.add(total, x));
    numbers.push(
      math(
        left,
        matrix(old, step.input),
        ml("mo", "+"),
        matrix(dx, step.input),
        ml("mo", "="),
        matrix(np.add(old, dx), step.input),
      ),
    );
  } else numbers.push(math(left, matrix(dx, step.input)));
  const more = DATA.steps.slice(state.stepAt).filter((one) => one.input === step.input && arrives(one)).length;
  if (more && arrives(step))
    numbers.push(
      html("p", {}, `${more} more contribution${more > 1 ? "s" : ""} to ∂${nodes[DATA.loss].name}/∂${name} to come.`),
    );
  return [
    `Backward, ${number} of ${backwardSteps}: ${step.part === "sum" ? `summed, since ${repeated}` : `through ${node.op}, to ${name}`}`,
    step.formulas.map(built),
    numbers,
    step.rule,
  ];
}
