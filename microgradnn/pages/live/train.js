// Training: updates by the optimiser's own rule, one at a time or played, and a line of time to go back along.

const training = { optimiser: "SGD", rate: 0.01, samples: "all", memory: { t: 0 }, playing: false, frame: 0, run: 0, rules: [] };
const remembered = () => OPTIMISERS[training.optimiser].remembers;
const memoryFor = (id) =>
  Object.fromEntries(remembered().map((name) => [name, training.memory[id]?.[name] ?? np.zeros(nodes[id].shape)]));

// A batch is learnt as its loss says (all), or by the sum over its samples, or one sample after the other, each alone. These
// gradients are pulled back from a seed at the terms that the loss is the sum or mean of.
const sample = () => training.memory.t % DATA.samples.count; // the one whose turn it is
function gradientsToLearn() {
  const batch = DATA.samples;
  if (training.samples === "all" || !batch) return gradientOf;
  const seed = np.zeros(nodes[batch.of].shape),
    width = seed.data.length / batch.count,
    sampleOf = (place) => (batch.are_columns ? place % batch.count : Math.floor(place / width));
  seed.data.forEach((_, place, data) => {
    if (training.samples === "sum" || sampleOf(place) === sample()) data[place] = batch.weight;
  });
  const results = PROGRAM.samples(argumentsFor(batch.inputs, valueOf, seed));
  return (id) => fitted(results[`g${id}`], nodes[id].shape);
}

// What the rule makes of every parameter; all change together.
function updated() {
  const t = training.memory.t + 1,
    gradient = gradientsToLearn(),
    leaves = copied(state.leaves),
    memory = { t };
  for (const id of parameters) {
    const { W, ...kept } = OPTIMISERS[training.optimiser].update({
      W: state.leaves[id],
      g: gradient(id),
      t,
      lr: training.rate,
      ...memoryFor(id),
    });
    leaves[id] = fitted(nodes[id].dtype === "float32" ? np.float32(W) : W, nodes[id].shape);
    memory[id] = kept;
  }
  return { leaves, memory };
}
function beginRun(start) {
  training.run = runs.push({ start }) - 1;
  training.rules = [];
}
// The rules that a run was trained by: α 0.01 → 1.
function rulesText(run) {
  const rules = moments.findLast((one) => one.run === run)?.rules ?? [],
    texts = rules.map(({ optimiser, rate }, i) => {
      const isNew = optimiser !== (rules[i - 1]?.optimiser ?? "SGD");
      return `${isNew ? `${optimiser} ` : ""}${i && !isNew ? "" : "α "}${Number(rate.toPrecision(3))}`;
    });
  return (texts.length > 3 ? [texts[0], "…", texts.at(-1)] : texts).join(" → ");
}
// Runs from one start are told apart by their rules.
function runName(run) {
  const { start } = runs[run],
    isAlone = runs.filter((one) => one.start === start).length < 2,
    how = rulesText(run);
  if (isAlone) return start;
  return start === "as recorded" ? how : [start, how].filter(Boolean).join(", ");
}
// Moments share the list, so it is never changed.
function keepRule() {
  const { optimiser, rate, rules } = training,
    last = rules.at(-1);
  if (last?.optimiser !== optimiser || last.rate !== rate) training.rules = [...rules, { optimiser, rate }];
}
function update() {
  const { leaves, memory } = updated();
  keepRule();
  [state.leaves, training.memory] = [copied(leaves), memory];
  compute();
  record("update");
}
function setOptimiser(name) {
  Object.assign(training, { optimiser: name, memory: { t: 0 } });
  refresh();
}

function setSamples(how) {
  training.samples = how;
  refresh();
}
function buildSamples() {
  const batch = DATA.samples;
  byId("samples-label").hidden = !batch;
  if (!batch) return;
  const ways = [["all", `${batch.kind} over ${batch.count} samples`]];
  if (batch.kind === "mean") ways.push(["sum", `sum over ${batch.count} samples`]);
  ways.push(["one", "samples one at a time"]);
  byId("samples").replaceChildren(...ways.map(([value, text]) => html("option", { value }, text)));
  byId("samples").onchange = (event) => setSamples(event.target.value);
}

