"""The writer of JavaScript: a program as a function that computes with arrays/, a NumPy of the functions that rules use.

Arrays there are in double precision. So what NumPy holds as float32 is rounded to it after each step, and a number that meets
it is rounded before. No function changes an array: a statement, x[i] = y, becomes a new array.
"""

import json
from importlib.resources import files
from itertools import count

import numpy as np

from .comments import comment
from .expression import Expression, is_python_number
from .program import steps_to
from .recorder import Recorder
from .recordings import unchanged
from .variables import Variables

WORDS = """
arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for
function if implements import in instanceof interface let new null package private protected public return static super switch
this throw true try typeof undefined var void while with yield NaN Infinity np n
"""
RESERVED = {*WORDS.split()}
ARRAYS = ("shapes", "elementwise", "along_axes", "moving", "indices", "products", "linalg", "numpy")  # in this order
ALONG_AXES = ("axis", "keepdims")
ELEMENTWISE = """
add subtract multiply divide floor_divide remainder fmod power float_power maximum minimum hypot arctan2 copysign logaddexp
logaddexp2 heaviside equal not_equal less less_equal greater greater_equal bitwise_and bitwise_or bitwise_xor logical_and
logical_or negative positive absolute sign square reciprocal sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin
arccos arctan sinh cosh tanh arcsinh arccosh arctanh floor ceil trunc rint sinc isfinite isinf isnan signbit invert logical_not
clip where
"""
# What can be written: a primitive, and the parameters that the function in arrays/ takes by name.
WRITTEN = dict.fromkeys(ELEMENTWISE.split(), ()) | {
    **dict.fromkeys(("sum", "prod", "mean", "max", "min", "median", "any", "all", "argmax", "argmin"), ALONG_AXES),
    **dict.fromkeys(("std", "var"), (*ALONG_AXES, "ddof")),
    **dict.fromkeys(("cumsum", "cumprod", "squeeze", "flip", "concatenate", "stack", "partition", "sort"), ("axis",)),
    **dict.fromkeys(("matmul", "cross", "arange", "copy", "astype", "index", "part", "set", "add.at", "multiply.at"), ()),
    **dict.fromkeys(("diagonal", "reshape", "broadcast_to", "expand_dims", "full", "tril", "triu", "einsum"), ()),
    **dict.fromkeys(("linalg.solve", "linalg.inv", "linalg.cholesky", "linalg.det", "linalg.slogdet"), ()),
    "diff": ("axis", "n"), "round": ("decimals",), "transpose": ("axes",), "convolve": ("mode",), "roll": ("axis",),
    "unwrap": ("period",), "repeat": ("axis",), "pad": ("constant_values", "mode"), "argsort": ("axis", "kind"),
    "lib.stride_tricks.sliding_window_view": ("axis",),
}  # fmt: skip
POSITIONAL = {  # parameters that stand behind the operands without a name
    "reshape": "shape", "broadcast_to": "shape", "expand_dims": "axis", "full": "shape", "tril": "k", "triu": "k",
    "roll": "shift", "repeat": "repeats", "partition": "kth", "pad": "pad_width",
    "lib.stride_tricks.sliding_window_view": "window_shape",
    "part": "index", "index": "index", "set": "index", "add.at": "index", "multiply.at": "index",
}  # fmt: skip
SAYS_NOTHING = {"dtype", "order", "optimize", "casting", "copy"}  # here, where the type of each result is known
CALLED = {"lib.stride_tricks.sliding_window_view": "sliding_window_view", "add.at": "add_at", "multiply.at": "multiply_at"}


def runtime():
    """The text that defines `np`: the files in arrays/, in one scope of their own."""
    texts = [files(__package__).joinpath("arrays", f"{name}.js").read_text(encoding="utf-8") for name in ARRAYS]
    return "\n".join(["const np = (() => {", '"use strict";', *texts, "return NUMPY;", "})();", ""])


