// Element by element: what NumPy's ufuncs do to numbers, and how a function of numbers becomes one of arrays.

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
