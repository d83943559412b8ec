"""The pages: sheets tell no answer, keys all."""

import base64
import re
from xml.etree import ElementTree

import pytest
from sheets_of import COURSES, some

from microgradnn.errors import RendererError
from microgradnn.pictures.render import find_renderer
from microgradnn.teaching.worksheets.choosing import KINDS
from microgradnn.teaching.worksheets.sheets import matrix, page_of_keys, page_of_sheets


@pytest.fixture(autouse=True)
def needs_a_renderer():
    """Sheets have pictures."""
    try:
        find_renderer()
    except RendererError:
        pytest.skip("there is no renderer")


@pytest.mark.parametrize("kind", KINDS)
def test_pages_of_a_kind(kind):
    """One section a student, which parses as XML; the key has a row with marks for each blank, the sheet a line to write on."""
    exercises = some(kind, COURSES[1])[:2]
    sheets, keys = page_of_sheets(exercises, 3, COURSES[1]), page_of_keys(exercises, 3, COURSES[1])
    for page in (sheets, keys):
        sections = re.findall(r"<section.*?</section>", page, re.DOTALL)
        assert len(sections) == 2
        for section in sections:
            ElementTree.fromstring(re.sub(r"&\w+;", "", section))
        assert f"--kind {kind} --seed 3 --order Wx --half --index-base 0, sheet 2" in page
        assert "<svg" in page and "<script" not in page and "http-equiv" in page
    assert (
        sheets.count("<li>")
        == len(re.findall(r"<tr><td>[12]</td><td><math", keys))
        == sum(len(exercise.blanks) for exercise in exercises)
    )
    assert "Typical mistakes" in keys and "Typical" not in sheets
    assert not re.search(r' id="', sheets)


def test_matrices_have_rows():
    """Rows become rows, with true minus signs; a number stays one."""
    assert matrix([[1, -2], [3, 4]]).count("<tr>") == 2
    assert "−2" in matrix([[1, -2]])
    assert matrix(-3) == "−3"


@pytest.mark.parametrize("kind", KINDS)
def test_printed(kind, browser, tmp_path):
    """On paper of A4, a sheet is one page, and a key is one page."""
    exercises = some(kind, COURSES[1])[:2]
    for name, made in (("sheets", page_of_sheets), ("keys", page_of_keys)):
        page = tmp_path / f"{name}.html"
        page.write_text(made(exercises, 3, COURSES[1]), encoding="utf-8")
        browser.open(page)
        options = {"preferCSSPageSize": True, "printBackground": True}
        printed = base64.b64decode(browser.driver.execute_cdp_cmd("Page.printToPDF", options)["data"])
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2, name
