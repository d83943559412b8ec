"""Sums that grow in memory: products that are added to what is there, and parts that are written into one array.

A gradient that comes from many places is a sum of arrays. Where these are products of matrices, each is added to those before
while it is computed; where they are parts in a frame of zeros, as gradients of slices are, each is written, or added, to its
part of one array.
"""

from ..programs.expression import Expression, Kind
from .core import VIEWS, alike, element_view, has_arrays


class Sums:
    """What of a schedule waits until its sum is known."""

    def __init__(self, schedule):
        self.schedule, self.users, self.results = schedule, schedule.users, set(schedule.program.results)
        self.terms = {}  # a product, or a sum of products that nobody else asks for -> the products
        self.written = {}  # Memory of zeros -> the parts that have been written
        for step in schedule.lowered.steps:
            if step.op == "matmul" and self.is_term(step):
                self.terms[step] = [step]
            elif step.op == "add" and all(x in self.terms for x in step.args):
                self.terms[step] = [*self.terms[step.args[0]], *self.terms[step.args[1]]]

    def is_term(self, x):
        """Whether a product of two matrices is only added to something of its shape, and what it is made from stays."""
        is_product = x.ndim == 2 and x.dtype.kind == "f" and all(y.ndim == 2 for y in x.operands)
        return is_product and len(x.operands) == 2 and self.is_added(x) and all(map(self.is_stable, x.operands))

    def is_added(self, x):
        """Whether all that is asked of x is a sum with something of its shape."""
        users = self.users.get(x, ())
        return x not in self.results and len(users) == 1 and users[0].op == "add" and users[0].shape == x.shape

    def is_stable(self, x, but=None):
        """Whether no statement changes an array, or what it is a view of."""
        changed = any(user.is_statement and user.args[0] is x and user is not but for user in self.users.get(x, ()))
        return not changed and (x.op not in VIEWS or self.is_stable(x.args[0], but))

    def is_frame(self, x):
        """Whether x is a part in a frame of zeros, and only added to something."""
        if x.op != "set" or has_arrays(x) or not self.is_added(x):
            return False
        base, value = x.args
        is_zero = base.fill is not None and base.fill.op == "number" and base.fill.options["value"] == 0
        return is_zero and len(self.users[base]) == 1 and isinstance(value, Expression) and self.is_stable(value)

    def is_set_value(self, x):
        """Whether x is computed for a statement alone, which writes it into an array."""
        users = self.users.get(x, ())
        if len(users) != 1 or users[0].op != "set" or x in self.results or has_arrays(users[0]) or users[0].args[1] is not x:
            return False
        return x.op in ("add", "multiply", "subtract") and all(self.is_stable(y, users[0]) for y in x.operands)

    def defers(self, step):
        """Whether a step waits for the one that uses it."""
        return (step in self.terms and self.is_added(step)) or self.is_frame(step) or self.is_set_value(step)

    def gathers(self, step):
        """Make a sum of what waited for it; whether it is one."""
        left, right = step.args
        if not all(isinstance(x, Expression) and x.shape == step.shape for x in step.args):
            return False
        if step in self.terms:
            self.add_products(step, None, self.terms[step])
        elif self.is_frame(right) or self.is_frame(left):
            self.add_frame(step, *((left, right) if self.is_frame(right) else (right, left)))
        elif (right in self.terms and self.can_grow(left)) or (left in self.terms and self.can_grow(right)):
            base, product = (left, right) if right in self.terms and self.can_grow(left) else (right, left)
            self.add_products(step, base, self.terms[product])
        else:
            return False
        return True

    def can_grow(self, x):
        """Whether an array is there for one sum alone, in memory of its own."""
        return x.op not in ("parameter", "number", *VIEWS) and x.fill is None and self.is_added(x)

    # Products

    def add_products(self, step, base, products):
        """The sum of products: each is added to the ones before."""
        schedule = self.schedule
        if base is not None:
            schedule.places[step] = schedule.own(base, step)
        for i, product in enumerate(products):
            schedule.product(step, schedule.factors(product), base is not None or i > 0)

    # Parts in a frame

    def add_frame(self, step, base, frame):
        """base + frame: the part is added to that of the base; where nothing has been written, it is written."""
        schedule = self.schedule
        if self.is_frame(base) and base not in schedule.kernel_of:
            schedule.add(base)
            self.written[schedule.places[base].memory] = [base.options["index"]]
        index, value = frame.options["index"], frame.args[1]
        place = schedule.in_memory(base)
        part = place.viewed(lambda array: element_view(array, index))
        written = self.written.get(place.memory)
        if written is None or any(overlap(index, other, step.shape) for other in written):
            old = Expression("index", (base,), {"index": index}, Kind(part.shape, step.dtype, None))
            schedule.add(value)
            schedule.add(old)
            value = alike(old, "add", (old, value))
        schedule.set_part(step, base, value, index)
        if written is not None and schedule.places[step].memory is place.memory:
            written.append(index)
        else:
            self.written.pop(place.memory, None)


def overlap(one, other, shape):
    """Whether two parts of an array may have an element in common."""
    for x, y, n in zip(one, other, shape, strict=False):
        if not (isinstance(x, slice) and isinstance(y, slice)):
            return True
        (start, stop, step), (its_start, its_stop, its_step) = x.indices(n), y.indices(n)
        if step == its_step == 1 and (stop <= its_start or its_stop <= start):
            return False
    return True
