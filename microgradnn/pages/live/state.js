// What is known, and the numbers of the moment: leaves, and all that the program computes from them.

const byId = (id) => document.getElementById(id);
const NETWORKS = JSON.parse(byId("data").textContent); // one, or a menu of some; the address says which
let which = 0,
  way = ""; // which of them, and how it is written: "", "half", "columns", "half columns"
let DATA, nodes, parameters, PROGRAM, constants, segmentOf, boxed, leafIds, contributionOf, forwardSteps, backwardSteps;
let recording; // of a graph that cannot be computed here: { results, seed, why }
const isMovable = (id) => !nodes[id].op && nodes[id].dtype.startsWith("float") && !recording;
const arrayOf = ({ shape, data }) => np.make(shape, Float64Array.from(data, Number));

// Open one of the networks, written in one of its ways.
function openNetwork(number, name) {
  [which, way, DATA] = [number, name, NETWORKS[number].ways[name]];
  orders.clear();
  ({ nodes, parameters } = DATA);
  PROGRAM = PROGRAMS[which][way]();
  constants = DATA.constants.map(arrayOf);
  segmentOf = Object.fromEntries(DATA.segments.map((segment) => [segment.of, segment]));
  boxed = nodes.map((_, id) => id).filter((id) => nodes[id].grid);
  leafIds = nodes.map((_, id) => id).filter((id) => !nodes[id].op);
  recording = DATA.recorded && {
    results: Object.fromEntries(Object.entries(DATA.recorded.results).map(([name, x]) => [name, arrayOf(x)])),
    seed: arrayOf(DATA.recorded.seed),
    why: DATA.recorded.why,
  };
  const backward = DATA.steps.filter((step) => step.kind === "backward");
  contributionOf = Object.fromEntries(backward.map((step) => [`${step.node},${step.position}`, step.contribution])); // of the whole pass
  [forwardSteps, backwardSteps] = [DATA.steps.length - backward.length - 1, backward.length];
}

const given = () =>
  Object.fromEntries(leafIds.map((id) => [id, np.make(nodes[id].shape, Float64Array.from(nodes[id].start, Number))]));
const copied = (leaves) =>
  Object.fromEntries(Object.entries(leaves).map(([id, x]) => [id, np.make(x.shape, Float64Array.from(x.data))]));
const fitted = (x, shape) => {
  x = np.asarray(x);
  return String(x.shape) === String(shape) ? x : np.broadcast_to(x, shape);
};

const state = {
  leaves: {}, // node -> array
  results: null, // of the program: v7 the value of node 7, g7 its gradient, d3 the third contribution
  chosen: [0, 0], // the number that is explained: node and place
  before: null, // the one that was chosen before
  path: 0, // which of its paths; -1 stands for all together
  mode: "explore",
  stepAt: 0,
  hidden: new Set(), // numbers that somebody hid: "value,2,0" or "gradient,2,0"
};

// Arguments of a function of the program: values of nodes, constants, and for a segment the seed.
function argumentsFor(inputs, valueOf, seed) {
  const found = {};
  for (const [name, what] of Object.entries(inputs))
    found[name] = what === "seed" ? seed : typeof what === "number" ? valueOf(what) : constants[what.constant];
  return found;
}
const computed = (leaves) => (recording ? recording.results : PROGRAM.both(argumentsFor(DATA.inputs, (id) => leaves[id])));
const forwardOf = (leaves) => PROGRAM.forward(argumentsFor(DATA.inputs, (id) => leaves[id]));
const lossAt = (leaves) => np.asarray(forwardOf(leaves)[`v${DATA.loss}`]).data[0];

const valueOf = (id) => fitted(state.results[`v${id}`] ?? state.leaves[id], nodes[id].shape);
const gradientOf = (id) => (nodes[id].graded ? fitted(state.results[`g${id}`], nodes[id].shape) : null);
const contribution = (i, id) => fitted(state.results[`d${i}`], nodes[id].shape);
const loss = () => valueOf(DATA.loss).data[0];
const seedAt = (place) => (recording ? recording.seed.data[place] : 1); // what the backward pass begins with
// The number that is explained at first: of a parameter, if one has a box and numbers in it.
const firstChosen = () => [parameters.find((id) => nodes[id].grid && !nodes[id].shape.includes(0)) ?? boxed.findLast((id) => nodes[id].graded), 0];

// A segment's backward pass: from an upstream gradient at its tensor to its ends.
function pulledBack(id, seed) {
  const segment = segmentOf[id];
  return PROGRAM[`segment${id}`](argumentsFor(segment.inputs, valueOf, fitted(seed, nodes[id].shape)));
}
const oneAt = (id, place, value = 1) => {
  const x = np.zeros(nodes[id].shape);
  x.data[place] = value;
  return x;
};

function compute() {
  state.results = computed(state.leaves);
  forgetPartials();
}

function setNumber(id, place, value) {
  state.leaves[id].data[place] = nodes[id].dtype === "float32" ? Math.fround(value) : value;
  compute();
  refresh();
}

// ---- Time: edits and updates in one line. Of each moment the leaves are kept, and what the optimiser remembers.

const MOST_KEPT = 3000;
let moments = [],
  at = 0; // at: the moment that is shown
const runs = [{ start: "as recorded" }]; // of training: from where; their losses are drawn over each other
const moment = (kind) => ({
  kind,
  run: training.run,
  rules: training.rules,
  leaves: copied(state.leaves),
  memory: training.memory,
  loss: loss(),
});
function record(kind) {
  moments.length = at + 1;
  moments.push(moment(kind));
  if (moments.length > MOST_KEPT) moments.splice(1, 1);
  at = moments.length - 1;
}
function travel(to) {
  const next = Math.max(0, Math.min(moments.length - 1, to));
  at = next;
  state.leaves = copied(moments[at].leaves);
  [training.memory, training.run, training.rules] = [moments[at].memory, moments[at].run, moments[at].rules];
  compute();
  refresh();
}

// ---- Drawing is done once a frame.

let waiting = false;
function refresh() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    draw();
  });
}
