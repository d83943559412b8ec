"""C source: names that C can have, functions for what occurs often, and memory."""

import subprocess

import numpy as np
import pytest
from compilers import needs_compiler, source_of
from unrolled import home

from microgradnn import Tensor, tanh, unroll
from microgradnn.compiling.c_source import STACK

HOSTILE = [
    *(
        "do",
        "double",
        "tanh",
        "exp",
        "step",
        "i",
        "wrong",
        "arrays",
        "lr",
        "remainder",
        "dgemm",
        "FAST",
        "EXPORT",
        "_Bool",
        "__LINE__",
    ),
    *(
        "β",
        "Δw",
        "x y",
        "*/ x",
        "// x",
        "a\\",
        "a\\\nb",
        '"',
        "?\x3f/",
        "0.W",
        "ª",
        "é",
        "名",
        "\u202ex",
        "\x00",
        "%s",
        "%",
        "h'",
        "𝛼₁",
    ),
    *("row", "sum1", "part_1", "unix", "linux", "NAN", "I", "main", "pow", "maximumf", "asm", "typeof", "workspace"),
]


@needs_compiler
def test_hostile_names():
    """Whatever tensors are called, keywords, functions, comments or signs, the source compiles and is right."""
    rng = np.random.default_rng(0)
    leaves = [Tensor(rng.normal(size=3), requires_grad=True, name=name) for name in HOSTILE]
    h = [tanh(x * y).named(name) for x, y, name in zip(leaves, leaves[1:], HOSTILE[2:], strict=False)]
    loss = sum((x * x).sum() for x in [*h, *leaves]).named("L */ \\")
    function = unroll(loss, leaves, compile=True)
    value, gradients = function(*(x.data for x in leaves))
    loss.backward()
    np.testing.assert_allclose(value, loss.data, rtol=1e-14)
    for dx, x in zip(gradients, leaves, strict=True):
        np.testing.assert_allclose(dx, x.grad, rtol=1e-13)
    code = "".join(line.partition("//")[0] for line in function.c_source.splitlines())
    assert code.isascii()


def test_letters_are_spelled():
    """β is called beta in C; the comments have the letter."""
    beta = Tensor([1.0, 2.0], requires_grad=True, name="β")
    assert "double *beta = arrays[0];" in source_of((beta * beta).sum()).module.source


def test_what_occurs_often_is_a_function():
    """Equal loops over other arrays, and other parts of one, are one function; each call says which."""
    x, W = (Tensor(np.ones(shape), requires_grad=True, name=name) for shape, name in (((30, 1, 4), "x"), ((4, 4), "W")))
    h = x[0]
    for i in range(1, 30):
        h = tanh(h @ W + x[i])
    text = source_of(h.sum().named("L"), [W]).module.source
    assert text.count("tanh(") <= 6  # declared, in the first steps, the last, and once in those between
    assert "x + 20" in text


def test_small_arrays_lie_on_the_stack():
    """Large ones in a workspace, which each function has of its own: nothing is shared between threads."""
    small, large = (Tensor(np.ones((n, n)), requires_grad=True, name="x") for n in (3, 100))
    assert source_of((tanh(small @ small) @ small).sum()).module.workspace == 0
    module = source_of((tanh(large @ large) @ large).sum()).module
    assert module.workspace > STACK
    assert "workspace + " in module.source
    assert "static double" not in module.source


@needs_compiler
def test_compilers_have_nothing_to_warn_of(tmp_path):
    """The source needs no header, and is clean under -Wall -Wextra, but for what is not used."""
    from microgradnn.compiling.compiler import find_compiler

    path = tmp_path / "home.c"
    path.write_text(source_of(home()[0]).module.source, encoding="utf-8")
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wno-unknown-pragmas", "-Werror", "-DFAST=", "-DEXPORT=", "-c"]
    done = subprocess.run(
        [*find_compiler(), *flags, path, "-o", tmp_path / "home.o"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "#include" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["L\\", "*/", "a\nb"])
def test_comments_end_with_their_line(name):
    """No name makes a comment go on in the next line."""
    text = source_of((Tensor([1.0], requires_grad=True, name="x") ** 2).sum().named(name)).module.source
    assert not [line for line in text.splitlines() if line.endswith("\\")]
