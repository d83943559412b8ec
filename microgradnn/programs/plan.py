"""Which steps of a program get a variable and a line of their own, and which are written where they are used.

A named tensor and its gradient have a line; so has what is used more than once. The rest is written where it is used, as long
as the line stays readable: `h = np.tanh(x @ W + b_h)`. So it is in any language.
"""

from .comments import is_long
from .expression import is_constant, is_transpose

MOST_OPERATIONS = 4  # in one line


class Plan:
    """The lines of a program, one after the other.

    Parameters
    ----------
    program : Program
    variables : Variables
        Whoever goes through the lines gives each its name there before asking for the next.
    is_short : callable
        Whether an Expression, written with the names that there are, makes a line that is not too long.
    """

    def __init__(self, program, variables, is_short):
        self.program, self.variables, self.is_short = program, variables, is_short
        self.inline = {}  # Expression without a variable -> how many operations it takes

    def lines(self):
        """The steps that get a line, in order."""
        for step in self.program.steps:
            if is_constant(step):
                continue
            if not step.is_statement:
                yield from self.long_operands(step)
            if self.needs_line(step):
                yield step
            else:
                self.inline[step] = 1 + sum(self.inline.get(x, 0) for x in step.operands)

    def long_operands(self, step):
        """Operands that get a line, the longest first, until the line for `step` is short enough."""
        while True:
            inline = [x for x in step.operands if x in self.inline and not self.is_free(x)]
            operations = 1 + sum(self.inline[x] for x in inline)
            if not inline or (operations <= MOST_OPERATIONS and self.is_short(step)):
                return
            longest = max(inline, key=self.inline.get)
            del self.inline[longest]
            yield longest

    def needs_line(self, step):
        """Whether a step gets a line: a result, what has a name or is used twice, and what runs under another np.errstate."""
        program, users = self.program, self.program.users.get(step, [])
        if step.is_statement or step in program.results or (len(users) > 1 and not self.is_free(step)):
            return True
        if step in program.labels and (program.labels[step][1] in self.variables.node_names or is_long(program, step)):
            return True
        return bool(step.silenced) and any(user.silenced != step.silenced for user in users)

    def is_free(self, step):
        """Whether it is the transpose of a variable, which costs nothing and may be written in as many places as need it."""
        return is_transpose(step) and step.args[0] in self.variables.names

    def may_change(self, base, statement):
        """Whether a statement may change an array itself, and not a copy: nobody looks at it, or through a view, afterwards."""
        if base in self.inline:
            return True
        within = {statement}
        for x in statement.operands:
            within |= {x, *x.operands} if x in self.inline else set()
        others = [user for user in self.program.users[base] if user not in within]
        return (base.is_statement or base.fill is not None) and all(
            user in self.variables.names and not user.shares_memory(base) for user in others
        )
