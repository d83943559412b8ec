"""Random nests of derivatives within functions that use the variables around them, computed by microgradnn and by SymPy.

A nest is a tuple: ("number", 2.0), ("variable", "x0"), ("sum", nest, nest), ("product", nest, nest), ("sin", nest), or a
derivative ("grad", "x1", nest, place): that of the function x1 ↦ nest, which may use x0 too, at the value of `place`.
"""

import numpy as np
import sympy
from hypothesis import strategies as st

import microgradnn as mg

FORMS = ("grad", "value_and_grad", "vjp", "jvp", "jacobian", "hessian", "hvp")


@st.composite
def nests(draw, variables=("x0",), depth=4):
    """A nest in these variables."""
    leaves = [("variable", name) for name in variables] + [("number", 0.5), ("number", 2.0)]
    if depth == 0:
        return draw(st.sampled_from(leaves))
    kind = draw(st.sampled_from(["leaf", "sum", "product", "product", "sin", "derivative", "derivative"]))
    if kind == "leaf":
        return draw(st.sampled_from(leaves))
    if kind == "sin":
        return "sin", draw(nests(variables, depth - 1))
    if kind == "derivative":
        name = f"x{len(variables)}"
        body, place = draw(nests((*variables, name), depth - 1)), draw(nests(variables, depth - 1))
        return draw(st.sampled_from(FORMS)), name, body, place
    return kind, draw(nests(variables, depth - 1)), draw(nests(variables, depth - 1))


def computed(nest, values):
    """The value of a nest by microgradnn: a Tensor, an array or a number. `values` are those of the variables."""
    kind, *parts = nest
    if kind == "number":
        return parts[0]
    if kind == "variable":
        return values[parts[0]]
    if kind not in FORMS:
        first, *second = (computed(part, values) for part in parts)
        return first + second[0] if kind == "sum" else first * second[0] if kind == "product" else mg.sin(first)
    name, body, place = parts
    at = computed(place, values)

    def function(x):
        return computed(body, {**values, name: x}) + 0 * x  # a Tensor, whatever it depends on

    return derivative(kind, function, at)


def derivative(kind, function, at):
    """The first derivative of a function of one number, or for hessian and hvp the second."""
    if kind == "vjp":
        return mg.vjp(function, at)[1](2.0) / 2
    if kind == "jvp":
        return mg.jvp(function, (at,), (2.0,))[1] / 2
    if kind == "hvp":
        return mg.hvp(function, at, 2.0) / 2
    result = getattr(mg, kind)(function)(at)
    return result[1] if kind == "value_and_grad" else result


def expected(nest):
    """The same nest as an expression of SymPy."""
    kind, *parts = nest
    if kind == "number":
        return sympy.Rational(parts[0])
    if kind == "variable":
        return sympy.Symbol(parts[0])
    if kind not in FORMS:
        first, *second = map(expected, parts)
        return first + second[0] if kind == "sum" else first * second[0] if kind == "product" else sympy.sin(first)
    name, body, place = parts
    variable = sympy.Symbol(name)
    order = 2 if kind in ("hessian", "hvp") else 1
    return sympy.diff(expected(body), variable, order).subs(variable, expected(place))


def slope(nest, at):
    """(by microgradnn, by SymPy): the derivative of x0 ↦ nest."""

    def function(x):
        return computed(nest, {"x0": x}) + 0 * x

    x0 = sympy.Symbol("x0")
    return float(mg.grad(function)(at)), float(np.float64(sympy.diff(expected(nest), x0).subs(x0, at)))
