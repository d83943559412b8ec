// Indices: numbers, slices, null (a new axis), "..." and arrays of numbers or of booleans; reading, and writing into a copy.

const slice = (start = null, stop = null, step = null) => ({ start, stop, step: step ?? 1 });
const isSlice = (part) => part !== null && typeof part === "object" && "step" in part;
function sliced({ start, stop, step }, n) {
  const bound = (x, otherwise) =>
    x === null ? otherwise : Math.min(Math.max(x < 0 ? x + n : x, step > 0 ? 0 : -1), step > 0 ? n : n - 1);
  const first = bound(start, step > 0 ? 0 : n - 1),
    last = bound(stop, step > 0 ? n : -1);
  return { first, length: Math.max(0, Math.ceil((last - first) / step)) };
}
// A mask as the numbers of the places where it holds, an array for each of its axes.
function nonzero(mask) {
  const found = range(mask.data.length).filter((i) => mask.data[i]),
    strides = stridesOf(mask.shape);
  return mask.shape.map((length, axis) =>
    make(
      [found.length],
      Float64Array.from(found, (i) => Math.floor(i / strides[axis]) % length),
    ),
  );
}
// What an index picks: the shape of it, and the places of its elements. Where arrays stand beside each other, their axes
// stand there too; where something is between them, in front. A mask without axes picks all or nothing, along a new axis.
function picked(shape, parts) {
  const strides = stridesOf(shape),
    takesAxis = (part) => part !== null && part !== "..." && !part.isMask;
  parts = parts.flatMap((part) =>
    Array.isArray(part) ? [array(part)] : part !== null && part.isMask && part.shape.length ? nonzero(part) : [part],
  );
  const rest = Array(shape.length - parts.filter(takesAxis).length).fill(slice());
  const dots = parts.indexOf("...");
  parts = dots < 0 ? [...parts, ...rest] : [...parts.slice(0, dots), ...rest, ...parts.slice(dots + 1)];
  const hasArrays = parts.some((part) => part !== null && part.data),
    plain = [],
    arrays = [];
  let axis = 0,
    start = 0,
    front = null,
    apart = false,
    before = false;
  for (const part of parts) {
    const isArray = part !== null && !isSlice(part) && (part.data || (hasArrays && typeof part === "number"));
    if (isArray) {
      if (front === null) front = plain.length;
      else if (!before) apart = true;
      arrays.push(
        part.isMask
          ? { at: zeros([part.data[0]]), step: 0, length: 1 }
          : { at: asArray(part), step: strides[axis], length: shape[axis] },
      );
    } else if (part === null) plain.push([1, 0]);
    else if (typeof part === "number") start += fromFront(part, shape[axis]) * strides[axis];
    else {
      const { first, length } = sliced(part, shape[axis]);
      start += first * strides[axis];
      plain.push([length, part.step * strides[axis]]);
    }
    if (takesAxis(part)) axis++;
    before = isArray;
  }
  if (!arrays.length)
    return {
      shape: plain.map(([n]) => n),
      found: places(
        plain.map(([n]) => n),
        plain.map(([, step]) => step),
        start,
      ),
    };
  const common = broadcastShapes(...arrays.map(({ at }) => at.shape)),
    offsets = new Int32Array(sizeOf(common));
  for (const { at, step, length } of arrays) {
    const numbers = broadcastTo(at, common).data;
    for (let i = 0; i < offsets.length; i++) offsets[i] += fromFront(numbers[i], length) * step;
  }
  const between = apart ? 0 : front,
    outer = plain.slice(0, between),
    inner = plain.slice(between),
    found = [];
  const inside = places(
    inner.map(([n]) => n),
    inner.map(([, step]) => step),
  );
  for (const far of places(
    outer.map(([n]) => n),
    outer.map(([, step]) => step),
    start,
  ))
    for (const offset of offsets) for (const near of inside) found.push(far + offset + near);
  return { shape: [...outer.map(([n]) => n), ...common, ...inner.map(([n]) => n)], found };
}
const mask = (x) => ({ ...asArray(x), isMask: true });
function index(x, parts) {
  const { shape, found } = picked(asArray(x).shape, parts);
  return taken(asArray(x), shape, found);
}
const changing = (f) => (x, parts, value) => {
  const { shape, found } = picked(x.shape, parts),
    data = Float64Array.from(x.data);
  value = asArray(value);
  while (value.shape.length > shape.length) value = make(value.shape.slice(1), value.data); // leading axes of length 1
  const at = places(shape, repeatedStrides(value.shape, shape));
  for (let i = 0; i < found.length; i++) data[found[i]] = f(data[found[i]], value.data[at[i]]);
  return make(x.shape, data);
};
const set = changing((_, value) => value);
