// Linear algebra, of each matrix in a stack. Gauss and Jordan's elimination, with the largest pivot.

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
