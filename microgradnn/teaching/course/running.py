"""A student's files, loaded with those of the steps before them, and the checks run on them."""

import sys
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from .checks import Wrong
from .gaps import checks_of, gaps_of, name_of, open_gaps, source_of, stopping_at_gaps, with_answers, with_own


class OpenGap(Exception):
    """The code has come to a gap that nobody has filled."""

    def __init__(self, number):
        super().__init__(f"gap {number} is open")
        self.number = number


@dataclass
class Checked:
    """A check: the sentence that it holds true; whether it is, or None if it came to an open gap; and what there is to say."""

    sentence: str
    right: bool | None
    why: str = ""


def file_of(folder, step):
    """A student's file."""
    return Path(folder) / f"{name_of(step)}.py"


@contextmanager
def loaded(folder, step):
    """A student's module of a step; for a step before it that the folder lacks, the worked answer is taken.

    Yields
    ------
    ModuleType
    """
    modules = {}
    before = {name_of(number): sys.modules.pop(name_of(number), None) for number in range(1, step + 1)}
    try:
        for number in range(1, step + 1):
            path = file_of(folder, number)
            code = path.read_text(encoding="utf-8") if path.exists() else with_answers(number)
            module = modules[number] = sys.modules[name_of(number)] = ModuleType(name_of(number))
            module.__dict__.update(__file__=str(path), OpenGap=OpenGap)
            exec(compile(stopping_at_gaps(code), str(path), "exec"), module.__dict__)  # noqa: S102 - the student's own
        yield modules[step]
    finally:
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


def check(folder, step):
    """Run the checks of a step on a student's file.

    Parameters
    ----------
    folder : str or Path
        Where the student's files are.
    step : int

    Returns
    -------
    list of Checked
        In the order of the file; a single one if the student's code cannot be loaded at all.
    """
    try:
        with loaded(folder, step) as module:
            names = {**vars(module), "__package__": __package__}
            exec(compile(checks_of(step), f"<checks of step {step}>", "exec"), names)  # noqa: S102 - our own
            checks = [value for name, value in names.items() if name.startswith("check_") and own(value)]
            return [told(function, folder, step) for function in checks]
    except OpenGap as gap:
        return [Checked("The file runs.", None, f"{gap}, of the step that raised it")]
    except Exception as error:  # noqa: BLE001 - a student's code may raise anything
        return [Checked("The file can be loaded.", False, place_and_error(error, folder))]


def wrong_gaps(folder, step):
    """The gaps that are filled, and wrong: each is tried alone, among the worked answers to all others.

    Parameters
    ----------
    folder : str or Path
        Where the student's files are.
    step : int

    Returns
    -------
    list of Gap
        Also those whose place in the file is not to be found any more.
    """
    code = file_of(folder, step).read_text(encoding="utf-8")
    filled = [gap for gap in gaps_of(step) if gap.number not in open_gaps(code)]
    return [gap for gap in filled if not is_right(step, with_own(step, gap.number, code))]


def is_right(step, code):
    """Whether the file of a step passes its checks, on top of the worked answers of those before."""
    if code is None:
        return False
    with TemporaryDirectory() as folder:
        file_of(folder, step).write_text(code, encoding="utf-8")
        return all(one.right for one in check(folder, step))


def own(function):
    """Whether it is one of the checks, and not something that a step imports."""
    return getattr(getattr(function, "__code__", None), "co_filename", "").startswith("<checks of step")


def told(function, folder, step):
    """Run one check."""
    sentence = function.__doc__
    try:
        function()
    except OpenGap as gap:
        file = Path(traceback.extract_tb(gap.__traceback__)[-1].filename).stem
        return Checked(sentence, None, f"gap {gap.number}{'' if file == name_of(step) else f' of {file}'} is open")
    except Wrong as wrong:
        return Checked(sentence, False, f"{asserted(wrong, step)}\n{wrong}")
    except AssertionError as error:
        return Checked(sentence, False, str(error) or asserted(error, step))
    except Exception as error:  # noqa: BLE001 - a student's code may raise anything
        return Checked(sentence, False, f"{asserted(error, step)}\n{place_and_error(error, folder)}")
    return Checked(sentence, True)


def asserted(error, step):
    """The line of a check that something was raised in."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("<checks of step")]
    return source_of(step).split("\n")[frames[0].lineno - 1].strip()


def place_and_error(error, folder):
    """Where in the student's files an error was raised, and what it says."""
    if isinstance(error, SyntaxError):
        place = f"{Path(error.filename or '').name}:{error.lineno}: {(error.text or '').strip()}"
        return f"{place}\n{type(error).__name__}: {error.msg}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == Path(folder)]
    place = ""
    if frames:
        lines = Path(frames[-1].filename).read_text(encoding="utf-8").split("\n")
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}: {lines[frames[-1].lineno - 1].strip()}\n"
    return f"{place}{type(error).__name__}: {error}"