def javascript(name, program, results=None):
    """A program as the text of a JavaScript function.

    Parameters
    ----------
    name : str
        What the function is called.
    program : Program
    results : dict of str to Expression, optional
        What it returns, by name; L and the gradients dW, ... if not given.

    Returns
    -------
    str
        The function. It takes one object with the arrays of `parameters`, and returns one with the results.
    dict of str to Expression
        The parameters, by the names that they have there.

    Raises
    ------
    TypeError
        If a primitive, one of its parameters or a type of numbers cannot be written.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> from microgradnn.programs.program import program_of
    >>> from microgradnn.programs.recordings import unchanged
    >>> from microgradnn.programs.tracing import Trace
    >>> x, w = Tensor([1.0, 2.0], name="x"), Tensor([0.5, 0.25], requires_grad=True, name="w")
    >>> program = program_of(Trace(((x @ w).named("o") ** 2).named("L"), [w], unchanged))
    >>> print(javascript("f", program)[0])
    function f({ x, w }) {
      // forward
      const o = np.matmul(x, w);
      const L = np.power(o, 2);
      // backward
      const do_ = np.multiply(2, o); // ∂L/∂o = 2 o
      const dw = np.multiply(x, do_); // ∂L/∂w = xᵀ · do_
      return { L: L, dw: dw };
    }
    """
    variables = Variables(program, RESERVED)
    if results is None:
        wanted = [variables.gradient_names[node] for node in program.wanted]
        results = dict(zip([variables.node_names[program.output], *wanted], program.results, strict=True))
    known = set(program.steps)

    def said(step):
        return comment(program, step, variables, 0) if step in known else ""

    lines = Lines(variables.names, variables.name_for, said)
    lines.write(steps_to(list(results.values())), program.backward_from)
    return lines.function(name, variables.parameters, results), variables.parameters


def javascript_of_rule(name, optimiser):
    """An optimiser's rule as the text of a JavaScript function, its settings written into it.

    Parameters
    ----------
    name : str
        What the function is called.
    optimiser : Optimiser

    Returns
    -------
    str
        The function. It takes one object with the parameter W, its gradient g, t, lr, and what is remembered, by name; and
        returns one with the new W, and what is remembered then.

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> print(javascript_of_rule("update", optim.SGD([Tensor(0.0, requires_grad=True)], momentum=0.9)))
    function update({ W, g, t, lr, v }) {
      const u1 = np.multiply(v, 0.9);
      const u2 = np.add(u1, g);
      const u3 = np.multiply(lr, u2);
      const u4 = np.subtract(W, u3);
      return { W: u4, v: u2 };
    }
    """
    recorder, example = Recorder(unchanged), np.array([0.5, 2.0])  # of any shape: all is by elements
    arrays = {"W": example, "g": example, "t": np.array(1), "lr": np.array(0.1)} | dict.fromkeys(
        optimiser.remembered(), example
    )
    given = {letter: recorder.parameter(np.array(x)) for letter, x in arrays.items()}
    parameters = {letter: x.expression for letter, x in given.items()}
    updated, kept = optimiser.update(**given)
    results = {"W": updated.expression} | {letter: kept[letter].expression for letter in optimiser.remembered()}
    numbers = count(1)
    lines = Lines({x: letter for letter, x in parameters.items()}, lambda step: f"u{next(numbers)}")
    lines.write(steps_to(list(results.values())))
    return lines.function(name, parameters, results)


