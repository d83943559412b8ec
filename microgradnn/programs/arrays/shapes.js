// Arrays, as NumPy has them: what programs written as JavaScript compute with.
//
// An array is {shape, data}: the lengths of its axes, and its elements row by row, in double precision. A plain number stands
// for an array without axes. No function changes what it is given. Where NumPy would hold float32, the program says so after
// each step, np.float32(...); booleans are 0 and 1, as they are in NumPy's arithmetic.
//
// Here: shapes, broadcasting, and where the element of an index lies. Strides say how far apart, in the data, two neighbours
// along an axis lie.

const sizeOf = (shape) => shape.reduce((size, length) => size * length, 1);
const make = (shape, data) => ({ shape, data });
const zeros = (shape) => make(shape, new Float64Array(sizeOf(shape)));
const asArray = (x) => (typeof x === "object" ? x : make([], Float64Array.of(Number(x))));
const range = (n) => Array.from({ length: n }, (_, i) => i);

// From nested lists, such as [[1, 2], [3, 4]].
function array(x) {
  if (!Array.isArray(x)) return asArray(x);
  const shape = [];
  for (let part = x; Array.isArray(part); part = part[0]) shape.push(part.length);
  return make(shape, Float64Array.from(x.flat(Infinity)));
}

// To nested lists.
function tolist({ shape, data }) {
  let parts = [...data];
  for (const length of shape.slice(1).reverse())
    parts = range(sizeOf([parts.length]) / length || 0).map((i) => parts.slice(i * length, (i + 1) * length));
  return shape.length ? parts : parts[0];
}

function stridesOf(shape) {
  const strides = Array(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

function broadcastShapes(...shapes) {
  const ndim = Math.max(...shapes.map((shape) => shape.length)),
    found = Array(ndim).fill(1);
  for (const shape of shapes)
    shape.forEach((length, i) => {
      const axis = i + ndim - shape.length;
      if (length !== 1 && found[axis] !== 1 && found[axis] !== length)
        throw RangeError(`shapes ${shapes.map((s) => `(${s})`).join(" and ")} do not fit`);
      if (length !== 1) found[axis] = length;
    });
  return found;
}

// The strides of an array that is repeated to fill a larger shape: 0 along the axes that are repeated.
function repeatedStrides(shape, larger) {
  const strides = stridesOf(shape),
    found = Array(larger.length).fill(0);
  shape.forEach((length, axis) => {
    if (length !== 1) found[axis + larger.length - shape.length] = strides[axis];
  });
  return found;
}

// Where the elements of an array of this shape lie, in order, if its strides are these.
function places(shape, strides, start = 0) {
  const found = new Int32Array(sizeOf(shape)),
    index = Array(shape.length).fill(0);
  for (let i = 0, place = start; i < found.length; i++) {
    found[i] = place;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis];
      if (++index[axis] < shape[axis]) break;
      place -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return found;
}

const taken = (x, shape, found) =>
  make(
    shape,
    Float64Array.from(found, (place) => x.data[place]),
  );
const view = (x, shape, strides, start = 0) => taken(x, shape, places(shape, strides, start));
const fromFront = (axis, ndim) => (axis < 0 ? axis + ndim : axis);
const axesOf = (axis, ndim) => (axis == null ? range(ndim) : [axis].flat().map((one) => fromFront(one, ndim)));
