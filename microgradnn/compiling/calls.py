"""What has loops of its own in C: products, sums of products, what is gathered one after the other, running sums."""

import numpy as np

from ..programs.expression import Expression, is_number, number_of
from .composed import einsum_words, lengths_of
from .elements import literal
from .kernels import CUMULATIVE, SCATTERS, refusal
from .loops import INDICES, element, nest, positions, terms
from .places import C_TYPES
from .products import Product, sum_type


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
        places = self.schedule.places
        self.target, self.operands, self.locals = places[call.step], [places.get(x) for x in call.operands], []
        op = call.step.op
        self.lines = [f"// {said}" for said in [writer.comment(call.step).removeprefix("  // ")] if said]
        if call.is_product:
            product = Product(writer, self.target.memory.dtype, call.accumulates)
            self.lines += product.lines(*self.operands, self.target)
            self.locals += product.locals
        else:
            self.lines += getattr(self, "scatter" if op in SCATTERS else "running" if op in CUMULATIVE else op)()

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
        ctype = sum_type(self.step.dtype)
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
        sign = "|=" if self.step.op == "add.at" and self.step.dtype.kind == "b" else SCATTERS[self.step.op]
        return nest(heads(shape), [*lines, f"{target} {sign} {text};"])

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
