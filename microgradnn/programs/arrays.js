// Arrays, as NumPy has them: what programs written as JavaScript compute with.
//
// An array is {shape, data}: the lengths of its axes, and its elements row by row, in double precision. A plain number stands
// for an array without axes. No function changes what it is given. Where NumPy would hold float32, the program says so after
// each step, np.float32(...); booleans are 0 and 1, as they are in NumPy's arithmetic.

const np = (() => {
  "use strict";

  // ---- Shapes and places. Strides say how far apart, in the data, two neighbours along an axis lie.

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

  // ---- Element by element

  const unary = (f) => (x) => {
    x = asArray(x);
    return make(
      x.shape,
      x.data.map((v) => f(v)),
    );
  };

  const binary = (f) => (x, y) => {
    x = asArray(x);
    y = asArray(y);
    const shape = broadcastShapes(x.shape, y.shape),
      data = new Float64Array(sizeOf(shape));
    const atX = places(shape, repeatedStrides(x.shape, shape)),
      atY = places(shape, repeatedStrides(y.shape, shape));
    for (let i = 0; i < data.length; i++) data[i] = f(x.data[atX[i]], y.data[atY[i]]);
    return make(shape, data);
  };

  function where(condition, x, y) {
    const all = [condition, x, y].map(asArray),
      shape = broadcastShapes(...all.map((one) => one.shape));
    const [c, a, b] = all.map((one) => view(one, shape, repeatedStrides(one.shape, shape)).data);
    return make(
      shape,
      c.map((holds, i) => (holds ? a[i] : b[i])),
    );
  }

  const orNaN = (f) => (x, y) => (x !== x || y !== y ? NaN : f(x, y));
  const remainder = (x, y) => {
    const rest = x % y;
    return rest && rest < 0 !== y < 0 ? rest + y : rest || (y < 0 ? -0 : 0) * (rest === rest ? 1 : NaN);
  };
  function floorDivide(x, y) {
    // x − x % y is a multiple of y, but for rounding
    if (y === 0) return x / y;
    let rest = x % y,
      quotient = (x - rest) / y;
    if (rest && rest < 0 !== y < 0) quotient -= 1;
    const floor = Math.floor(quotient);
    return quotient - floor > 0.5 ? floor + 1 : floor;
  }
  const SHORT = new Map([
    [2, (x) => x * x],
    [1, (x) => x],
    [0, () => 1],
    [-1, (x) => 1 / x],
    [0.5, (x) => (x === -Infinity ? NaN : Math.sqrt(x))],
  ]);
  const pow = (x, y) => (x === 1 ? 1 : SHORT.has(y) ? SHORT.get(y)(x) : x ** y);
  const toEven = (x) => {
    const floor = Math.floor(x),
      over = x - floor;
    return over < 0.5 || (over === 0.5 && floor % 2 === 0) ? floor : floor + 1;
  };
  function round(x, { decimals = 0 } = {}) {
    const scale = 10 ** Math.abs(decimals);
    return unary(decimals < 0 ? (v) => toEven(v / scale) * scale : (v) => toEven(v * scale) / scale)(x);
  }
  const isNegative = (x) => x < 0 || Object.is(x, -0);
  const logAddExp = (x, y) => (x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y))));
  const logAddExp2 = (x, y) => (x === y ? x + 1 : Math.max(x, y) + Math.log1p(2 ** -Math.abs(x - y)) / Math.LN2);
  const clip = (x, low, high) => binary(orNaN(Math.min))(binary(orNaN(Math.max))(x, low ?? -Infinity), high ?? Infinity);

  // ---- Along axes

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

  // ---- The same elements in another shape or order

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

  // ---- Indices: numbers, slices, null (a new axis), "..." and arrays of numbers or of booleans.

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

  // ---- Products

  function matmul(x, y) {
    const isRow = x.shape.length === 1,
      isColumn = y.shape.length === 1;
    if (isRow) x = make([1, ...x.shape], x.data);
    if (isColumn) y = make([...y.shape, 1], y.data);
    const [rows, inner] = x.shape.slice(-2),
      columns = y.shape.at(-1),
      stackX = x.shape.slice(0, -2),
      stackY = y.shape.slice(0, -2);
    if (inner !== y.shape.at(-2)) throw RangeError(`(${x.shape}) @ (${y.shape}) do not fit`);
    const stacked = broadcastShapes(stackX, stackY),
      data = new Float64Array(sizeOf(stacked) * rows * columns);
    const atX = places(stacked, repeatedStrides(stackX, stacked)),
      atY = places(stacked, repeatedStrides(stackY, stacked));
    for (let k = 0, at = 0; k < atX.length; k++) {
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++, at++) {
          for (let l = 0; l < inner; l++)
            data[at] += x.data[(atX[k] * rows + i) * inner + l] * y.data[(atY[k] * inner + l) * columns + j];
        }
    }
    return make([...stacked, ...(isRow ? [] : [rows]), ...(isColumn ? [] : [columns])], data);
  }
  function einsum(subscripts, ...arrays) {
    const [inputs, output] = subscripts.replaceAll(" ", "").split("->"),
      words = inputs.split(","),
      lengths = {};
    words.forEach((word, i) =>
      [...word].forEach((letter, axis) => {
        if (arrays[i].shape[axis] !== 1 || !(letter in lengths)) lengths[letter] = arrays[i].shape[axis];
      }),
    );
    const letters = Object.keys(lengths),
      all = letters.map((letter) => lengths[letter]),
      result = zeros([...output].map((letter) => lengths[letter]));
    const stepsOf = (word, shape) =>
      letters.map((letter) =>
        [...word].reduce((step, one, axis) => (one === letter && shape[axis] !== 1 ? step + stridesOf(shape)[axis] : step), 0),
      );
    const to = places(all, stepsOf(output, result.shape)),
      from = arrays.map((x, i) => places(all, stepsOf(words[i], x.shape)));
    for (let i = 0; i < to.length; i++) result.data[to[i]] += arrays.reduce((product, x, k) => product * x.data[from[k][i]], 1);
    return result;
  }
  function convolve(x, y, { mode = "full" } = {}) {
    const n = x.data.length,
      m = y.data.length,
      whole = new Float64Array(n + m - 1);
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) whole[i + j] += x.data[i] * y.data[j];
    const length = { full: n + m - 1, same: Math.max(n, m), valid: Math.abs(n - m) + 1 }[mode],
      cut = Math.floor((whole.length - length) / 2);
    return make([length], whole.slice(cut, cut + length));
  }
  function cross(x, y) {
    const part = (z, i) => index(z, ["...", i]),
      times = binary((a, b) => a * b),
      minus = binary((a, b) => a - b);
    const one = (i, j) => minus(times(part(x, i), part(y, j)), times(part(x, j), part(y, i)));
    return stack([one(1, 2), one(2, 0), one(0, 1)], { axis: -1 });
  }

  // ---- Linear algebra, of each matrix in a stack. Gauss and Jordan's elimination, with the largest pivot.

  function eliminate(matrix, n, right, columns) {
    const a = Float64Array.from(matrix),
      b = Float64Array.from(right);
    let sign = 1,
      log = 0,
      det = 1;
    const exchange = (x, width, i, j) => {
      for (let k = 0; k < width; k++) [x[i * width + k], x[j * width + k]] = [x[j * width + k], x[i * width + k]];
    };
    for (let i = 0; i < n; i++) {
      let best = i;
      for (let row = i; row < n; row++) if (Math.abs(a[row * n + i]) > Math.abs(a[best * n + i])) best = row;
      if (best !== i) {
        exchange(a, n, i, best);
        exchange(b, columns, i, best);
        sign = -sign;
      }
      const pivot = a[i * n + i];
      if (pivot === 0) return { solution: b.fill(NaN), sign: 0, log: -Infinity, det: 0 };
      det *= pivot;
      sign *= Math.sign(pivot);
      log += Math.log(Math.abs(pivot));
      for (let k = 0; k < n; k++) a[i * n + k] /= pivot;
      for (let k = 0; k < columns; k++) b[i * columns + k] /= pivot;
      for (let row = 0; row < n; row++) {
        const factor = a[row * n + i];
        if (row === i || factor === 0) continue;
        for (let k = 0; k < n; k++) a[row * n + k] -= factor * a[i * n + k];
        for (let k = 0; k < columns; k++) b[row * columns + k] -= factor * b[i * columns + k];
      }
    }
    return { solution: b, sign, log, det: sign * Math.abs(det) };
  }
  function matricesOf(x) {
    const n = x.shape.at(-1),
      size = n * n;
    return range(sizeOf(x.shape.slice(0, -2))).map((i) => x.data.subarray(i * size, (i + 1) * size));
  }
  const joined = (shape, parts) => make(shape, Float64Array.from(parts.flatMap((part) => [...part])));
  function solve(a, b) {
    const isVector = b.shape.length === 1;
    if (isVector) b = expandDims(b, 1);
    const n = a.shape.at(-1),
      columns = b.shape.at(-1),
      stacks = [a, b].map((x) => x.shape.slice(0, -2)),
      stacked = broadcastShapes(...stacks);
    const [atA, atB] = stacks.map((shape) => places(stacked, repeatedStrides(shape, stacked))),
      block = n * columns;
    const parts = [...atA].map(
      (at, i) =>
        eliminate(
          a.data.subarray(at * n * n, (at + 1) * n * n),
          n,
          b.data.subarray(atB[i] * block, (atB[i] + 1) * block),
          columns,
        ).solution,
    );
    return joined([...stacked, n, ...(isVector ? [] : [columns])], parts);
  }
  const identity = (n) => Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
  const inv = (x) =>
    joined(
      x.shape,
      matricesOf(x).map((a) => eliminate(a, x.shape.at(-1), identity(x.shape.at(-1)), x.shape.at(-1)).solution),
    );
  const eliminated = (x, what) =>
    make(
      x.shape.slice(0, -2),
      Float64Array.from(matricesOf(x), (a) => eliminate(a, x.shape.at(-1), [], 0)[what]),
    );
  function cholesky(x) {
    const n = x.shape.at(-1);
    return joined(
      x.shape,
      matricesOf(x).map((a) => {
        const lower = new Float64Array(n * n);
        for (let i = 0; i < n; i++)
          for (let j = 0; j <= i; j++) {
            let rest = a[i * n + j];
            for (let k = 0; k < j; k++) rest -= lower[i * n + k] * lower[j * n + k];
            lower[i * n + j] = i === j ? Math.sqrt(rest) : rest / lower[j * n + j];
          }
        return lower;
      }),
    );
  }

  return {
    array,
    tolist,
    asarray: asArray,
    make,
    zeros,
    places,
    stridesOf,
    slice,
    mask,
    index,
    set,
    add_at: changing((x, y) => x + y),
    multiply_at: changing((x, y) => x * y),
    // element by element: two operands
    add: binary((x, y) => x + y),
    subtract: binary((x, y) => x - y),
    multiply: binary((x, y) => x * y),
    divide: binary((x, y) => x / y),
    floor_divide: binary(floorDivide),
    remainder: binary(remainder),
    fmod: binary((x, y) => x % y),
    power: binary(pow),
    float_power: binary(pow),
    maximum: binary(orNaN(Math.max)),
    minimum: binary(orNaN(Math.min)),
    hypot: binary(Math.hypot),
    arctan2: binary(Math.atan2),
    copysign: binary((x, y) => (isNegative(y) ? -Math.abs(x) : Math.abs(x))),
    logaddexp: binary(logAddExp),
    logaddexp2: binary(logAddExp2),
    heaviside: binary((x, half) => (x !== x ? NaN : x === 0 ? half : Number(x > 0))),
    equal: binary((x, y) => Number(x === y)),
    not_equal: binary((x, y) => Number(x !== y)),
    less: binary((x, y) => Number(x < y)),
    less_equal: binary((x, y) => Number(x <= y)),
    greater: binary((x, y) => Number(x > y)),
    greater_equal: binary((x, y) => Number(x >= y)),
    bitwise_and: binary((x, y) => x & y),
    bitwise_or: binary((x, y) => x | y),
    bitwise_xor: binary((x, y) => x ^ y),
    logical_and: binary((x, y) => Number(Boolean(x && y))),
    logical_or: binary((x, y) => Number(Boolean(x || y))),
    // element by element: one operand
    negative: unary((x) => -x),
    positive: unary((x) => x),
    absolute: unary(Math.abs),
    sign: unary(Math.sign),
    square: unary((x) => x * x),
    reciprocal: unary((x) => 1 / x),
    sqrt: unary(Math.sqrt),
    cbrt: unary(Math.cbrt),
    exp: unary(Math.exp),
    exp2: unary((x) => 2 ** x),
    expm1: unary(Math.expm1),
    log: unary(Math.log),
    log2: unary(Math.log2),
    log10: unary(Math.log10),
    log1p: unary(Math.log1p),
    sin: unary(Math.sin),
    cos: unary(Math.cos),
    tan: unary(Math.tan),
    arcsin: unary(Math.asin),
    arccos: unary(Math.acos),
    arctan: unary(Math.atan),
    sinh: unary(Math.sinh),
    cosh: unary(Math.cosh),
    tanh: unary(Math.tanh),
    arcsinh: unary(Math.asinh),
    arccosh: unary(Math.acosh),
    arctanh: unary(Math.atanh),
    floor: unary(Math.floor),
    ceil: unary(Math.ceil),
    trunc: unary(Math.trunc),
    rint: unary(toEven),
    sinc: unary((x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))),
    isfinite: unary((x) => Number(Number.isFinite(x))),
    isinf: unary((x) => Number(Math.abs(x) === Infinity)),
    isnan: unary((x) => Number(x !== x)),
    signbit: unary((x) => Number(isNegative(x))),
    invert: unary((x) => ~x),
    logical_not: unary((x) => Number(!x)),
    float32: unary(Math.fround),
    round,
    clip,
    where,
    copy: (x) => x,
    truth: unary((x) => Number(x !== 0)),
    // along axes
    sum,
    mean,
    prod: reduction((product, v) => product * v, 1),
    max: reduction(orNaN(Math.max), -Infinity),
    min: reduction(orNaN(Math.min), Infinity),
    any: reduction((any, v) => Number(Boolean(any || v)), 0),
    all: reduction((all, v) => Number(Boolean(all && v)), 1),
    var: variance,
    std: (x, options) => unary(Math.sqrt)(variance(x, options)),
    cumsum: running((x, y) => x + y),
    cumprod: running((x, y) => x * y),
    argmax: searching((x, best) => x > best),
    argmin: searching((x, best) => x < best),
    diff,
    // shapes
    reshape,
    transpose,
    expand_dims: expandDims,
    squeeze,
    broadcast_to: broadcastTo,
    flip,
    concatenate,
    stack,
    pad,
    roll,
    repeat,
    full,
    sliding_window_view: windows,
    tril: triangle((away, k) => away <= k),
    triu: triangle((away, k) => away >= k),
    arange: (n) => array(range(n)),
    // products and matrices
    matmul,
    einsum,
    convolve,
    cross,
    linalg: {
      solve,
      inv,
      cholesky,
      det: (x) => eliminated(x, "det"),
      slogdet: (x) => [eliminated(x, "sign"), eliminated(x, "log")],
    },
  };
})();
