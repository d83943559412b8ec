"""Types: what checkers find, what values are, and that nothing public lacks them."""

import inspect
import runpy
import subprocess
import sys
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import microgradnn
from microgradnn import nn, ops, optim, training
from microgradnn.debugging.in_code import Breakpoint
from microgradnn.debugging.steps import BackwardSteps, Step
from microgradnn.explaining.cone import Element, Partial, Paths
from microgradnn.explaining.cone import Path as PathOfGradient
from microgradnn.explaining.derivation import ChainRule, Check
from microgradnn.graph import Audience, Node
from microgradnn.passes import Pass
from microgradnn.pictures.diagram import Diagram
from microgradnn.programs.unrolled import Unrolled
from microgradnn.watching.observers import Contribution, Hook, Observer

ROOT = Path(__file__).parents[1]
PROGRAMS = Path(__file__).parent / "typing"
RETURNED = {
    ChainRule,
    Check,
    Element,
    Partial,
    PathOfGradient,
    Paths,
    Diagram,
    Step,
    BackwardSteps,
    Hook,
    Breakpoint,
    Contribution,
    Observer,
    Pass,
    Unrolled,
}
RULES = {"update", "gradient", *Audience.__slots__}  # plain NumPy, of optimisers; called where things happen, of observers


def test_stubs_are_current():
    """The stubs hold the operations that there are, and the methods that Tensor has."""
    for path, text_of in runpy.run_path(str(ROOT / ".ci" / "stubs.py"))["STUBS"].items():
        assert path.read_text(encoding="utf-8") == text_of(), f"{path.name} is not current; run: python .ci/stubs.py"


def test_mypy_agrees():
    """mypy finds nothing to say about the package, finds in uses.py the types that stand there, and errors in misuse.py."""
    pytest.importorskip("mypy")
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def fits(value, kind):
    """Whether a value is of the type that an annotation writes."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is typing.Any or kind is None:
        return kind is typing.Any or value is None
    if hasattr(origin, "__value__"):  # NDArray, from NumPy 2.5 on
        origin = typing.get_origin(origin.__value__)
    if origin is types.UnionType:
        return any(fits(value, argument) for argument in arguments)
    if origin is np.ndarray:  # of 0-d arrays NumPy makes scalars
        return isinstance(value, (np.ndarray, np.generic))
    if origin is tuple and arguments[1:] != (...,):
        return isinstance(value, tuple) and len(value) == len(arguments) and all(map(fits, value, arguments))
    if origin in (tuple, list):
        return isinstance(value, origin) and all(fits(item, arguments[0]) for item in value)
    if origin is dict:
        return all(fits(key, arguments[0]) and fits(item, arguments[1]) for key, item in value.items())
    if origin is Callable or kind is Callable:
        return callable(value)
    return isinstance(value, Iterator if origin is Iterator else origin or kind)


def test_values_are_what_the_types_say(monkeypatch):
    """Each expression in uses.py has, when it runs, a value of the type that a checker finds for it."""
    checked = []

    def assert_type(value, kind):
        assert fits(value, kind), f"{value!r} is no {kind}"
        checked.append(kind)
        return value

    monkeypatch.setattr(typing, "assert_type", assert_type)
    runpy.run_path(str(PROGRAMS / "uses.py"))
    assert len(checked) > 150


def test_misuse_is_refused_when_it_runs():
    """What a checker refuses in misuse.py raises an error, too: the types forbid nothing that works."""
    lines = (PROGRAMS / "misuse.py").read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if "# type: ignore" in line)
    names = {}
    exec("\n".join(lines[:first]), names)
    for line in lines[first:]:
        with pytest.raises((TypeError, ValueError, AttributeError, IndexError, KeyError)):
            exec(line, dict(names))


def signatures(function):
    """The signatures that a checker sees: those of the overloads, if there are any."""
    return [inspect.signature(form) for form in typing.get_overloads(function) or [function]]


def lacking(function, name):
    """What is not annotated of a function: parameters by name, and its result."""
    for signature in signatures(function):
        parameters = [p for p in signature.parameters.values() if p.name not in ("self", "cls")]
        yield from (f"{name}: {p.name}" for p in parameters if p.annotation is p.empty)
        if signature.return_annotation is signature.empty:
            yield f"{name}: result"


def functions_of(cls):
    """The public methods and properties that a class has from this package, by name; its constructor, if users call it."""
    for base in cls.__mro__:
        if base.__module__.startswith("microgradnn"):
            for name, value in vars(base).items():
                function = getattr(value, "fget", None) or getattr(value, "func", None) or value  # of a property
                public = (name == "__init__" and cls not in RETURNED) or not name.startswith("_")
                if public and name not in RULES and inspect.isfunction(function):
                    yield f"{cls.__name__}.{name}", function


def public_objects():
    """All that `__all__` and the modules that users import from name, and the classes of what they return."""
    for module in (microgradnn, ops, nn, optim):
        yield from (getattr(module, name) for name in module.__all__)
    for module in (nn.init, training):
        yield from (value for name, value in vars(module).items() if name[0] != "_" and inspect.getmodule(value) is module)
    yield from RETURNED


def test_all_that_is_public_is_annotated():
    """Every parameter and every result of a public function, method or constructor has a type."""
    found, missing = 0, set()
    for value in public_objects():
        functions = functions_of(value) if inspect.isclass(value) else [(getattr(value, "__name__", ""), value)]
        for name, function in functions:
            if inspect.isfunction(function):
                found += 1
                missing |= set(lacking(function, name))
    assert not missing
    assert found > 300


def test_a_node_says_what_it_holds():
    """Each attribute of a node that is documented has a type."""
    assert set(Node.__annotations__) == {name for name in Node.__slots__ if not name.startswith("__")}
