"""Pictures of exercises."""

import pytest
from sheets_of import ALL, some

from microgradnn.formulas.unicode_text import number, text
from microgradnn.pictures.picture import Line
from microgradnn.teaching.worksheets.choosing import KINDS
from microgradnn.teaching.worksheets.drawn import TO_WRITE_ON
from microgradnn.teaching.worksheets.exercise import tidy


def lines(picture):
    """All that is written in a picture."""
    parts = [line for box in picture.boxes for line in box.content] + [line for arrow in picture.arrows for line in arrow.lines]
    return [line.text for line in parts if isinstance(line, Line)]


@pytest.mark.parametrize(("kind", "course"), ALL, ids=str)
def test_blanks_and_key(kind, course):
    """With blanks, the picture tells no answer; solved, it has the same lines with the key; every arrow has its ends."""
    exercise = some(kind, course)[0]
    empty, solved = (KINDS[kind].picture(exercise, solved=solved) for solved in (False, True))
    answers = {f"{text(blank.label)} = {number(tidy(blank.value))}" for blank in exercise.blanks}
    assert len([line for line in lines(empty) if line.endswith(TO_WRITE_ON)]) >= len(exercise.blanks) * 3 // 4
    assert not answers & {*lines(empty)}
    assert TO_WRITE_ON not in " ".join(lines(solved))
    assert [line.split(" = ")[0] for line in lines(empty)] == [line.split(" = ")[0] for line in lines(solved)]
    ids = {box.id for box in empty.boxes}
    assert {end for arrow in empty.arrows for end in (arrow.tail, arrow.head)} <= ids
