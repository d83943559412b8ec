"""A name is free text: whatever it holds, what is shown of it steers no terminal, breaks no line and is no markup."""

import copy
import json
import pickle
import re
import unicodedata
import warnings
from functools import partial

import numpy as np
import pytest
from prompts import session

from microgradnn import (
    Op,
    Tensor,
    backward_steps,
    chain_rule,
    check_op,
    checked,
    draw,
    gradcheck,
    load,
    nn,
    optim,
    save,
    unroll,
)
from microgradnn.checking.gradients import GradcheckError
from microgradnn.commands.check import report
from microgradnn.debugging.plain import as_json
from microgradnn.errors import RendererError
from microgradnn.passes import record
from microgradnn.pictures import render as renderer

CONTROLS = (
    "\x1b[31mred\x1b]0;title\x07"  # colours and a window's title, the bell
    "two\nlines\r\x0b\x0c\x85\u2028\u2029"  # all that ends a line
    "\x9b2J\x00\x7f\b"  # what clears a screen in one character, null, delete
    "\u202eleft\u2066\ufeff"  # which turns what follows around
    "\ud800"  # half of a pair, which cannot be encoded
)
HOSTILE = [CONTROLS, "</script><img src=x>&\"'`]]>-->"]
IDS = ["controls", "markup"]
MARKUP = "<img"
STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, formats, halves of pairs, ends of lines and of paragraphs


def network(name):
    """W named so, and its loss after a backward pass; what is in between and beside it is called alike."""
    W = Tensor([[0.5, -0.25], [1.0, 0.75]], requires_grad=True, name=name)
    h = (Tensor([1.0, 2.0], name=f"x{name}") @ W).tanh().named(f"h{name}")
    L = ((h - 1) ** 2).sum().named(f"L{name}")
    L.backward()
    return W, L


def said(error, function, *args):
    """What an exception says."""
    with pytest.raises(error) as caught:
        function(*args)
    return str(caught.value)


class Wrong(Op):
    """z = x², with a rule that is wrong."""

    def forward(self, x):
        return x * x

    def dx(self, dz, z, x):
        return dz * x

    vjps = (dx,)


def texts(name):
    """All that is shown of a graph as text, by what shows it."""
    W, L = network(name)
    rule, steps = chain_rule(L, W[0, 1]), backward_steps(L)
    yield "repr", repr(W)
    yield "chain_rule", f"{rule}\n{rule!r}\n{rule.paths!r}\n{rule.paths[0]!r}\n{rule.elements!r}\n{rule.formula!r}"
    yield "LaTeX", rule.latex()
    yield "matrix form", f"{chain_rule(L, W)}\n{chain_rule(L, W)!r}\n{chain_rule(L, W).latex()}"
    yield "steps", f"{steps}\n{steps!r}\n" + "\n".join(f"{step}\n{step!r}" for step in steps)
    yield "plain steps", "\n".join(json.dumps(as_json(step), ensure_ascii=False) for step in steps)
    commands = ("step", "where", "list", "next", "break nonfinite", "continue", "back", "explain W[0, 0]", "print W.grad")
    yield "prompt", session(*commands, output=L)[0]
    yield "unrolled", unroll(L, [W]).source
    yield "unrolled without names", unroll(L).source


def messages(name):
    """What errors and warnings say of a Tensor."""
    W, L = network(name)
    yield "a shape", said(ValueError, lambda: W @ Tensor(np.ones(3), name=name))
    yield "an array", said(TypeError, np.asarray, W)
    yield "assignment", said(TypeError, W.__setitem__, 0, 1)
    yield "element", said(ValueError, partial(draw, L, expand=W))
    yield "no path", said(ValueError, chain_rule, L, Tensor([1.0], requires_grad=True, name=name)[0])
    yield from not_finite(name)
    yield "rule", said(GradcheckError, check_op, Wrong(), W)
    yield "gradient", said(GradcheckError, gradcheck, lambda W: Wrong()(W).sum(), W)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        L.backward()
        backward_steps(L)
    yield "warnings", "\n".join(str(warning.message) for warning in caught)


def not_finite(name):
    """What `checked()` says, forward, backward and at an update."""
    zero = Tensor([0.0, 1.0], requires_grad=True, name=name)
    zero.grad = np.array([np.inf, 1.0])
    with np.errstate(all="ignore"), checked():
        found = [said(FloatingPointError, lambda: (zero * 1).named(name).log())]
        found += [said(FloatingPointError, ((zero * 1).named(name).sqrt() * 0).sum().backward)]
        found += [said(FloatingPointError, optim.SGD([zero], lr=1).step)]
    return zip(("forward", "backward", "update"), found, strict=True)


