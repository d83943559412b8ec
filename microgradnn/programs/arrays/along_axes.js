// Along axes: sums and their like, running sums, where the largest element is.

const reduction =
  (f, first, finish = (v) => v) =>
  (x, { axis = null, keepdims = false } = {}) => {
    x = asArray(x);
    const axes = axesOf(axis, x.shape.length),
      kept = x.shape.map((length, i) => (axes.includes(i) ? 1 : length));
    const data = new Float64Array(sizeOf(kept)).fill(first),
      at = places(x.shape, repeatedStrides(kept, x.shape));
    for (let i = 0; i < at.length; i++) data[at[i]] = f(data[at[i]], x.data[i]);
    const count = axes.reduce((n, one) => n * x.shape[one], 1);
    return make(
      keepdims ? kept : kept.filter((_, i) => !axes.includes(i)),
      data.map((v) => finish(v, count)),
    );
  };

const sum = reduction((total, v) => total + v, 0);
const mean = reduction(
  (total, v) => total + v,
  0,
  (total, n) => total / n,
);

function variance(x, { axis = null, keepdims = false, ddof = 0 } = {}) {
  const away = binary((v, m) => (v - m) ** 2)(x, mean(x, { axis, keepdims: true }));
  const count = axesOf(axis, x.shape.length).reduce((n, one) => n * x.shape[one], 1);
  return unary((total) => total / Math.max(count - ddof, 0))(sum(away, { axis, keepdims }));
}

const running =
  (f) =>
  (x, { axis = null } = {}) => {
    if (axis === null) [x, axis] = [reshape(x, [-1]), 0];
    axis = fromFront(axis, x.shape.length);
    const step = stridesOf(x.shape)[axis],
      data = Float64Array.from(x.data);
    for (let i = 0; i < data.length; i++) if (Math.floor(i / step) % x.shape[axis]) data[i] = f(data[i - step], data[i]);
    return make(x.shape, data);
  };

// Of each row along an axis, where the first best element is.
const searching =
  (better) =>
  (x, { axis = null, keepdims = false } = {}) => {
    if (axis === null)
      return Number(range(x.data.length).reduce((best, i) => (better(x.data[i], x.data[best]) ? i : best), 0));
    axis = fromFront(axis, x.shape.length);
    const last = moveLast(x, axis),
      n = x.shape[axis],
      data = new Float64Array(last.data.length / n);
    for (let row = 0; row < data.length; row++)
      for (let i = 1; i < n; i++) if (better(last.data[row * n + i], last.data[row * n + data[row]])) data[row] = i;
    const shape = x.shape.filter((_, i) => i !== axis);
    return make(keepdims ? x.shape.map((length, i) => (i === axis ? 1 : length)) : shape, data);
  };

function diff(x, { axis = -1, n = 1 } = {}) {
  axis = fromFront(axis, x.shape.length);
  const without = (first, last) => index(x, [...Array(axis).fill(slice()), slice(first, last)]);
  return n === 0 ? x : diff(binary((a, b) => a - b)(without(1, null), without(0, -1)), { axis, n: n - 1 });
}

// ---- By the order of values

// Each row along an axis in order, NaN at its end; so what partition is asked for stands in its place, too.
function sort(x, { axis = -1 } = {}) {
  axis = fromFront(axis, x.shape.length);
  const last = moveLast(x, axis),
    n = x.shape[axis],
    data = Float64Array.from(last.data);
  for (let row = 0; row < data.length; row += n) data.subarray(row, row + n).sort();
  return moveBack(make(last.shape, data), axis);
}
// The places of each row's elements in that order, of equal ones those that come first.
function argsort(x, { axis = -1 } = {}) {
  axis = fromFront(axis, x.shape.length);
  const last = moveLast(x, axis),
    n = x.shape[axis],
    data = new Float64Array(last.data.length);
  const order = (a, b) => (a === b ? 0 : a !== a ? Number(b === b) : b !== b ? -1 : a - b);
  for (let row = 0; row < data.length; row += n) {
    const inOrder = [...range(n)].sort((i, j) => order(last.data[row + i], last.data[row + j]));
    data.set(inOrder, row);
  }
  return moveBack(make(last.shape, data), axis);
}
function median(x, { axis = null, keepdims = false } = {}) {
  x = asArray(x);
  const axes = axesOf(axis, x.shape.length),
    others = range(x.shape.length).filter((i) => !axes.includes(i)),
    kept = others.map((i) => x.shape[i]);
  const rows = reshape(transpose(x, { axes: [...others, ...axes] }), [sizeOf(kept), -1]),
    n = rows.shape[1],
    sorted = sort(rows).data;
  const data = Float64Array.from(range(rows.shape[0]), (row) => {
    const [low, high, end] = [(n - 1) >> 1, n >> 1, n - 1].map((k) => sorted[row * n + k]);
    return end !== end ? NaN : low === high ? low : (low + high) / 2;
  });
  return make(keepdims ? x.shape.map((length, i) => (axes.includes(i) ? 1 : length)) : kept, data);
}
// Whole periods are added where a number jumps away from the one before it.
function unwrap(p, discont, axis, { period = 2 * Math.PI } = {}) {
  p = asArray(p);
  axis = fromFront(axis, p.shape.length);
  const last = moveLast(p, axis),
    n = p.shape[axis],
    data = Float64Array.from(last.data),
    half = period / 2,
    jump = Math.max(discont ?? half, half);
  for (let row = 0; row < data.length; row += n)
    for (let i = 1, added = 0; i < n; i++) {
      const step = last.data[row + i] - last.data[row + i - 1];
      let wrapped = step + half - period * Math.floor((step + half) / period) - half;
      if (wrapped === -half && step > 0) wrapped = half;
      added += Math.abs(step) < jump ? 0 : wrapped - step;
      data[row + i] += added;
    }
  return moveBack(make(last.shape, data), axis);
}
