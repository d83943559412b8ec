"""`microgradnn course 3`: build your own engine, in ten steps with gaps, hints and checks."""

import argparse
from pathlib import Path

from ..teaching.course.gaps import STEPS, gaps_of, open_gaps, text_of, with_answers, with_gaps
from ..teaching.course.running import check, file_of, wrong_gaps
from .script import CommandError

EPILOG = """examples:
  microgradnn course                 the ten steps, and how far you are
  microgradnn course 3               begin step 3: writes course/step_03.py, with gaps to fill
  microgradnn course 3 --check       is it right?
  microgradnn course 3 --hint        a hint to what is wrong, or open; --hint 2 and --hint 3 are stronger
  microgradnn course 3 --answer      the worked answers

Exit codes of --check: 0 all is right; 1 something is not yet."""
FOLDER, DONE, STRONGEST = "course", "✓", 3
MARKS = {True: "✓", False: "✗", None: "·"}


def add_parser(commands):
    """Say what may be typed after `course`."""
    parser = commands.add_parser(
        "course",
        help="build your own engine, in ten steps",
        description="Build an engine like this one, from a number that remembers how it was made: ten files, with gaps to\n"
        "fill and checks that say whether they are right.",
        epilog=EPILOG,
    )
    parser.add_argument("step", nargs="?", type=step_number, metavar="STEP", help="1 to 10; without it, the list of steps")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="run the checks of the step on your file")
    what.add_argument(
        "--hint",
        nargs="?",
        type=int,
        const=1,
        choices=(1, 2, 3),
        metavar="STRENGTH",
        help="a hint: 1 weak (default), 2, 3 strong",
    )
    what.add_argument("--answer", action="store_true", help="the worked answers to the gaps")
    parser.add_argument("--folder", default=FOLDER, help=f"where your files are (default: {FOLDER})")
    return parser


def step_number(text):
    """The number of a step."""
    if not text.isdigit() or int(text) not in STEPS:
        raise argparse.ArgumentTypeError(f"{text!r} is no step; there are {STEPS[0]} to {STEPS[-1]}")
    return int(text)


def run(given):
    """Show, begin or check a step."""
    if given.step is None:
        if given.check or given.hint or given.answer:
            raise CommandError(f"which step? For example: {to_type(given, 1, '--check')}")
        return show_steps(given)
    if given.check:
        return show_checks(given)
    if given.hint:
        return show_hints(given)
    if given.answer:
        return show_answers(given)
    return begin(given)


def to_type(given, step, what=""):
    """What is typed to go on."""
    folder = "" if given.folder == FOLDER else f"--folder {given.folder}"
    return " ".join(part for part in (given.program, "course", str(step), what, folder) if part)


def show_steps(given):
    """Print the steps, and how far the student is."""
    print("Build your own engine\n")
    states = {step: state_of(given.folder, step) for step in STEPS}
    for step, state in states.items():
        print(f"  {step:2}  {text_of(step)[0]:30}  {state}".rstrip())
    to_do = [step for step, state in states.items() if state != DONE]
    print(f"\nNext: {to_type(given, to_do[0])}" if to_do else "\nAll ten are done. The engine is yours.")
    return 0


def state_of(folder, step):
    """A tick, what is missing, or nothing for a step not begun."""
    path = file_of(folder, step)
    if not path.exists():
        return ""
    gaps = open_gaps(path.read_text(encoding="utf-8"))
    if gaps:
        return gaps_left(gaps)
    return DONE if all(one.right for one in check(folder, step)) else "not right yet"


def gaps_left(gaps):
    """How many gaps are open."""
    return "1 gap is open" if len(gaps) == 1 else f"{len(gaps)} gaps are open"


def begin(given):
    """Write the student's file, if it is not there, and the worked answers of steps that were left out; say what to do."""
    step, path = given.step, file_of(given.folder, given.step)
    Path(given.folder).mkdir(parents=True, exist_ok=True)
    for before in range(1, step):
        if not file_of(given.folder, before).exists():
            file_of(given.folder, before).write_text(with_answers(before), encoding="utf-8")
            print(f"{file_of(given.folder, before)} was missing: wrote the worked answer, since step {step} builds on it")
    if not path.exists():
        path.write_text(with_gaps(step), encoding="utf-8")
    title, text = text_of(step)
    print(f"\nStep {step}. {title}\n\n{text}\n\nYour file is {path}. Its gaps:\n")
    lines = open_gaps(path.read_text(encoding="utf-8"))
    for gap in gaps_of(step):
        place = f"line {lines[gap.number]}" if gap.number in lines else "filled"
        print(f"  {gap.number}  {place:8}  {gap.task}")
    print(f"\nFill them, in place of the dots. Then run the file, python {path}, and ask: {to_type(given, step, '--check')}")
    return 0


def show_checks(given):
    """Run the checks, and print what they say; returns the exit code."""
    step, path = given.step, file_of(given.folder, given.step)
    if not path.exists():
        raise CommandError(f"there is no {path}; {to_type(given, step)} begins the step", code=1)
    gaps = open_gaps(path.read_text(encoding="utf-8"))
    done = check(given.folder, step)
    print(f"Step {step}. {text_of(step)[0]}\n")
    for one in done:
        print(f"  {MARKS[one.right]} {one.sentence}{f'   ({one.why})' if one.right is None else ''}")
        if one.right is False:
            print(*(f"      {line}" for line in one.why.split("\n")), sep="\n")
    print()
    if gaps:
        print(f"{gaps_left(gaps)}: {', '.join(f'{gap} in line {line}' for gap, line in gaps.items())}.")
    if not all(one.right for one in done):
        print(f"A hint: {to_type(given, step, '--hint')}")
        return 1
    print("All right." + (f" Next: {to_type(given, step + 1)}" if step < STEPS[-1] else " The engine is yours."))
    return 0


def show_hints(given):
    """Print a hint to each gap that is filled and wrong, and to the first that is open."""
    path, gaps = file_of(given.folder, given.step), gaps_of(given.step)
    waiting = open_gaps(path.read_text(encoding="utf-8")) if path.exists() else {gap.number: None for gap in gaps}
    wrong = wrong_gaps(given.folder, given.step) if path.exists() else []
    wanted = wrong + [gap for gap in gaps if gap.number in waiting][:1]
    for gap in sorted(wanted, key=lambda gap: gap.number):
        tell(gap.number, gap.task, gap.hints[given.hint - 1])
    if not wanted:
        print(f"Every gap of step {given.step} is right.")
        if not all(one.right for one in check(given.folder, given.step)):
            print(f"What fails stands elsewhere: in other lines of {path}, or in the files of the steps before.")
    elif given.hint < STRONGEST:
        print(f"A stronger one: {to_type(given, given.step, f'--hint {given.hint + 1}')}")
    return 0


def show_answers(given):
    """Print the worked answers."""
    for gap in gaps_of(given.step):
        tell(gap.number, gap.task, gap.answer)
    return 0


def tell(number, task, text):
    """Print what belongs to a gap."""
    print(f"gap {number}: {task}\n")
    print(*(f"    {line}" for line in text.split("\n")), "", sep="\n")
