// Where one number's gradient comes from: the scalars of named tensors between it and the loss, the partials between them, and
// all paths, strongest first. Numbers come from the segments' programs; so a branch that is taken elsewhere now is seen here.

const MOST_ELEMENTS = 500; // of one derivation
let partials = new Map(); // "node,place" -> what an element is computed from: [{ id, place, value }]
let cones = new Map(); // "node,place" -> its cone, for the numbers of the moment
const forgetPartials = () => {
  partials = new Map();
  cones = new Map();
};

// A backward pass from the element, twice: with 1 for the numbers, with NaN to see what it depends on, derivatives of 0 too.
function partialsOf(id, place) {
  const key = `${id},${place}`;
  if (!partials.has(key)) {
    const numbers = pulledBack(id, oneAt(id, place)),
      marks = pulledBack(id, oneAt(id, place, NaN)),
      found = [];
    for (const end of segmentOf[id].ends) {
      const value = fitted(numbers[`e${end}`], nodes[end].shape).data;
      fitted(marks[`e${end}`], nodes[end].shape).data.forEach((mark, i) => {
        if (mark !== mark) found.push({ id: end, place: i, value: value[i] });
      });
    }
    partials.set(key, found);
  }
  return partials.get(key);
}

// Which elements of each node depend on a leaf's: put NaN there, run forward, and see where it arrives.
function dependents(id, place) {
  if (nodes[id].op) return null;
  const changed = { ...state.leaves, [id]: np.make(nodes[id].shape, Float64Array.from(state.leaves[id].data)) };
  changed[id].data[place] = NaN;
  const values = forwardOf(changed);
  return (node) =>
    node === id
      ? fitted(oneAt(id, place), nodes[id].shape).data
      : fitted(values[`v${node}`] ?? 0, nodes[node].shape).data.map((v) => Number(v !== v));
}

function coneOf(target, at) {
  const key = `${target},${at}`;
  if (!cones.has(key)) cones.set(key, inOrder(key, grownCone(target, at)));
  return cones.get(key);
}
// Strongest paths come first; but while a number is dragged, all stay where they were, so that one can look at them.
const orders = new Map(); // "node,place" -> path -> its place
function inOrder(key, cone) {
  const nameOfPath = ({ factors }) => factors.map(({ to }) => `${to.id},${to.place}`).join(" "),
    known = orders.get(key),
    placeOf = (path) => known.get(nameOfPath(path)) ?? Infinity;
  if (!cone.paths) return cone;
  if (known && document.documentElement.classList.contains("scrubbing"))
    cone.paths.sort((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)));
  else orders.set(key, new Map(cone.paths.map((path, i) => [nameOfPath(path), i])));
  return cone;
}

function grownCone(target, at) {
  if (recording) return { target, at, tooLarge: true };
  const masks = dependents(target, at),
    maskOf = new Map(),
    found = new Map();
  const isOnWay = (id, place) => {
    if (!masks) return true;
    if (!maskOf.has(id)) maskOf.set(id, masks(id));
    return maskOf.get(id)[place];
  };
  const element = (id, place) => {
    const key = `${id},${place}`;
    if (!found.has(key)) found.set(key, { id, place, gradient: 0, partials: [], count: 0, tangent: 0, strongest: 0 });
    return found.get(key);
  };
  const source = element(DATA.loss, 0),
    end = element(target, at);
  source.gradient = 1;
  const order = [];
  for (const id of [...boxed].reverse()) {
    // youngest first: what uses an element comes before it
    for (const one of [...found.values()].filter((x) => x.id === id)) {
      order.push(one);
      if (found.size > MOST_ELEMENTS) return { target, at, tooLarge: true };
      if (one === end || !segmentOf[id] || id < target) continue;
      for (const { id: to, place, value } of partialsOf(id, one.place))
        if (to >= 0 && isOnWay(to, place)) one.partials.push({ of: one, to: element(to, place), value });
      for (const partial of one.partials) partial.to.gradient += one.gradient * partial.value;
    }
  }
  Object.assign(end, { count: 1, tangent: 1, strongest: 1 });
  for (const one of order.reverse())
    for (const { to, value } of one.partials) {
      one.count += to.count;
      one.tangent += value * to.tangent;
      one.strongest = Math.max(one.strongest, Math.abs(value) * to.strongest);
    }
  return {
    target,
    at,
    source,
    end,
    elements: order,
    masks: (id) => (masks ? masks(id) : null),
    paths: strongestFirst(source, end, 60),
  };
}

// Best-first search: go on with the beginning whose best possible end is largest.
function strongestFirst(source, end, most) {
  const found = [],
    waiting = [{ at: source, product: 1, bound: source.strongest, factors: [] }];
  while (waiting.length && found.length < most) {
    let best = waiting.length - 1;
    for (let i = best; i >= 0; i--) if (waiting[i].bound > waiting[best].bound) best = i;
    const [{ at: one, product, factors }] = waiting.splice(best, 1);
    if (one === end) {
      found.push({ factors, value: product });
      continue;
    }
    for (const partial of one.partials)
      if (partial.to.count) {
        const next = product * partial.value;
        waiting.push({
          at: partial.to,
          product: next,
          bound: Math.abs(next) * partial.to.strongest,
          factors: [...factors, partial],
        });
      }
  }
  return found;
}

// The formula of a factor, if there is one, and it is that of the branch that is taken now.
function formulaOf({ of, to, value }) {
  const tree = segmentOf[of.id].partials[of.place]?.[to.id]?.[to.place];
  if (!tree) return null;
  const x = worked(tree);
  return Math.abs(x - value) <= 1e-9 * (1 + Math.abs(value)) || x === value || (x !== x && value !== value) ? tree : null;
}
const namesIn = (tree) =>
  tree[0] === "name"
    ? [[tree[1], tree[2]]]
    : tree.flatMap((part) =>
        Array.isArray(part)
          ? typeof part[0] === "string"
            ? namesIn(part)
            : part.flatMap((x) => (Array.isArray(x) ? namesIn(x) : []))
          : [],
      );
