// The same elements in another shape or order.

const shapeOf = (shape) => [shape].flat();
function reshape(x, shape) {
  x = asArray(x);
  shape = [...shapeOf(shape)];
  const free = shape.indexOf(-1);
  if (free >= 0) shape[free] = x.data.length / sizeOf(shape.filter((length) => length !== -1));
  return make(shape, x.data);
}
function transpose(x, { axes = null } = {}) {
  const order = axes === null ? range(x.shape.length).reverse() : axesOf(axes, x.shape.length),
    strides = stridesOf(x.shape);
  return view(
    x,
    order.map((axis) => x.shape[axis]),
    order.map((axis) => strides[axis]),
  );
}
const moveLast = (x, axis) => transpose(x, { axes: [...range(x.shape.length).filter((one) => one !== axis), axis] });
const moveBack = (x, axis) => {
  const axes = range(x.shape.length - 1);
  axes.splice(axis, 0, x.shape.length - 1);
  return transpose(x, { axes });
};
function expandDims(x, axis) {
  x = asArray(x);
  const added = [axis].flat(),
    ndim = x.shape.length + added.length,
    at = added.map((one) => fromFront(one, ndim)),
    lengths = [...x.shape];
  return make(
    range(ndim).map((i) => (at.includes(i) ? 1 : lengths.shift())),
    x.data,
  );
}
function squeeze(x, { axis = null } = {}) {
  const axes = axis === null ? range(x.shape.length).filter((i) => x.shape[i] === 1) : axesOf(axis, x.shape.length);
  return make(
    x.shape.filter((_, i) => !axes.includes(i)),
    x.data,
  );
}
const broadcastTo = (x, shape) => view(asArray(x), shapeOf(shape), repeatedStrides(asArray(x).shape, shapeOf(shape)));
function flip(x, { axis = null } = {}) {
  const axes = axesOf(axis, x.shape.length);
  return index(
    x,
    x.shape.map((_, i) => (axes.includes(i) ? slice(null, null, -1) : slice())),
  );
}
function concatenate(arrays, { axis = 0 } = {}) {
  axis = fromFront(axis, arrays[0].shape.length);
  const shape = [...arrays[0].shape];
  shape[axis] = arrays.reduce((length, x) => length + x.shape[axis], 0);
  const whole = zeros(shape),
    inner = sizeOf(shape.slice(axis + 1)),
    outer = sizeOf(shape.slice(0, axis));
  let start = 0;
  for (const x of arrays) {
    const width = x.shape[axis] * inner;
    for (let row = 0; row < outer; row++)
      whole.data.set(x.data.subarray(row * width, (row + 1) * width), row * shape[axis] * inner + start);
    start += width;
  }
  return whole;
}
function stack(arrays, { axis = 0 } = {}) {
  axis = fromFront(axis, asArray(arrays[0]).shape.length + 1);
  return concatenate(
    arrays.map((x) => expandDims(x, axis)),
    { axis },
  );
}
function pad(x, widths, { constant_values = 0, mode = "constant" } = {}) {
  if (mode !== "constant") throw RangeError(`np.pad: mode ${mode}`);
  const shape = x.shape.map((length, i) => length + widths[i][0] + widths[i][1]);
  return set(
    full(shape, constant_values),
    widths.map(([before], i) => slice(before, before + x.shape[i])),
    x,
  );
}
function roll(x, shift, { axis = null } = {}) {
  if (axis === null) return reshape(roll(reshape(x, [-1]), shift, { axis: 0 }), x.shape);
  const shifts = [shift].flat();
  return axesOf(axis, x.shape.length).reduce((rolled, one, i) => {
    const n = x.shape[one],
      order = range(n).map((k) => (((k - shifts[i % shifts.length]) % n) + n) % n);
    return index(rolled, [...Array(one).fill(slice()), array(order)]);
  }, x);
}
function diagonal(x, offset = 0, axis1 = 0, axis2 = 1) {
  const ends = axesOf([axis1, axis2], x.shape.length),
    others = range(x.shape.length).filter((axis) => !ends.includes(axis)),
    [row, column] = [Math.max(-offset, 0), Math.max(offset, 0)],
    n = Math.max(Math.min(x.shape[ends[0]] - row, x.shape[ends[1]] - column), 0);
  const from = (first) => array(range(n).map((i) => first + i));
  return index(transpose(x, { axes: [...others, ...ends] }), ["...", from(row), from(column)]);
}
function repeat(x, repeats, { axis = null } = {}) {
  if (axis === null) [x, axis] = [reshape(x, [-1]), 0];
  axis = fromFront(axis, x.shape.length);
  const counts = typeof repeats === "number" ? Array(x.shape[axis]).fill(repeats) : [...repeats.data];
  return index(x, [...Array(axis).fill(slice()), array(counts.flatMap((n, i) => Array(n).fill(i)))]);
}
function windows(x, size, { axis = null } = {}) {
  const axes = axesOf(axis, x.shape.length),
    sizes = [size].flat(),
    strides = stridesOf(x.shape),
    shape = [...x.shape];
  axes.forEach((one, i) => {
    shape[one] -= sizes[i] - 1;
  });
  return view(x, [...shape, ...sizes], [...strides, ...axes.map((one) => strides[one])]);
}
const triangle =
  (keeps) =>
  (x, k = 0) => {
    const [rows, columns] = x.shape.slice(-2);
    return make(
      x.shape,
      x.data.map((v, i) => (keeps((i % columns) - (Math.floor(i / columns) % rows), k) ? v : 0)),
    );
  };
const full = (shape, value) => make(shapeOf(shape), new Float64Array(sizeOf(shapeOf(shape))).fill(asArray(value).data[0]));
