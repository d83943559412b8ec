// Products of arrays: matmul, einsum, convolve, cross.

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