function play() {
  training.playing = !training.playing;
  if (training.playing) requestAnimationFrame(tick);
  else linkNow();
  refresh();
}
function tick() {
  if (!training.playing) return;
  if (training.frame++ % (matchMedia("(prefers-reduced-motion: reduce)").matches ? 12 : 3) === 0) update();
  if (!Number.isFinite(loss()) || loss() === 0) training.playing = false;
  refresh();
  requestAnimationFrame(tick);
}

// ---- Equal and random starts: what a unit of a hidden layer has of its own is a column or a row of parameters.

let randomSeed = 1;
function random() {
  // numbers of a fixed sequence (mulberry32), so that a lecture can be repeated
  randomSeed = (randomSeed + 0x6d2b79f5) | 0;
  let t = Math.imul(randomSeed ^ (randomSeed >>> 15), 1 | randomSeed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
function setUnits(how) {
  for (const id of parameters)
    state.leaves[id].data.forEach((_, i, data) => {
      data[i] = nodes[id].dtype === "float32" ? Math.fround(normal()) : normal();
    });
  if (how !== "random")
    for (const slots of unitSlots())
      for (const [i, [id, place]] of slots.entries()) {
        const [first, at] = unitSlots()[0][i];
        state.leaves[id].data[place] =
          state.leaves[first].data[at] + (how === "nearly" && slots !== unitSlots()[0] ? 0.01 * normal() : 0);
      }
  training.memory = { t: 0 };
  beginRun({ equal: "equal units", nearly: "nearly equal", random: "random units" }[how]);
  compute();
  record("edit");
  linkNow();
  refresh();
}
// For each unit the places of its numbers: [[id, place, axis of units], ...], in the same order for all.
let slotsOnce = null;
function unitSlots() {
  if (slotsOnce) return slotsOnce;
  if (!DATA.units) return (slotsOnce = []);
  slotsOnce = Array.from({ length: DATA.units.count }, (_, unit) =>
    DATA.units.parts.flatMap(([id, axis]) =>
      nodes[id].start.map((_, place) => [id, place, axis]).filter(([, place]) => indexOf(id, place)[axis] === unit),
    ),
  );
  return slotsOnce;
}

// ---- What is shown of it

let curves = null;
function buildTrain() {
  const path = (name) => svg("path", { class: name }),
    units = unitSlots();
  curves = {
    others: svg("g"),
    labels: svg("g", { class: "labels" }),
    leaving: path("leaving"),
    past: path("curve"),
    future: path("curve future"),
    cursor: path("cursor"),
    now: svg("circle", { r: 7, class: "now" }),
    top: svg("text", { class: "axis-text", x: 8, y: 24 }),
    zero: svg("text", { class: "axis-text", x: 30, y: 262, "text-anchor": "end" }, "0"),
    value: svg("text", { class: "axis-text strong", x: 470, y: 24, "text-anchor": "end" }),
    lines: units.map((_, j) => path(`unit unit${j % 4}`)),
  };
  byId("curve").replaceChildren(
    svg(
      "svg",
      { viewBox: "0 0 480 276", role: "img", "aria-label": "the loss after each update" },
      svg("path", { class: "axis", d: "M36 34V256H474" }),
      curves.others,
      curves.future,
      curves.past,
      curves.cursor,
      curves.now,
      curves.leaving,
      curves.labels,
      curves.top,
      curves.zero,
      curves.value,
    ),
  );
  const count = units[0]?.length ?? 0,
    step = 400 / Math.max(1, count - 1);
  byId("units").hidden = byId("unit-buttons").hidden = !count;
  if (count)
    byId("units").replaceChildren(
      svg(
        "svg",
        { viewBox: "0 0 480 276", role: "img", "aria-label": "the weights of each hidden unit" },
        svg("path", { class: "axis", d: "M40 132H474" }),
        svg("path", { class: "grid", d: units[0].map((_, i) => `M${56 + i * step} 24V240`).join("") }),
        ...curves.lines,
        ...units[0].map((slot, i) =>
          svg("text", { class: "axis-text", x: 56 + i * step, y: 264, "text-anchor": "middle" }, slotName(...slot)),
        ),
        (curves.reach = svg("text", { class: "axis-text", x: 34, y: 36, "text-anchor": "end" })),
        ...units.map((_, j) =>
          svg("text", { class: `axis-text unit-name${j % 4}`, x: 56 + j * 90, y: 18 }, `unit ${j + base()}`),
        ),
      ),
    );
}
// Labels at the ends of curves, or after them, the latest first: each as near as there is room for it, or left out.
function placeLabels(labels) {
  curves.labels.replaceChildren();
  const taken = [];
  for (const { text, x, y, isAfter } of labels) {
    const label = svg("text", { class: "axis-text" }, text);
    curves.labels.append(label);
    const width = label.getComputedTextLength(),
      left = isAfter && x + 10 + width < 474 ? x + 10 : Math.max(42, Math.min(474, isAfter ? x - 8 : x) - width),
      isApart = (one, at) => Math.abs(one.y - at) >= 20 || one.left > left + width + 8 || left > one.right + 8,
      isFree = (at) => at >= 44 && at <= 252 && taken.every((one) => isApart(one, at));
    const free = [0, 20, -20, 40, -40, 60, -60].map((by) => y + by).find(isFree);
    if (free === undefined) {
      label.remove();
      continue;
    }
    set(label, "x", left);
    set(label, "y", free);
    taken.push({ left, right: left + width, y: free });
  }
}
const slotName = (id, place, ofUnits) =>
  plainName(id) +
  indexOf(id, place)
    .map((k, axis) => (axis === ofUnits ? "ⱼ" : lowered(k + base())))
    .join("");

// Of many moments some hundred, the last one among them.
const thinned = (indices) =>
  indices.filter((_, k) => k % Math.max(1, Math.floor(indices.length / 400)) === 0 || k === indices.length - 1);

function drawTrain() {
  const [id, place] = state.chosen,
    n = moments.length,
    all = moments.map((_, i) => i),
    ofRun = (run) => all.filter((i) => moments[i].run === run);
  const now = ofRun(training.run),
    longest = Math.max(20, ...runs.map((_, run) => ofRun(run).length - 1)),
    X = (i) => 40 + (430 * i) / longest;
  const counts = runs.map((_, run) => ofRun(run).length),
    drawn = moments.filter((one) => one.run === training.run || counts[one.run] > 1); // not the moment before a first start
  const begins = drawn
      .filter(({ kind }) => kind !== "update")
      .map((one) => one.loss)
      .filter(Number.isFinite),
    most = 3 * Math.max(...begins, 1e-6), // what gets much worse than it was leaves the picture
    highest = Math.max(...drawn.map((one) => (Number.isFinite(one.loss) ? Math.min(one.loss, most) : 0)), 1e-6),
    unit = 10 ** Math.floor(Math.log10(highest));
  const top = Number(((Math.ceil((highest / unit) * 2) / 2) * unit).toPrecision(4)),
    Y = (v) => 256 - (220 * (v <= top ? v : top)) / top;
  const lossOf = (i) => (i === at ? loss() : moments[i].loss),
    isOff = (i) => !(lossOf(i) <= top), // the scale, as NaN is too
    point = (i, first) => `${X(i - first).toFixed(1)} ${Y(lossOf(i)).toFixed(1)}`;
  const line = (indices, first) =>
    thinned(indices)
      .map((i, k, some) => {
        if (!k) return `M${point(i, first)}`;
        if (!isOff(some[k - 1])) return `L${point(i, first)}`;
        return isOff(i) ? "" : `M${point(some[k - 1], first)}L${point(i, first)}`;
      })
      .join("");
  const leaves = (indices) => indices.filter((i, k) => isOff(i) && !(k && isOff(indices[k - 1]))),
    endOf = (indices) => (isOff(indices.at(-1)) ? leaves(indices).at(-1) : indices.at(-1));
  set(
    curves.past,
    "d",
    line(
      now.filter((i) => i <= at),
      now[0],
    ),
  );
  set(
    curves.future,
    "d",
    line(
      now.filter((i) => i >= at),
      now[0],
    ),
  );
  const others = runs.map((_, run) => [run, ofRun(run)]).filter(([run, indices]) => run !== training.run && indices.length > 1);
  curves.others.replaceChildren(
    ...others.map(([, indices]) => svg("path", { class: "curve other", d: line(indices, indices[0]) })),
  );
  set(
    curves.leaving,
    "d",
    [now, ...others.map(([, indices]) => indices)]
      .flatMap((indices) => leaves(indices).map((i) => `M${X(i - indices[0]) - 6} 36h12l-6 -11Z`))
      .join(""),
  );
  set(curves.cursor, "d", `M${X(at - now[0])} 34V256`);
  set(curves.now, "cx", X(at - now[0]));
  set(curves.now, "cy", Y(loss()));
  put(curves.top, short(top));
  const last = moments[at - 1],
    name = runs.length > 1 ? runName(training.run) : "",
    rose = moments[at].kind === "update" && last && loss() > last.loss ? ` ↑ from ${fixed(last.loss)}` : "";
  put(
    curves.value,
    `${name ? `${name}: ` : ""}${nodes[DATA.loss].name} = ${fixed(loss())}${rose}`,
  );
  set(curves.value, "class", `axis-text strong ${rose ? "rose" : ""}`);
  const labelled = others.map(([run, indices]) => ({ indices, text: runName(run) })).reverse();
  if (isOff(now.at(-1))) labelled.unshift({ indices: now, text: "" });
  placeLabels(
    labelled.map(({ indices, text }) => {
      const end = endOf(indices),
        x = X(end - indices[0]);
      return isOff(end)
        ? { text: `${text} off the scale`.trim(), x, y: 54, isAfter: true }
        : { text, x, y: Y(lossOf(end)) - 6 };
    }),
  );
  const slots = unitSlots();
  if (slots.length) {
    const numbers = slots.map((unit) => unit.map(([one, k]) => state.leaves[one].data[k])),
      reach = Math.max(1, Math.ceil(Math.max(...numbers.flat().map((v) => (Number.isFinite(v) ? Math.abs(v) : 0))))),
      step = 400 / Math.max(1, slots[0].length - 1);
    numbers.forEach((unit, j) =>
      set(
        curves.lines[j],
        "d",
        unit
          .map((v, i) => `${i ? "L" : "M"}${56 + i * step} ${(132 - (104 * (Number.isFinite(v) ? v : 0)) / reach).toFixed(1)}`)
          .join(""),
      ),
    );
    put(curves.reach, reach < 1000 ? String(reach) : power(reach));
    const apart = Math.max(...numbers.flatMap((unit) => unit.map((v, i) => Math.abs(v - numbers[0][i]))));
    put(byId("unit-note"), apart === 0 ? "equal to the last bit" : `up to ${fixed(apart)} apart`);
  }
  put(byId("rate"), Number(training.rate.toPrecision(3)));
  for (const name of ["aria-valuenow", "aria-valuetext"]) set(byId("rate"), name, Number(training.rate.toPrecision(3)));
  put(byId("play"), training.playing ? "Pause" : "Play");
  set(byId("play"), "aria-pressed", training.playing);
  Object.assign(byId("time"), { max: n - 1, value: at });
  put(byId("time-text"), `${at} of ${n - 1}`);
  byId("optimiser").value = training.optimiser;
  put(byId("rule"), OPTIMISERS[training.optimiser].formula);
  byId("samples").value = training.samples;
  if (parameters.includes(id)) put(byId("update-text"), updateText(id, place));
  else put(byId("update-text"), "Click a parameter to see its update.");
}
function updateText(id, place) {
  const before = state.leaves[id].data[place],
    gradient = gradientsToLearn()(id).data[place],
    after = updated().leaves[id].data[place],
    signed = (x) => (x < 0 ? `(${fixed(x)})` : fixed(x));
  const by =
    training.optimiser === "SGD"
      ? `${fixed(before)} − ${Number(training.rate.toPrecision(3))} · ${signed(gradient)}`
      : `${fixed(before)} − ${signed(before - after)}`;
  const whose = training.samples === "one" ? `sample ${sample() + base()}:  ` : "";
  return `${whose}${nameOf(id, place)} ← ${by} = ${fixed(after)}`;
}
