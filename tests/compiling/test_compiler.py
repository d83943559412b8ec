"""Compilers that are missing, fail, hang; the cache, and who may look into it."""

import os
import stat
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from compilers import needs_compiler, source_of
from unrolled import home

from microgradnn import unroll
from microgradnn.compiling import compiler
from microgradnn.compiling.compiler import CompilerError, cache_folder, find_compiler, library_of

SOURCE = "EXPORT long step(void **arrays) { return 7; }\n"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of the test's own."""
    monkeypatch.setenv("MICROGRADNN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def script(path, text):
    """A program that stands in for a compiler."""
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def with_compiler(cache, tmp_path, monkeypatch):
    """Lets a shell script be the compiler."""
    if sys.platform == "win32":
        pytest.skip("there is no sh")

    def use(text):
        monkeypatch.setattr(compiler, "find_compiler", lambda: (str(script(tmp_path / "cc", text)),))

    compiler.version_of.cache_clear()
    yield use
    compiler.version_of.cache_clear()


@needs_compiler
def test_what_was_compiled_is_found_again(cache, monkeypatch):
    """The second time no compiler runs; the folder is the owner's alone, and holds the source beside the library."""
    assert library_of(SOURCE).step(None) == 7
    if os.name == "posix":
        assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert sorted(path.suffix for path in cache.iterdir()) == [".c", ".so"]
    monkeypatch.setattr(compiler, "make", None)
    assert library_of(SOURCE).step(None) == 7


@needs_compiler
def test_a_library_that_is_cut_short_is_made_again(cache):
    """What cannot be loaded is compiled anew."""
    library_of(SOURCE.replace("7", "8"))
    (library,) = cache.glob("*.so")
    library.unlink()
    library.write_bytes(b"\x7fELF")
    assert library_of(SOURCE.replace("7", "8")).step(None) == 8


@needs_compiler
@pytest.mark.skipif(os.name != "posix", reason="this system has no modes of files")
def test_a_folder_that_others_may_write_to_is_not_used(cache):
    """Code is run from there: a folder, or a library, that another user could have put there is left alone."""
    cache.mkdir(mode=0o777)
    cache.chmod(0o777)
    assert cache_folder() != cache
    assert library_of(SOURCE.replace("7", "9")).step(None) == 9
    assert not list(cache.iterdir())


@needs_compiler
def test_a_cache_that_cannot_be_written(tmp_path, monkeypatch):
    """A process then compiles for itself: where a file is in the way of the folder, or the folder is for reading only."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("MICROGRADNN_CACHE", str(tmp_path / "file"))
    assert library_of(SOURCE.replace("7", "10")).step(None) == 10
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setenv("MICROGRADNN_CACHE", str(tmp_path / "folder"))
    assert library_of(SOURCE.replace("7", "11")).step(None) == 11
    assert not list((tmp_path / "folder").iterdir())


def test_the_cache_stays_small(cache):
    """The oldest files go when there are too many."""
    folder = cache_folder()
    for i in range(compiler.MOST_FILES + 1):
        (folder / f"{i}.so").write_text("", encoding="utf-8")
        os.utime(folder / f"{i}.so", (i, i))
    assert not (cache_folder() / "0.so").exists()
    assert (folder / f"{compiler.MOST_FILES}.so").exists()
    assert len(list(folder.iterdir())) <= compiler.MOST_FILES


def test_no_compiler(monkeypatch, cache):
    """A warning says what is missing, and NumPy runs: the same numbers."""
    monkeypatch.setattr("microgradnn.compiling.compiler.find_compiler", lambda: None)
    loss, leaves = home()
    with pytest.warns(RuntimeWarning, match=r"no C compiler \(cc, or ziglang .*\), so this runs as NumPy source"):
        function = unroll(loss, leaves, compile=True)
    assert function.c_source == ""
    value, _ = function(np.array([0.5, -1.2, 0.3]), *(x.data for x in leaves), 1.0)
    assert value == loss.data


@pytest.mark.parametrize("flaw", ["echo 'math.h: No such file or directory' >&2; exit 1", "echo 'killed' >&2; exit 137"])
def test_a_compiler_that_fails(flaw, with_compiler):
    """What it said is in the message; nothing half-made is left in the cache."""
    with_compiler(flaw)
    with pytest.raises(CompilerError, match=r"(?s)cc does not compile what was written:\n(math.h: No such file|killed)"):
        library_of(SOURCE)
    assert [path.suffix for path in cache_folder().iterdir()] == [".c"]


def test_a_compiler_that_hangs(with_compiler, monkeypatch):
    """It is ended after a while, and NumPy runs."""
    monkeypatch.setattr(compiler, "PATIENCE", 0.3)
    with_compiler('[ "$1" = --version ] || exec sleep 60')
    loss, leaves = home()
    with pytest.warns(RuntimeWarning, match="took longer than 0.3 seconds"):
        assert unroll(loss, leaves, compile=True).c_source == ""


def test_a_compiler_that_does_not_run(with_compiler, tmp_path, monkeypatch):
    """A file that is no program."""
    monkeypatch.setattr(compiler, "find_compiler", lambda: (str(tmp_path / "missing"),))
    with pytest.raises(CompilerError, match="does not run"):
        library_of(SOURCE)


@needs_compiler
def test_two_processes_compile_the_same(cache):
    """Both succeed, whoever comes first; nothing but the source and the library is left."""
    code = textwrap.dedent(f"""
        from microgradnn.compiling.compiler import library_of
        assert library_of({SOURCE!r}).step(None) == 7
    """)
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert sorted(path.suffix for path in cache.iterdir()) == [".c", ".so"]


@needs_compiler
def test_another_compiler_is_another_key(cache, monkeypatch):
    """What one compiler made is not taken for another, nor for another processor."""
    library_of(SOURCE)
    monkeypatch.setattr(compiler, "processor", lambda: "another")
    library_of(SOURCE)
    assert len(list(cache.glob("*.so"))) == 2


def test_zig_of_pypi_is_a_compiler():
    """Where it is installed and nothing else is there, it is the one; its ordinary functions give the same numbers."""
    pytest.importorskip("ziglang", reason="ziglang is not installed")
    command = sys.executable, "-m", "ziglang", "cc"
    assert find_compiler() is not None
    assert "clang" in compiler.version_of(command)


def test_the_key_has_the_source():
    """Two programs are two libraries, though they differ in a number only."""
    one, other = source_of(home()[0]).module.source, source_of((home()[0] * 2).named("L")).module.source
    assert one != other
