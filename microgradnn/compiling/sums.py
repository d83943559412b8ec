"""Sums that grow in memory: products that are added to what is there, and parts that are written into one array.

A gradient that comes from many places is a sum of arrays. Where these are products of matrices, they are one product of all
rows one below the other, or each is added by BLAS to the ones before; where they are parts in a frame of zeros, as gradients of
slices are, each is written, or added, to its part of one array.
"""

from ..programs.expression import Expression, Kind
from .kernels import VIEWS, Call, alike, element_view, has_arrays
from .places import Memory, Place


class Sums:
    """What of a schedule waits until its sum is known."""

    def __init__(self, schedule):
        self.schedule, self.users, self.results = schedule, schedule.users, set(schedule.program.results)
        self.terms = {}  # a product, or a sum of products that nobody else asks for -> the products
        self.written = {}  # Memory of zeros -> the parts that have been written
        for step in schedule.program.steps:
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
        """The sum of products: one of all rows and columns one behind the other, else each added to the ones before."""
        schedule = self.schedule
        stacked = self.stacked(products)
        if base is not None:
            schedule.places[step] = schedule.own(base, step)
        else:
            schedule.whole(step)
        pairs = [stacked] if stacked else [schedule.factors(product) for product in products]
        for i, pair in enumerate(pairs):
            schedule.kernels.append(Call(step, pair, base is not None or i > 0))
        schedule.kernel_of[step] = len(schedule.kernels) - 1
        for product in products:
            for x in product.operands:
                schedule.read(x, schedule.kernel_of[step])

    def movable(self, x):
        """The place of x; of a copy, if x is no array of the program's own, as the first state is that a network is given."""
        schedule = self.schedule
        place = schedule.in_memory(x)
        if place.memory.role == "scratch":
            return place
        if x.op == "transpose":
            return schedule.places[schedule.copied(x.args[0])].viewed(lambda array: array.transpose(x.options["axes"]))
        return schedule.places[schedule.copied(x)]

    def stacked(self, products):
        """The places of all rows and all columns one behind the other, brought there if need be; None if they cannot be."""
        if len(products) < 2 or len({tuple(x.shape for x in product.operands) for product in products}) > 1:
            return None
        sides = [[self.schedule.in_memory(product.args[side]) for product in products] for side in (0, 1)]
        steps = [abs(places[0].strides[1 - side]) * places[0].shape[1 - side] for side, places in enumerate(sides)]
        for places, step in zip(sides, steps, strict=True):
            order = sorted(range(len(places)), key=lambda i, own=places: own[i].offset)
            if is_row([places[i] for i in order], step):
                break
        else:
            order = list(range(len(products)))[::-1]
        sides = [[places[i] for i in order] for places in sides]
        for side, (places, step) in enumerate(zip(sides, steps, strict=True)):
            alien = [i for i, place in enumerate(places) if place.memory.role != "scratch"]
            if not is_row(places, step) and 2 * len(alien) <= len(places):
                for i in alien:
                    places[i] = self.movable(products[order[i]].args[side])
        moved = [places for places, step in zip(sides, steps, strict=True) if not is_row(places, step)]
        memories = [place.memory for places in moved for place in places]
        if len(set(memories)) < len(memories):  # an array cannot stand in two rows
            return None
        if not all(is_row(places, step) or can_move(places, step) for places, step in zip(sides, steps, strict=True)):
            return None
        made = []
        for side, (places, step) in enumerate(zip(sides, steps, strict=True)):
            first = places[0] if is_row(places, step) else self.brought_together(places, products[0].args[side])
            shape = tuple(n * len(products) if axis == 1 - side else n for axis, n in enumerate(first.shape))
            made.append(Place(first.memory, shape, first.strides, first.offset))
        return tuple(made)

    def brought_together(self, places, like):
        """Let arrays lie one behind the other, in memory that is larger; the place of the first."""
        schedule, size = self.schedule, places[0].memory.size
        whole = Expression("full", (), {}, Kind((len(places) * size,), like.dtype, "C"))
        larger = Memory(whole, len(places) * size)
        starts = {place.memory: i * size for i, place in enumerate(places)}
        for x, place in schedule.places.items():
            if place.memory in starts:
                schedule.places[x] = place._replace(memory=larger, offset=place.offset + starts[place.memory])
        schedule.memories = [*(memory for memory in schedule.memories if memory not in starts), larger]
        return places[0]._replace(memory=larger)

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


def is_row(places, step):
    """Whether places of one memory lie one behind the other."""
    first = places[0]
    alike_ = all(place.memory is first.memory and place.strides == first.strides for place in places)
    return alike_ and min(first.strides) >= 0 and all(place.offset == first.offset + i * step for i, place in enumerate(places))


def can_move(places, step):
    """Whether arrays that each fill memory of their own may be brought together."""
    memories = {place.memory for place in places}
    is_own = all(place.memory.role == "scratch" and place.offset == 0 and place.memory.size == step for place in places)
    return is_own and len(memories) == len(places) and len({place.strides for place in places}) == 1


def overlap(one, other, shape):
    """Whether two parts of an array may have an element in common."""
    for x, y, n in zip(one, other, shape, strict=False):
        if not (isinstance(x, slice) and isinstance(y, slice)):
            return True
        (start, stop, step), (its_start, its_stop, its_step) = x.indices(n), y.indices(n)
        if step == its_step == 1 and (stop <= its_start or its_stop <= start):
            return False
    return True
