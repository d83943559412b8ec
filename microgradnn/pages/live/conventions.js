// Conventions: indices from 1 or from 0; x W or W x; ½ in the loss or not. What is written otherwise is another graph, with
// programs of its own: the numbers, their history and what is chosen move over to it.

const conventions = { fromZero: false };
const CHANGES = ["half", "columns"];
const isChanged = (name) => way.split(" ").includes(name);
const wayWithout = (name) => CHANGES.filter((one) => (one === name) !== isChanged(one)).join(" "); // or with, if it is not there

// Where nodes and places of the present way are in another.
function moverTo(name) {
  const other = NETWORKS[which].ways[name],
    turns = DATA.is_turned !== other.is_turned,
    idOf = new Map(DATA.same.map((id, i) => [id, other.same[i]]));
  const placeOf = (id, place) => {
    const [rows, columns] = nodes[id].shape;
    return turns && columns !== undefined ? (place % columns) * rows + Math.floor(place / columns) : place;
  };
  const array = (id, x) => {
    const moved = np.make(other.nodes[idOf.get(id)].shape, new Float64Array(x.data.length));
    x.data.forEach((v, place) => {
      moved.data[placeOf(id, place)] = v;
    });
    return moved;
  };
  const eachOf = (arrays, change) =>
    Object.fromEntries(Object.entries(arrays).map(([id, x]) => [idOf.get(Number(id)), change(Number(id), x)]));
  return {
    idOf: (id) => idOf.get(id),
    number: (one) => one && [idOf.get(one[0]), placeOf(...one)],
    leaves: (leaves) => eachOf(leaves, array),
    memory: ({ t, ...kept }) => ({
      t,
      ...eachOf(kept, (id, named) => eachOfName(named, (x) => array(id, fitted(x, nodes[id].shape)))),
    }),
  };
}
const eachOfName = (arrays, change) => Object.fromEntries(Object.entries(arrays).map(([name, x]) => [name, change(x)]));

function writeOtherwise(name) {
  const reason = NETWORKS[which].refused[name];
  put(byId("reason"), reason ?? "");
  byId("reason").hidden = !reason;
  if (reason) return;
  const move = moverTo(wayWithout(name)),
    isOther = name === "half", // another loss: what an optimiser remembers are gradients of the old one
    memory = (old) => (isOther ? { t: 0 } : move.memory(old)),
    step = DATA.steps[state.stepAt - 1],
    isLast = state.stepAt === DATA.steps.length;
  const moved = {
    leaves: move.leaves(state.leaves),
    chosen: move.number(state.chosen),
    before: move.number(state.before),
    hidden: new Set(
      [...state.hidden].map((key) => {
        const [what, ...one] = key.split(",");
        return [what, ...move.number(one.map(Number))].join();
      }),
    ),
  };
  moments = moments.map((one) => ({ ...one, leaves: move.leaves(one.leaves), memory: memory(one.memory) }));
  Object.assign(quiz, { asked: move.number(quiz.asked), set: quiz.set.map(move.number) });
  training.memory = memory(training.memory);
  openNetwork(which, wayWithout(name));
  Object.assign(state, moved);
  if (isOther) for (const one of moments) one.loss = lossAt(one.leaves);
  const alike = DATA.steps.findIndex(
    ({ kind, node, input }) =>
      kind === step?.kind && node === move.idOf(step.node) && (input === undefined || input === move.idOf(step.input)),
  );
  state.stepAt = isLast ? DATA.steps.length : alike >= 0 ? alike + 1 : Math.min(state.stepAt, DATA.steps.length);
  compute();
  buildAgain();
  linkNow();
}

function drawConventions() {
  const { has, refused } = NETWORKS[which],
    isOn = (name) => has[name] !== isChanged(name);
  put(byId("index"), `indices from ${base()}`);
  put(byId("columns"), isOn("columns") ? "W x" : "x W");
  put(byId("half"), isOn("half") ? `½ in ${plainName(DATA.loss)}` : `no ½ in ${plainName(DATA.loss)}`);
  for (const name of CHANGES) {
    set(byId(name), "aria-disabled", name in refused);
    set(byId(name), "title", refused[name] ?? TITLES[name]);
  }
}
const TITLES = { columns: "Products as x W, or as W x", half: "Half the squared error as the loss, or the whole" };