def modules(name):
    """What is said of a network whose layers are called so."""
    network = nn.Sequential(**{name: nn.Linear(2, 2, rng=np.random.default_rng(0)), "act": nn.Tanh()})
    yield "tree", repr(network)
    yield "input", said(ValueError, network, np.ones(3))
    yield "state", said(ValueError, network.load_state_dict, {name: np.ones(3)})
    yield "picture", draw(network(np.ones(2)).sum()).source


def pictures(name):
    """The texts of all formats that are text."""
    W, L = network(name)
    rule, steps = chain_rule(L, W[0, 1]), backward_steps(L)
    for what, diagram in (("graph", draw(L)), ("expanded", draw(L, expand=W[0, 1])), ("cone", rule.diagram)):
        for suffix in (".dot", ".mmd", ".svg", ".html"):
            yield f"{what}{suffix}", diagram, suffix
    yield "steps.html", steps, ".html"


def assert_harmless(text, what):
    """Nothing in it that a terminal or a browser would take for a command."""
    strange = {c for c in text if unicodedata.category(c) in STEERING} - {"\n", "\t"}
    assert not strange, what


@pytest.mark.parametrize("name", HOSTILE, ids=IDS)
def test_nothing_raw_is_printed(name):
    """Formulas, tables, the prompt, source, errors and warnings show what cannot be seen as Python writes it, in one line."""
    lines = {what: text.count("\n") for what, text in texts("name")}
    for of in (texts, messages, modules):
        for what, text in of(name):
            assert_harmless(text, what)
            if of is texts and "unrolled" not in what:  # where long lines are broken
                assert text.count("\n") == lines[what], what


@pytest.mark.parametrize("name", HOSTILE, ids=IDS)
def test_nothing_raw_is_in_a_picture(name, tmp_path):
    """Text of a picture has neither control characters nor markup out of a name, and can be written."""
    for what, thing, suffix in pictures(name):
        try:
            text = thing.save(tmp_path / f"picture{suffix}").read_text(encoding="utf-8")
        except RendererError:
            pytest.skip("there is no renderer")
        assert_harmless(text, what)
        if suffix in (".svg", ".html"):
            assert MARKUP not in text.lower(), what


def test_what_a_renderer_says_is_shown_harmlessly(monkeypatch, tmp_path):
    """A renderer quotes what it could not read; its message reaches the screen without what steers it."""
    program = tmp_path / "dot"
    program.write_bytes(b"#!/bin/sh\nprintf '%s\\n' 'syntax error near:' >&2\ncat \"$0.quoted\" >&2\nexit 1\n")
    program.chmod(0o755)
    (tmp_path / "dot.quoted").write_bytes(CONTROLS.encode("utf-8", "surrogatepass"))
    monkeypatch.setenv("MICROGRADNN_DOT", str(program))
    text = said(RendererError, renderer.render, "digraph {}", "svg")
    assert "syntax error near:\n" in text
    assert_harmless(text, "the renderer's message")


@pytest.mark.parametrize("name", HOSTILE, ids=IDS)
def test_the_check_of_a_script(name, capsys):
    """The report of `microgradnn check` has a line for each leaf, whatever it is called."""
    report(record(network(name)[1]))
    text = capsys.readouterr().out
    assert_harmless(text, "check")
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize("name", HOSTILE, ids=IDS)
def test_a_name_stays_what_it_is(name, tmp_path):
    """Only what is shown is made visible: the name itself, also in copies and files, is what was given."""
    W, _ = network(name)
    assert W.name == copy.deepcopy(W).name == pickle.loads(pickle.dumps(W)).name == name
    if not re.search("[\0\ud800-\udfff]", name):
        other = {name: Tensor(np.zeros((2, 2)))}
        load(other, save({name: W}, tmp_path / "x.npz"))
        assert (other[name].data == W.data).all()


@pytest.mark.parametrize("name", HOSTILE, ids=IDS)
def test_what_is_shown_is_understood(name):
    """At the prompt a Tensor is found by its name as it is shown."""
    _, L = network(name)
    shown = repr(name)[1:-1].replace("\\'", "'")
    text, _ = session(f"break {shown}", "break", output=L)
    assert text.endswith(f"\n1  {shown}\n")
