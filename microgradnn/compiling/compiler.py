"""C source in, a library in memory out: which compiler, with which flags, and what was compiled before.

What was compiled lies in a folder that only its owner may look into: code from there is run. It is found by a key of all that
it depends on, the source, the compiler and the processor. Where there is no such folder, each process has one of its own.
"""

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

PATIENCE = 120  # seconds that a compiler may take
MOST_FILES = 400  # in the cache
COMMON = ["-std=c11", "-shared", "-fPIC", "-w", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-fwrapv"]
QUICK = ["-O3", "-march=native", "-fopenmp-simd"]
EXPORT = "-DEXPORT=__declspec(dllexport)" if sys.platform == "win32" else "-DEXPORT="
WAYS = [  # the first that a compiler takes: with the vector functions of glibc, and without
    [*QUICK, '-DFAST=__attribute__((simd("notinbranch"), const))', "-lmvec", "-lm"],
    [*QUICK, "-DFAST=", "-lm"],
    ["-O3", "-DFAST=", "-lm"],
]
STEPPING = ["-Og", "-g", "-DFAST=", "-lm"]  # for a debugger: one line after the other
SAID = (
    "There is no C compiler (cc, or ziglang of PyPI: pip install microgradnn[compile]), so this runs as NumPy source: the same "
    "numbers, more slowly."
)


class CompilerError(RuntimeError):
    """The compiler refused what was written, or took too long; the message is its own."""


@cache
def find_compiler():
    """The command of a C compiler: $CC, cc, gcc, clang, or that in PyPI's ziglang; None if there is none."""
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        if name and (path := shutil.which(name)):
            return (path,)
    try:
        import ziglang  # noqa: F401
    except ImportError:
        return None
    return sys.executable, "-m", "ziglang", "cc"


@cache
def version_of(command):
    """What a compiler says of itself."""
    return run([*command, "--version"]).stdout


@cache
def processor():
    """What the machine can do: a library for another one must not be run here."""
    flags = ""
    if Path("/proc/cpuinfo").exists():
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            flags = next((line for line in file if line.startswith(("flags", "Features"))), "")
    return f"{platform.platform()} {platform.machine()} {platform.processor()} {flags}"


def library_of(source):
    """A library made of C source.

    Parameters
    ----------
    source : str

    Returns
    -------
    ctypes.PyDLL

    Raises
    ------
    CompilerError
        If there is no compiler, or it fails, or it takes longer than PATIENCE.
    """
    command = find_compiler()
    if command is None:
        raise CompilerError(SAID)
    about = "\0".join([source, *command, version_of(command), processor(), *COMMON, repr(WAYS)])
    path = cache_folder() / hashlib.sha256(about.encode()).hexdigest()[:32]
    library = path.with_suffix(".so")
    if is_ours(library):
        try:
            return ctypes.PyDLL(str(library))
        except OSError:  # it was cut short
            pass
    make(command, source, path, WAYS)
    return ctypes.PyDLL(str(library))


def compiled_beside(command, path, flags):
    """The library of a C file of the user's, compiled with other flags into a folder of this process."""
    folder = Path(tempfile.mkdtemp(dir=private_folder()))
    translate(command, path, folder / "made.so", [flags])
    return ctypes.PyDLL(str(folder / "made.so"))


def make(command, source, path, ways):
    """Compile a source into path.so, beside path.c: whole or not at all, since others may do the same now."""
    folder = Path(tempfile.mkdtemp(prefix="making", dir=path.parent))
    try:
        text, made = path.with_suffix(".c"), folder / "made.so"
        (folder / "source.c").write_text(source, encoding="utf-8")
        (folder / "source.c").replace(text)
        translate(command, text, made, ways)
        made.replace(path.with_suffix(".so"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def translate(command, text, made, ways):
    """Let a compiler make a library of a file, in the first way that it takes."""
    for flags in ways:
        done = run([*command, *COMMON, EXPORT, str(text), "-o", str(made), *flags])
        if done.returncode == 0:
            return
    raise CompilerError(f"{' '.join(command)} does not compile what was written:\n{done.stderr.strip()[:2000]}")


def run(command):
    """Run a compiler, and end it if it hangs."""
    try:
        return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise CompilerError(f"{' '.join(command[:3])} took longer than {PATIENCE} seconds, and was ended.") from None
    except OSError as error:
        raise CompilerError(f"{command[0]} does not run: {error}") from None


# The cache


@cache
def private_folder():
    """A folder for this process alone."""
    return Path(tempfile.mkdtemp(prefix="microgradnn"))


def cache_folder():
    """The folder for what was compiled: the user's own, or if that cannot be made or is not safe, one of this process."""
    base = os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else os.environ.get("XDG_CACHE_HOME")
    folder = Path(os.environ.get("MICROGRADNN_CACHE") or Path(base or Path.home() / ".cache") / "microgradnn")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not is_ours(folder) or not os.access(folder, os.W_OK | os.X_OK):
            return private_folder()
        forget_oldest(folder)
    except OSError:
        return private_folder()
    return folder


def is_ours(path):
    """Whether a file or folder is there, is this user's, and nobody else may write to it."""
    try:
        found = path.lstat()
    except OSError:
        return False
    if sys.platform == "win32":
        return True
    return found.st_uid == os.getuid() and not found.st_mode & 0o022 and not path.is_symlink()


def forget_oldest(folder):
    """Leave no more than MOST_FILES in the cache."""
    files = [path for path in folder.iterdir() if path.suffix in (".c", ".so")]
    if len(files) > MOST_FILES:
        for path in sorted(files, key=lambda path: path.stat().st_mtime)[: len(files) - MOST_FILES // 2]:
            path.unlink(missing_ok=True)
