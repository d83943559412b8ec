"""Exercises as pages to print: sheets for students, and the key."""

from html import escape
from importlib.resources import files

from ...formulas.mathml import mathml, to_xml
from ...formulas.unicode_text import number
from ...pictures.diagram import Diagram
from .choosing import KINDS
from .exercise import tidy

FOLLOW_THROUGH = (
    "A wrong number costs its own marks and no others: what follows from it is right if it is what the derivation gives with "
    "the student's own numbers. [z > 0] is 1 where that holds, else 0."
)


def page_of_sheets(exercises, seed, conventions):
    """The sheets of all students, one after the other, as HTML."""
    return page(
        "Worksheets", [sheet(exercise, i, typed(exercise, seed, conventions)) for i, exercise in enumerate(exercises, start=1)]
    )


def page_of_keys(exercises, seed, conventions):
    """The keys of all students, as HTML."""
    return page(
        "Answer key", [key(exercise, i, typed(exercise, seed, conventions)) for i, exercise in enumerate(exercises, start=1)]
    )


def page(title, sheets):
    """The template, filled. Nothing in it comes from outside of this package."""
    template = files(__package__).joinpath("sheet.html").read_text(encoding="utf-8")
    return template.replace("{{title}}", title).replace("{{sheets}}", "\n".join(sheets))


def sheet(exercise, student, command):
    """What a student gets."""
    blanks = "".join(f"<li>{large(math(blank.label))} = <span></span>{marks(blank)}</li>" for blank in exercise.blanks)
    return f"""<section class="sheet">
<header><h1>{escape(exercise.title)}</h1><p>Sheet {student}</p><p>Name <span class="line"></span></p></header>
{story(exercise)}
{network(exercise)}
<figure tabindex="0">{picture(exercise, solved=False)}</figure>
<h2>What you found</h2>
<ul class="blanks">{blanks}</ul>
{footer(exercise, student, command)}
</section>"""


def key(exercise, student, command):
    """What a teacher gets: the picture filled, and for each blank its derivation, marks, and what typical mistakes give."""
    rows = "".join(row(exercise, blank) for blank in exercise.blanks)
    return f"""<section class="sheet answers {exercise.kind}">
<header><h1>Key: {escape(exercise.title)}</h1><p>Sheet {student}</p><p>{exercise.marks} marks</p></header>
{network(exercise)}
<figure tabindex="0">{picture(exercise, solved=True)}</figure>
<div class="key-scroll" tabindex="0">
<table class="key"><thead><tr><th>Marks</th><th>Derivation</th><th>Typical mistakes</th></tr></thead>
<tbody>{rows}</tbody></table></div>
<p class="story">{FOLLOW_THROUGH}</p>
{footer(exercise, student, command)}
</section>"""


def row(exercise, blank):
    """One blank in the key."""
    wrong = "; ".join(f"<b>{value}</b>: {escape(words)}" for value, words in exercise.mistakes(blank))
    return f"<tr><td>{blank.marks}</td><td>{math(exercise.derivation(blank))}</td><td>{wrong}</td></tr>"


def story(exercise):
    """What is to be done, in words."""
    return "".join(f'<p class="story">{escape(paragraph)}</p>' for paragraph in exercise.story)


def network(exercise):
    """The network in formulas, and what is given."""
    formulas = "".join(f"<div>{escape(formula)}</div>" for formula in exercise.formulas)
    given = "".join(f'<div class="given">{escape(name)} = {matrix(value)}</div>' for name, value in exercise.shown)
    return f'<div class="network">{formulas}</div><div class="network">{given}</div>'


def matrix(value):
    """A number, or rows of numbers in brackets."""
    if not isinstance(value, list):
        return number(value)
    rows = "".join(f"<tr>{''.join(f'<td>{number(x)}</td>' for x in row)}</tr>" for row in value)
    return f"<table>{rows}</table>"


def picture(exercise, solved):
    """The network as SVG, in black and white."""
    svg = Diagram(KINDS[exercise.kind].picture(exercise, solved), "print").render("svg").decode()
    return svg[svg.index("<svg") :].replace(' id="', ' data-id="')  # ids would be those of other sheets on the page, too


def math(formula):
    """A formula in MathML."""
    return to_xml(("math", mathml(formula)))


def large(written):
    """MathML with fractions as large as they are on a line of their own."""
    return written.replace("<math", '<math displaystyle="true"', 1)


def marks(blank):
    """How many marks a blank has, if it has more than one."""
    return f"<small>({number(tidy(blank.marks))})</small>" if blank.marks > 1 else ""


def typed(exercise, seed, conventions):
    """The command that makes it again."""
    return f"microgradnn worksheet --kind {exercise.kind} --seed {seed}{conventions.typed}"


def footer(exercise, student, command):
    """How many marks there are, and where it comes from."""
    return f"<footer><span>{exercise.marks} marks</span><span>{command}, sheet {student}</span></footer>"
