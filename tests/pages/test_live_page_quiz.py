"""The quiz of the live page: mistakes that are told, paths, sets, goals; and numbers that are hidden to ask the class."""

from live_pages import frames, home, text_of, two_layers

ANSWERS = [
    ("-2.104", "The size is right, the sign is not"),
    ("4.678", "One factor is missing: ∂h₁/∂W₁₁"),
    ("-1.663", "One factor is missing: ∂o/∂h₁ = V₁"),
    ("-1.0520", "A number is missing: the 2"),
    ("0.126", "That is W₁₁ itself"),
    ("-0.569", "upstream"),
    ("17", "Not yet"),
]


def test_the_quiz_knows_mistakes(opened):
    """Each likely mistake is told apart; the right answer is right, to a percent, with a comma or as a fraction."""
    page = opened(text_of(home), "#mode=quiz&at=W.1")
    frames(page)
    assert set(page.run("return [...document.querySelectorAll('#graph .gradient')].map((e) => e.textContent)")) == {
        "?",
        "1.000",
    }
    for answer, hint in ANSWERS:
        said = page.run("return grade(arguments[0])", answer)
        assert said[0] is False
        assert hint in said[1], (answer, said)
    for answer in ("2.104", "2,1", "21/10"):
        assert page.run("return grade(arguments[0])[0]", answer) is True
    assert page.run("return grade('two')[0]") is None
    assert "transposed" in page.run("askAbout(2, 1); return grade('-5.049')[1]")


def test_a_path_is_asked_for(opened):
    """Of a sum over paths one term can be asked for, and then the sum; taken for each other, that is what is said."""
    page = opened(text_of(two_layers), "#mode=quiz&at=W.1")
    frames(page)
    total, path = page.run("return [gradientOf(...state.chosen).data[0], coneOf(...state.chosen).paths[0].value]")
    assert page.run("return grade(String(arguments[0]))", total)[0] is True
    assert "one path alone" in page.run("return grade(String(arguments[0]))", path)[1]
    page.run("document.querySelectorAll('.paths button')[1].click()")
    frames(page)
    assert page.find("#question").text.startswith("What does this path give: L ← o")
    assert page.run("return grade(String(arguments[0]))", path)[0] is True
    assert "the sum over all paths" in page.run("return grade(String(arguments[0]))", total)[1]


def test_a_set_of_questions_is_in_the_address(opened):
    """What a teacher collects is asked for in this order by whoever opens the address."""
    page = opened(text_of(home), "#mode=quiz&at=W.2")
    frames(page)
    page.find("#collect").click()
    page.run("askAbout(boxed.find((id) => nodes[id].name === 'V'), 0); collect()")
    link = page.run("return location.hash")
    assert "ask=W.2%2CV.1" in link
    page = opened(text_of(home), link.replace("at=V.1", "at=x.1"))
    frames(page)
    asked = "return nameOf(...quiz.asked)"
    assert page.run(asked) == "W₁₂"
    page.find("#another").click()
    assert page.run(asked) == "V₁"
    page.find("#another").click()
    assert page.run(asked) == "W₁₂"


GOAL = """
const [name, value] = arguments, leaf = boxed.find((id) => nodes[id].name === name);
setNumber(leaf, 0, value);
record("edit");
draw();
const said = byId("goal-text").textContent;
travel(at - 1);
return said;
"""


def test_a_goal_is_seen_to_be_reached(opened):
    """∂L/∂W₁₁ becomes 0 with x₁ = 0, with V₁ = 0, with t = o: ways that are counted once each; other numbers do not count."""
    page = opened(text_of(home), "#mode=quiz&at=W.1")
    frames(page)
    page.find("#goal").click()
    frames(page)
    assert "Found 1: x₁ = 0.000" in page.run(GOAL, "x", 0)
    assert "Found 2: x₁ = 0.000, V₁ = 0.000" in page.run(GOAL, "V", 0)
    assert "Found 2" in page.run(GOAL, "V", 0)
    assert "Found 3" in page.run(GOAL, "t", page.run("return valueOf(boxed.find((id) => nodes[id].name === 'o')).data[0]"))
    assert "Found 3" in page.run(GOAL, "b_h", 0.5)


def test_numbers_can_be_hidden(opened):
    """H on a number hides its gradient, and again reveals it: to ask the class. Reset reveals all that is hidden."""
    page = opened(text_of(home))
    shown = "return [...document.querySelectorAll('[data-cell=\"2,0\"] .number')].map((e) => e.textContent)"
    frames(page)
    value, gradient = page.run(shown)
    page.run("document.querySelector('[data-cell=\"2,0\"]').focus()")
    for expected in ([value, "?"], [value, gradient]):
        page.press("h")
        frames(page)
        assert page.run(shown) == expected
    page.run("hideAll()")
    page.find("[data-cell='2,0']").send_keys("h")
    page.find("#reset").click()
    frames(page)
    assert page.run("return [...document.querySelectorAll('#graph .number')].every((e) => e.textContent !== '?')")


def test_a_click_hides_and_reveals(opened):
    """To ask the class: a click hides a number or reveals it, or all are hidden; the derivation keeps quiet."""
    page = opened(text_of(home), "#mode=quiz")
    frames(page)
    shown = "return [...document.querySelectorAll(`[data-cell='8,0'] .number`)].map((e) => e.textContent)"
    page.find("#hiding").click()
    page.find("[data-cell='8,0'] .value").click()
    frames(page)
    assert page.run(shown) == ["?", "?"]
    page.find("[data-cell='8,0'] .value").click()
    frames(page)
    value = page.run("return fixed(valueOf(8).data[0])")
    assert page.run(shown)[0] == value
    page.find("#hide-all").click()
    page.run("setMode('explore')")
    frames(page)
    assert page.run("return [...document.querySelectorAll('#graph .gradient')].every((e) => e.textContent === '?')")
    assert page.run(shown) == ["?", "?"]
    assert page.run("return document.querySelectorAll('#why mn[class=positive], #why mn[class=negative]').length") == 0
    page.find("[data-cell='2,1'] .value").click()
    frames(page)
    gradients = page.run(
        "return [...document.querySelectorAll('#graph .gradient')].filter((e) => e.textContent !== '?').length"
    )
    assert gradients == 1
    page.run("setMode('quiz')")
    page.find("#reveal").click()
    frames(page)
    assert page.run(shown)[0] == value
