"""What is cut from the file of a step: its text, the student's file with gaps, hints, worked answers, and checks.

In the file, a gap is the worked answer between two comments, and its hints, from weak to strong, stand before it:

    # gap 2: what is to be written here
    # hint: a question
    # hint: half of it
    # hint: nearly all
    # hint+ a second line of that
    return dz * y
    # end

The student's file has the first comment and `...` in place of the rest; the checks, from the line `# checks` on, it has not.
"""

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
STEPS = tuple(range(1, 11))
GAP = re.compile(r"^( *)# gap (\d+): (.*)\n((?: *# hint.*\n)+)((?:.*\n)*?)\1# end\n", flags=re.MULTILINE)
LEFT = re.compile(r"return |[\w.\[\], ]+ = ")  # what of a line stays, if an answer has but one
OPEN = re.compile(r"^ *# gap (\d+): .*\n( *)(?:return |[\w.\[\], ]+ = )?\.\.\.[ \t]*(?:#.*)?$", flags=re.MULTILINE)
CHECKS = "\n\n# checks\n"


@dataclass
class Gap:
    """A gap of a step: what is asked, three hints, and the worked answer."""

    number: int
    task: str
    hints: list[str]
    answer: str


def name_of(step):
    """The name of a step's file, and of its module.

    >>> name_of(3)
    'step_03'
    """
    return f"step_{step:02}"


def source_of(step):
    """The file of a step, whole."""
    return (HERE / f"{name_of(step)}.py").read_text(encoding="utf-8")


def text_of(step):
    """The title of a step, and what it says."""
    docstring = source_of(step).split('"""')[1]
    title, _, text = docstring.partition("\n")
    return title.partition(". ")[2], text.strip("\n")


def gaps_of(step):
    """The gaps of a step, in order."""
    found = []
    for _, number, task, hints, answer in GAP.findall(source_of(step)):
        lines = re.findall(r"# hint([:+]) (.*)", hints)
        told = re.split(r"\n(?=:)", "\n".join(f":{line}" if sign == ":" else line for sign, line in lines))
        found.append(Gap(int(number), task, [hint.removeprefix(":") for hint in told], dedent(answer)))
    return found


def dedent(code):
    """Code without the indentation of its first line."""
    margin = len(code) - len(code.lstrip(" "))
    return "\n".join(line[margin:] for line in code.rstrip().split("\n"))


def with_gaps(step):
    """The file that a student begins with."""
    return own(GAP.sub(opened, source_of(step).partition(CHECKS)[0] + "\n"))


def with_answers(step):
    """The file that a student would have in the end: the gaps filled."""
    return own(GAP.sub(r"\1# gap \2: \3\n\5", source_of(step).partition(CHECKS)[0] + "\n"))


def with_own(step, number, code):
    """The worked answers, but for one gap, which holds what the student wrote there; None if that place is not to be found.

    The place ends at the line that follows the gap in the file that the student began with.
    """
    comment = re.compile(rf"^ *# gap {number}: .*\n", flags=re.MULTILINE)
    begun, written, answered = (comment.search(text) for text in (with_gaps(step), code, with_answers(step)))
    _, *after = begun.string[begun.end() :].split("\n")  # behind the dots
    follows = re.compile(rf"^{re.escape(next(line for line in after if line))}$", flags=re.MULTILINE)
    end = follows.search(code, written.end()) if written else None
    if end is None:
        return None
    rest = follows.search(answered.string, answered.end()).start()
    return answered.string[: answered.end()] + code[written.end() : end.start()] + answered.string[rest:]


def opened(found):
    """A gap as the student finds it."""
    margin, number, task, _, answer = found.groups()
    left = LEFT.match(answer.strip()) if len(answer.strip().split("\n")) == 1 else None
    return f"{margin}# gap {number}: {task}\n{margin}{left[0] if left else ''}...\n"


def own(code):
    """Code as it stands in a folder of the student's, where steps are modules of their own."""
    code = re.sub(r"^( *)from \.(step_\d\d) import", r"\1from \2 import", code, flags=re.MULTILINE)
    code = re.sub(r"^( *)from \.\.\. import", r"\1from microgradnn import", code, flags=re.MULTILINE)
    return re.sub(r"^( *)from \.\.\.(?=\w)", r"\1from microgradnn.", code, flags=re.MULTILINE)


def checks_of(step):
    """The checks of a step as Python, in the lines where they stand in its file."""
    before, _, checks = source_of(step).partition(CHECKS)
    return "\n" * (before + CHECKS).count("\n") + checks


def open_gaps(code):
    """The numbers of the gaps in a student's file that are still open, and their lines.

    >>> open_gaps("def f(x):\\n    # gap 1: twice x\\n    return ...\\n")
    {1: 3}
    """
    return {int(found[1]): code.count("\n", 0, found.end()) + 1 for found in OPEN.finditer(code)}


def stopping_at_gaps(code):
    """A student's file in which an open gap, when it is reached, says which one it is; every line stays where it is."""
    return OPEN.sub(lambda found: found[0][: found[0].index("\n") + 1] + f"{found[2]}raise OpenGap({found[1]})", code)
