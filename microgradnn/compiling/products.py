"""Products of matrices: small ones are loops, others go through registers tile by tile, and large ones to a BLAS.

Until a product is large enough for several threads, or for more than the cache, it is quicker so than by a BLAS, which must ask
for everything, and lays both matrices out anew: here they are read where they lie.
"""

import math
import re

import numpy as np

from .loops import INDICES, KernelWriter, nest, terms

SHARED = 2**22, 2**26  # multiplications from which on a BLAS is quicker: one with threads, and one without
TILES = """
#if defined(__AVX512F__)
enum { BYTES = 64, ROWS = 8 };
#elif defined(__AVX__)
enum { BYTES = 32, ROWS = 6 };
#else
enum { BYTES = 16, ROWS = 4 };
#endif
enum { DEPTH = 256 };
"""
PRODUCT = """
typedef double dvector __attribute__((vector_size(BYTES), aligned(sizeof(double)), may_alias));
enum { DWIDE = 2 * BYTES / sizeof(double) };

// Some rows of x y, two vectors wide: they stay in registers while what is common is gone through.
static inline __attribute__((always_inline)) void dtile(const long rows, long columns, long common,
    const double *x, long xi, long xk, const double *y, long yk, int add, double *z, long zi)
{
    dvector left[ROWS], right[ROWS];
    #pragma GCC unroll 8
    for (long i = 0; i < rows; i++) left[i] = right[i] = (dvector){0};
    for (long k = 0; k < common; k++, x += xk, y += yk) {
        dvector one = *(const dvector *)y, other = *(const dvector *)(y + DWIDE / 2);
        #pragma GCC unroll 8
        for (long i = 0; i < rows; i++) {
            left[i] += x[i * xi] * one;
            right[i] += x[i * xi] * other;
        }
    }
    #pragma GCC unroll 8
    for (long i = 0; i < rows; i++, z += zi) {
        if (columns < DWIDE) {
            double sums[DWIDE];
            *(dvector *)sums = left[i];
            *(dvector *)(sums + DWIDE / 2) = right[i];
            for (long j = 0; j < columns; j++) z[j] = add ? z[j] + sums[j] : sums[j];
        } else {
            dvector *to = (dvector *)z, *behind = (dvector *)(z + DWIDE / 2);
            if (add) left[i] += *to, right[i] += *behind;
            *to = left[i], *behind = right[i];
        }
    }
}

// z = x y, or added to what is in z. The next element of a column of x is xi away, that of a row xk; yk and yj those
// of y. Where a row of y is not in one piece, or not as wide as a tile, it is laid out so.
static void dproduct(long rows, long columns, long common, const double *x, long xi, long xk,
    const double *y, long yk, long yj, int add, double *z, long zi)
{
    double laid_out[DEPTH * DWIDE] __attribute__((aligned(BYTES)));
    for (long first = 0; first < common; first += DEPTH, add = 1) {
        long depth = common - first < DEPTH ? common - first : DEPTH;
        for (long j = 0; j < columns; j += DWIDE) {
            long wide = columns - j < DWIDE ? columns - j : DWIDE, down = yk, i = 0;
            const double *left = x + first * xk, *above = y + first * yk + j * yj;
            if (yj != 1 || wide < DWIDE || rows > 128) {
                for (long k = 0; k < depth; k++)
                    for (long l = 0; l < DWIDE; l++) laid_out[k * DWIDE + l] = l < wide ? above[k * yk + l * yj] : 0;
                above = laid_out, down = DWIDE;
            }
            double *to = z + j;
            for (; i + ROWS <= rows; i += ROWS)
                dtile(ROWS, wide, depth, left + i * xi, xi, xk, above, down, add, to + i * zi, zi);
            for (; i + 2 <= rows; i += 2)
                dtile(2, wide, depth, left + i * xi, xi, xk, above, down, add, to + i * zi, zi);
            if (i < rows)
                dtile(1, wide, depth, left + i * xi, xi, xk, above, down, add, to + i * zi, zi);
        }
    }
}
"""
BLAS = """
typedef void (*gemm_double)(const char *, const char *, const blas_int *, const blas_int *, const blas_int *,
    const double *, const double *, const blas_int *, const double *, const blas_int *, const double *, double *,
    const blas_int *);
static gemm_double dgemm;

// z = x y + old z. BLAS counts columns first: it is given y and x, to it transposed, and finds z transposed.
static void dblas(blas_int rows, blas_int columns, blas_int common, const double *x, blas_int xi, blas_int xk,
    const double *y, blas_int yk, blas_int yj, double old, double *z, blas_int zi)
{
    double one = 1;
    char tx = xk == 1 ? 'N' : 'T', ty = yj == 1 ? 'N' : 'T';
    blas_int lx = xk == 1 ? xi : xk, ly = yj == 1 ? yk : yj;
    dgemm(&ty, &tx, &columns, &rows, &common, &one, y, &ly, x, &lx, &old, z, &zi);
}
"""