class Lines:
    """The lines of a function, a step each.

    Parameters
    ----------
    names : dict of Expression to str
        The variables that there are; those of the steps are added.
    name_for : callable
        Gives a step its variable.
    said : callable, optional
        The comment on a step, or "".
    """

    def __init__(self, names, name_for, said=lambda step: ""):
        self.names, self.name_for, self.said, self.lines = names, name_for, said, []

    def write(self, steps, backward_from=None):
        """Write the lines of these steps, in order."""
        title = None
        for step in steps:
            refuse_unwritable(step)
            part = "// forward" if backward_from is None or step.position < backward_from else "// backward"
            if part != title and backward_from is not None:
                self.lines.append(part)
            title, code = part, self.spell(step)
            name, said = self.new_name(step), self.said(step)
            said = " ".join(said.split()).replace("*/", "* /")  # one line, whatever a tensor is called
            self.lines.append(f"const {name} = {code};{f' // {said}' if said else ''}")
            self.names[step] = name

    def new_name(self, step):
        """A variable for a step: an array that statements change has one after another."""
        name, taken = self.name_for(step), set(self.names.values())
        while name in taken:
            name += "_"
        return name

    def function(self, name, parameters, results):
        """The whole function."""
        given, made = ", ".join(parameters), ", ".join(f"{key}: {self.argument(x)}" for key, x in results.items())
        body = "\n".join(f"  {line}" for line in self.lines)
        return f"function {name}({{ {given} }}) {{\n{body}\n  return {{ {made} }};\n}}"

    def spell(self, step):
        """How a step is computed."""
        code = self.converted(step) if step.op == "astype" else self.call(step)
        return f"np.float32({code})" if step.kind is not None and step.dtype == np.float32 else code

    def call(self, step):
        """The call of a function in arrays/."""
        op, single = CALLED.get(step.op, step.op), any(is_single(x) for x in step.args)
        if op == "invert" and step.dtype == bool:
            op = "logical_not"
        args = [self.argument(rounded(x) if single else x) for x in step.args]
        if op in ("concatenate", "stack"):
            args = [f"[{', '.join(args)}]"]
        if op == "einsum":
            args.insert(0, json.dumps(step.options["subscripts"]))
        if op == "full":
            args.insert(0, self.argument(step.options["shape"]))
        elif step.op in POSITIONAL and POSITIONAL[step.op] in step.options:
            args.insert(1, self.argument(step.options[POSITIONAL[step.op]]))
        if op == "part":
            return f"{args[0]}[{args[1]}]"
        named = [f"{key}: {self.argument(step.options[key])}" for key in WRITTEN[step.op] if key in step.options]
        args += [f"{{ {', '.join(named)} }}"] if named else []
        return f"np.{op}({', '.join(args)})"

    def converted(self, step):
        """Numbers as another type: whole numbers lose what is behind the point."""
        kind, code = step.dtype.kind, self.argument(step.args[0])
        return f"np.truth({code})" if kind == "b" else f"np.trunc({code})" if kind in "iu" else code

    def argument(self, x):
        """An operand, or a parameter of a primitive."""
        if isinstance(x, Expression):
            return self.names[x] if x in self.names else number(x.options["value"].item())
        if x is None:
            return "null"
        if isinstance(x, (bool, np.bool_)):
            return str(bool(x)).lower()
        if isinstance(x, slice):
            parts = () if x == slice(None) else (x.start, x.stop, x.step)
            return f"np.slice({', '.join(map(self.argument, parts))})"
        if isinstance(x, (tuple, list)):
            return f"[{', '.join(self.part(x))}]"
        return '"..."' if x is Ellipsis else json.dumps(x) if isinstance(x, str) else number(x)

    def part(self, parts):
        """Each part of a list; a mask as one."""
        for x in parts:
            is_mask = isinstance(x, Expression) and x.kind is not None and x.dtype == bool
            yield f"np.mask({self.argument(x)})" if is_mask else self.argument(x)


def number(x):
    """A number of Python's or NumPy's.

    >>> number(0.1), number(float("-inf")), number(3)
    ('0.1', '-Infinity', '3')
    """
    x = x.item() if isinstance(x, np.generic) else x
    if isinstance(x, bool):
        return str(int(x))
    return repr(x).replace("inf", "Infinity").replace("nan", "NaN")


def is_single(x):
    """Whether x is held in single precision."""
    return isinstance(x, Expression) and x.kind is not None and x.dtype == np.float32


def rounded(x):
    """A number of Python's as single precision holds it."""
    return float(np.float32(x)) if is_python_number(x) and not isinstance(x, bool) else x


def refuse_unwritable(step):
    """Raise TypeError if a step cannot be written, and name it."""
    what = None
    if step.op not in WRITTEN:
        what = f"the primitive {step.op!r}"
    elif step.op == "einsum" and "..." in step.options["subscripts"]:
        what = "the ... of np.einsum"
    elif step.op == "pad" and step.options.get("mode", "constant") != "constant":
        what = f"np.pad with mode={step.options['mode']!r}"
    elif others := set(step.options) - {*WRITTEN[step.op], POSITIONAL.get(step.op), *SAYS_NOTHING, "subscripts"}:
        what = f"the parameter {min(others)!r} of {step.op!r}"
    else:
        kinds = [x.kind for x in (step, *step.operands) if x.kind is not None]
        unknown = [kind.dtype for kind in kinds if not is_known(kind.dtype)]
        what = f"{unknown[0]}, in {step.op!r}," if unknown else None
    if what:
        raise TypeError(
            f"{step.operation}: {what} cannot be written as JavaScript.\n"
            "It takes float64, float32, whole numbers and booleans, and the functions of NumPy's that rules commonly use."
        )


def is_known(dtype):
    """Whether JavaScript's numbers can stand for those of a type, or be rounded to them.

    >>> is_known(np.dtype("float32")), is_known(np.dtype("longdouble")), is_known(np.dtype(complex))
    (True, False, False)
    """
    return dtype.kind in "bi" or dtype in (np.float64, np.float32)
