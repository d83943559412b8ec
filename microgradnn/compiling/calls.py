"""What has loops of its own in C: products, sums of products, what is gathered one after the other, running sums."""

import math

import numpy as np

from ..programs.expression import Expression, is_number, number_of
from .composed import einsum_words, lengths_of
from .elements import literal
from .kernels import CUMULATIVE, SCATTERS, refusal
from .loops import INDICES, element, indented, nest, positions, terms
from .places import C_TYPES, Place, row_strides

WIDE = 32  # columns whose sums fit into the processor's registers
SMALL = 2048  # multiplications of a product that is quicker in a loop than BLAS is started


class CallWriter:
    """Writes one Call.

    Attributes
    ----------
    lines : list of str
    locals : list of str
        The variables that they declare.
    """

    def __init__(self, writer, call):
        self.writer, self.schedule, self.step = writer, writer.schedule, call.step
        self.locals = []
        places = self.schedule.places
        self.target = places[call.step]
        own = [self.schedule.packed.get(x, x) if isinstance(x, Expression) else x for x in call.places or call.step.operands]
        self.operands = [x if isinstance(x, Place) else places.get(x) for x in own]
        self.accumulates = call.accumulates
        name = (
            "matmul"
            if call.places
            else "scatter"
            if call.step.op in SCATTERS
            else "running"
            if call.step.op in CUMULATIVE
            else call.step.op
        )
        self.lines = [f"// {said}" for said in [writer.comment(call.step).removeprefix("  // ")] if said]
        self.lines += getattr(self, name)()

    # Products

    def matmul(self):
        """x @ y"""
        x, y = self.operands
        return self.product(x, y, self.target)

    def product(self, x, y, z):
        """The lines of z = x @ y, for places of any number of axes."""
        if len(x.shape) == 1:
            x = x._replace(shape=(1, *x.shape), strides=(0, *x.strides))
            z = z._replace(shape=(*z.shape[:-1], 1, *z.shape[-1:]) if len(y.shape) > 1 else (1,))
        if len(y.shape) == 1:
            y = y._replace(shape=(*y.shape, 1), strides=(*y.strides, 0))
            z = z._replace(shape=(*z.shape, 1))
        z = z._replace(strides=row_strides(z.shape))
        batch = z.shape[:-2]
        if batch and len(y.shape) == 2 and x.strides == row_strides(x.shape):  # samples one below the other
            rows = math.prod(z.shape[:-1])
            x, z = (p._replace(shape=(rows, p.shape[-1]), strides=(p.shape[-1], 1)) for p in (x, z))
            batch = ()
        x, y = x.broadcast((*batch, *x.shape[-2:])), y.broadcast((*batch, *y.shape[-2:]))
        return self.for_each(batch, x, y, z)

    def for_each(self, batch, x, y, z):
        """A product for each sample of a batch."""
        depth = len(batch)
        starts = [terms(p.strides[:depth]) for p in (x, y, z)]
        matrices = [p._replace(shape=p.shape[depth:], strides=p.strides[depth:]) for p in (x, y, z)]
        return nest(heads(batch), self.one_product(matrices, starts, INDICES[depth:]))

    def one_product(self, matrices, starts, indices):
        """z = x @ y, of matrices that begin somewhere in their memory: a loop, or a call of BLAS."""
        x, y, z = matrices
        (rows, common), columns = x.shape, y.shape[1]
        if rows * common * columns <= SMALL or not self.writer.has_blas or self.step.dtype.kind != "f":
            return self.product_loop(matrices, starts, indices)
        found = [blas_matrix(p) for p in matrices]
        if None in found[:2]:
            return self.product_loop(matrices, starts, indices)
        (tx, lx), (ty, ly), (_, lz) = found
        letter = "s" if self.step.dtype == np.float32 else "d"
        pointers = [
            f"{p.memory.name}@{p.offset}@" + (f" + {start}" if start != "0" else "")
            for p, start in zip((x, y, z), starts, strict=True)
        ]
        self.writer.products.add(letter)
        sizes = f"'{tx}', '{ty}', {rows}, {columns}, {common}"
        return [
            f"{letter}product({sizes}, {pointers[0]}, {lx}, {pointers[1]}, {ly}, {int(self.accumulates)}, {pointers[2]}, {lz});"
        ]

    def product_loop(self, matrices, starts, indices):
        """z = x @ y by loops. Some columns of a row are kept at hand while what is common is gone through."""
        matrices = [p._replace(strides=tuple(s * (n != 1) for n, s in zip(p.shape, p.strides, strict=True))) for p in matrices]
        (rows, common), columns = matrices[0].shape, matrices[1].shape[1]
        i, j, k = indices[:3]
        letters = (i, k), (k, j), (i, j)
        parts = [
            [text for text in (start, terms(p.strides, own)) if text != "0"]
            for p, start, own in zip(matrices, starts, letters, strict=True)
        ]
        xik, ykj, zij = (element(p, " + ".join(part) or "0") for p, part in zip(matrices, parts, strict=True))
        ctype, over = C_TYPES[self.step.dtype], "for (long {0} = 0; {0} < {1}; {0}++)"
        becomes = "+=" if self.accumulates else "="
        if common == 1:
            body = ["#pragma omp simd", f"{over.format(j, columns)} {zij} {becomes} {xik} * {ykj};"]
        elif columns == 1:
            self.locals.append("total")
            body = [
                f"{ctype} total = 0;",
                "#pragma omp simd reduction(+:total)",
                f"{over.format(k, common)} total += {xik} * {ykj};",
                f"{zij} {becomes} total;",
            ]
        else:
            body = self.row_by_row(matrices, (xik, ykj, zij), (j, k))
        return [f"{over.format(i, rows)} {{", *indented(body, 1), "}"]

    def row_by_row(self, matrices, elements, indices):
        """The columns of one row of a product, some at a time."""
        (_, common), columns = matrices[0].shape, matrices[1].shape[1]
        (xik, ykj, zij), (j, k), ctype = elements, indices, C_TYPES[self.step.dtype]
        becomes = "+=" if self.accumulates else "="
        self.locals += ["row", "factor", "first", "last"]
        width = min(columns, WIDE)
        last = f"first + {width}" if columns % width == 0 else f"first + {width} < {columns} ? first + {width} : {columns}"
        over = f"for (long {j} = first; {j} < last; {j}++)"
        return (
            [
                f"for (long first = 0; first < {columns}; first += {width}) {{",
                f"    {ctype} row[{width}] = {{0}};",
                f"    long last = {last};",
                f"    for (long {k} = 0; {k} < {common}; {k}++) {{",
                f"        {ctype} factor = {xik};",
                "        #pragma omp simd",
                f"        {over} row[{j} - first] += factor * {ykj};",
                "    }",
                f"    {over} {zij} {becomes} row[{j} - first];",
                "}",
            ]
            if columns > width
            else [
                f"{ctype} row[{width}] = {{0}};",
                f"for (long {k} = 0; {k} < {common}; {k}++) {{",
                f"    {ctype} factor = {xik};",
                "    #pragma omp simd",
                f"    for (long {j} = 0; {j} < {columns}; {j}++) row[{j}] += factor * {ykj};",
                "}",
                f"for (long {j} = 0; {j} < {columns}; {j}++) {zij} {becomes} row[{j}];",
            ]
        )

    # Sums of products

    def einsum(self):
        """A sum of products by its letters: one loop for each, those that are left outside."""
        words, kept = einsum_words(self.step)
        lengths = lengths_of(words, self.operands)
        strides = [strides_of(word, x) for word, x in zip(words, self.operands, strict=True)]
        inner = [c for c in lengths if c not in kept]
        letters = dict(zip([*kept, *inner], INDICES, strict=False))
        factors = [
            element(x, terms([s[c] for c in s], [letters[c] for c in s])) for x, s in zip(self.operands, strides, strict=True)
        ]
        target = element(self.target, terms(self.target.strides))
        ctype = C_TYPES[self.step.dtype]
        self.locals.append("total")
        added = [f"for (long {letters[c]} = 0; {letters[c]} < {lengths[c]}; {letters[c]}++)" for c in inner]
        body = [f"{ctype} total = 0;", *added, f"    total += {' * '.join(factors)};", f"{target} = total;"]
        return nest(heads([lengths[c] for c in kept]), body)

    # One after the other

    def scatter(self):
        """x[rows] = y, or += y: an element that is named twice is changed twice."""
        base, value = self.step.args
        index = self.step.options["index"]
        shape = np.empty(base.shape, np.int8)[
            tuple(np.zeros(x.shape, int) if isinstance(x, Expression) else x for x in index)
        ].shape
        lines, inside, offset, names = positions(self, self.target, index, shape)
        self.locals += names
        target = element(self.target._replace(offset=self.target.offset + offset), inside)
        if is_number(value):
            text = literal(number_of(value), self.step.dtype).text
        else:
            place = self.schedule.places[value].broadcast(shape)
            text = element(place, terms(place.strides))
        return nest(heads(shape), [*lines, f"{target} {SCATTERS[self.step.op]} {text};"])

    def running(self):
        """A running sum or product along an axis."""
        (x,), step = self.operands, self.step
        axis, ctype = step.options.get("axis"), C_TYPES[step.dtype]
        if axis is None:
            raise refusal(step, f"np.{step.op} without an axis cannot be written as C")
        order = [*(i for i in range(len(x.shape)) if i != axis), axis]
        *outer, inner = heads([x.shape[a] for a in order])
        read, target = (element(p, terms([p.strides[a] for a in order])) for p in (x, self.target))
        self.locals.append("running")
        grown = nest([inner], [f"running {CUMULATIVE[step.op]}= {read};", f"{target} = running;"])
        return nest(outer, [f"{ctype} running = {int(step.op == 'cumprod')};", *grown])

    def arange(self):
        """0, 1, 2, ..."""
        if len(self.step.args) != 1 or self.step.options:
            raise refusal(self.step, "np.arange with a start or a step cannot be written as C")
        return [f"for (long i = 0; i < {self.target.shape[0]}; i++) {element(self.target, 'i')} = i;"]


def heads(lengths):
    """The heads of loops, one in another."""
    return [f"for (long {i} = 0; {i} < {n}; {i}++)" for i, n in zip(INDICES, lengths, strict=False)]


def strides_of(word, place):
    """How far elements are apart along each letter; along a diagonal as far as both axes say."""
    found = {}
    for letter, n, stride in zip(word, place.shape, place.strides, strict=True):
        found[letter] = found.get(letter, 0) + stride * (n != 1)
    return found


def blas_matrix(place):
    """('N' or 'T', how far its lines are apart) of a matrix as BLAS takes it; None if its elements have gaps both ways."""
    (rows, columns), (down, right) = place.shape, place.strides
    if (right == 1 or columns == 1) and (down >= columns or rows == 1):
        return "N", max(down if rows > 1 else columns, 1)
    if (down == 1 or rows == 1) and (right >= rows or columns == 1):
        return "T", max(right if columns > 1 else rows, 1)
    return None