def declared(used, blas):
    """The lines of the functions that products are written with.

    Parameters
    ----------
    used : set of str
        "dproduct", "sproduct", "dblas", "sblas".
    blas : Blas
    """
    text = TILES * any(name.endswith("product") for name in used)
    text += f"\ntypedef {blas.integer} blas_int;\n" * any(name.endswith("blas") for name in used)
    text += "".join(in_type(BLAS if name.endswith("blas") else PRODUCT, name[0]) for name in sorted(used))
    types = {"d": "double", "s": "float"}
    calls = [f"    {x}gemm = (gemm_{types[x]}){x};" for x in "ds" if f"{x}blas" in used]
    return [*text.split("\n"), *(["EXPORT void use_blas(void *d, void *s)", "{", *calls, "}"] if calls else [])]


def in_type(text, letter):
    """The same for numbers of another type."""
    if letter == "d":
        return text
    text = re.sub(r"\bd(vector|tile|product|gemm|blas)\b", r"s\1", text)
    return text.replace("double", "float").replace("DWIDE", "SWIDE")


class ProductWriter(KernelWriter):
    """Writes one Product, z = x y, or z += x y, of matrices or batches of them."""

    def __init__(self, writer, product):
        super().__init__(writer)
        places = writer.schedule.places
        x, y = (places[operand] for operand in product.operands)
        z = places[product.step]
        batch = z.shape[:-2]
        x, y = (p.broadcast((*batch, *p.shape[-2:])) for p in (x, y))
        size = math.prod((*x.shape[-2:], y.shape[-1]))
        for_blas = writer.blas.dgemm and size > SHARED[writer.blas.threads == 1] and is_of_lines(x) and is_of_lines(y)
        name = f"{'s' if z.memory.dtype == np.float32 else 'd'}{'blas' if for_blas else 'product'}"
        writer.products.add(name)
        factors = [f"{self.matrix(p)}, {p.strides[-2]}, {p.strides[-1]}" for p in (x, y)]
        given = [x.shape[-2], y.shape[-1], x.shape[-1], *factors, int(product.accumulates), self.matrix(z), z.strides[-2]]
        heads = [f"for (long {i} = 0; {i} < {n}; {i}++)" for i, n in zip(INDICES, batch, strict=False)]
        said = writer.comment(product.step).removeprefix("  ")
        self.lines = [*[said] * bool(said), *nest(heads, [f"{name}({', '.join(map(str, given))});"])]

    def matrix(self, place):
        """Where the matrix begins that the loops are at."""
        start = terms(place.strides[:-2])
        return self.pointer(place) + f" + {start}" * (start != "0")


def is_of_lines(place):
    """Whether a matrix is rows, or columns, one behind the other, as BLAS takes it; gaps both ways it does not."""
    shape, strides = place.shape[-2:], place.strides[-2:]
    return 1 in strides and max(strides) >= shape[strides.index(1)]
