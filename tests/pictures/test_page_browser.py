"""The HTML page of a diagram: what a browser makes of it.

The tests drive Chromium by Selenium; where either is missing they are skipped (apt install chromium chromium-driver, pip
install selenium).
"""

import json
import re
import time

import numpy as np
import pytest
from diagrams import STRANGE, classify, derivation, page_of, strange
from networks import source_network

from microgradnn import draw
from microgradnn.pictures.page import to_page


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages that the tests open."""
    folder = tmp_path_factory.mktemp("pages")
    texts = {theme: page_of(derivation, theme) for theme in ("dark", "print")}
    texts |= {"derivation": page_of(derivation), "strange": page_of(strange), "graph": to_page(draw(source_network()[0]))}
    texts["network"] = to_page(draw(classify(np.random.default_rng(0))[1], shape="natural"))
    texts["folded"] = to_page(draw(source_network()[0], fold="names"))
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.fixture
def derivation_page(browser, pages):
    """The browser with the derivation open, and no error at the end of the test."""
    browser.open(pages["derivation"])
    yield browser
    assert browser.driver.get_log("browser") == []


@pytest.mark.parametrize("name", ["derivation", "dark", "print", "strange", "graph"])
def test_quiet(browser, pages, name):
    """Opened and hovered, a page says nothing on the console, requests nothing but itself, and shows all of the picture."""
    browser.open(pages[name])
    browser.hover("[data-item='0']" if name == "print" else f"svg.{'dark' if name == 'dark' else 'light'} [data-item='0']")
    assert browser.card()
    assert browser.driver.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.driver.get_log("performance")]
    requests = {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}
    assert {url for url in requests if not url.startswith("data:")} == {pages[name].as_uri()}
    assert browser.run(
        "const s = stage.getBoundingClientRect(), p = picture.getBoundingClientRect();"
        "return p.left >= s.left - 1 && p.right <= s.right + 1 && p.top >= s.top - 1 && p.bottom <= s.bottom + 1"
    )


def test_hover(derivation_page):
    """On a box, the card shows its value and gradient, its neighbours and arrows stay, the rest fades, until it is left."""
    page = derivation_page
    page.hover("svg.light g[data-item='1'] text")
    assert " ".join(page.card().split()) == "h₁ = tanh(x W) intermediate value 0 ∂L/∂h₁ −3"
    lit = page.run(
        "return [...document.querySelectorAll('svg.light .lit')].map((g) => Number(g.dataset.item)).sort((a, b) => a - b)"
    )
    boxes, arrows = derivation().picture.boxes, derivation().picture.arrows
    ends = [i for i, arrow in enumerate(arrows, start=len(boxes)) if "h_0" in (arrow.tail, arrow.head)]
    near = {end for arrow in arrows for end in (arrow.tail, arrow.head) if "h_0" in (arrow.tail, arrow.head)}
    assert lit == [i for i, box in enumerate(boxes) if box.id in near] + ends
    page.hover(".hint")
    assert page.card() is None
    assert page.run("return document.querySelectorAll('.lit, .dimmed').length") == 0


def test_hover_arrow(derivation_page):
    """On an arrow, the card shows its derivative: symbols, numbers, value."""
    boxes = len(derivation().picture.boxes)
    derivation_page.hover(f"svg.light g[data-item='{boxes}'] text")
    assert " ".join(derivation_page.card().split()) == "∂L/∂o −2(t − o) = −2(1 − 0.5) = −1 carries −6 of ∂L/∂W₁₁"


def test_arrows_between_the_same_boxes(browser, pages):
    """Of two arrows between the same boxes, each shows its own card."""
    browser.open(pages["strange"])
    for item, word in ((3, "first"), (4, "second")):
        assert browser.run(f"return document.querySelector(`svg.light g[data-item='{item}'] text`).textContent") == word
        browser.hover(f"svg.light g[data-item='{item}'] text")
        assert browser.card().endswith(f"the {word} operand")


def test_keyboard(derivation_page):
    """Tab goes from card to card, Enter steps into the card, Escape back and closes it, and Tab goes on from there."""
    page, tab, enter, escape = derivation_page, "\ue004", "\ue007", "\ue00c"
    page.press(*[tab] * 6)  # past the search field and the four buttons
    assert page.card().startswith("W₁₁")
    assert page.run("return document.activeElement.getAttribute('aria-label')") == "W₁₁"
    assert page.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.press(tab)
    assert page.card().startswith("h₁ = tanh(x W)")
    page.press(enter)
    assert page.run("return document.activeElement.id") == "card"
    page.press(escape)
    assert page.card() is None
    assert page.run("return document.activeElement.dataset.item") == "1"
    page.press(tab)
    assert page.card().startswith("∂h₁/∂W₁₁")
    page.press(escape)
    assert page.card() is None


def test_keyboard_brings_into_view(derivation_page):
    """A box that Tab reaches outside of the window is moved into it, and the stage itself does not scroll."""
    page = derivation_page
    page.run("moveBy(3000, 0)")
    page.press(*["\ue004"] * 6)
    x, _ = page.middle("svg.light g[data-item='0']")
    assert 0 < x < page.run("return innerWidth")
    assert page.run("return [stage.scrollLeft, stage.scrollTop, scrollX, scrollY]") == [0, 0, 0, 0]


def test_click_keeps_a_card(derivation_page):
    """A card that was clicked stays while the pointer goes elsewhere, until a click beside it."""
    page = derivation_page
    page.find("svg.light g[data-item='1'] text").click()
    page.hover("svg.light g[data-item='0'] text")
    assert page.card().startswith("h₁")
    page.drag(0, 0)
    assert page.card() is None


def test_long_values_scroll(browser, pages):
    """A card with a long array stays within the window and can be scrolled."""
    browser.open(pages["strange"])
    browser.hover("svg.light g[data-item='2'] text")
    assert "[594. 595. 596. 597. 598. 599.]]" in browser.card()
    assert browser.run(
        "const r = card.getBoundingClientRect();"
        "return r.top >= 0 && r.bottom <= innerHeight && r.right <= innerWidth && card.scrollHeight > card.clientHeight"
    )


@pytest.mark.parametrize(("keys", "button", "grows"), [("+", "in", True), ("-", "out", False)])
def test_zoom(derivation_page, keys, button, grows):
    """Keys and buttons zoom about the middle, each by the same step; 0 and the last button show all of the picture again."""
    page = derivation_page
    start = page.view()
    page.press(keys)
    by_key = page.view()
    assert (by_key[2] > start[2]) is grows
    page.press("0")
    assert page.view() == pytest.approx(start, abs=0.01)
    page.find(f"#{button}").click()
    assert page.view() == pytest.approx(by_key, abs=0.01)
    page.find("#fit").click()
    assert page.view() == pytest.approx(start, abs=0.01)


def test_wheel(derivation_page):
    """The wheel zooms at the pointer: the point below it stays."""
    page = derivation_page
    scale, before = page.view()[2], page.middle("svg.light g[data-item='1']")
    page.wheel("svg.light g[data-item='1']", -100)
    assert page.view()[2] > scale
    assert page.middle("svg.light g[data-item='1']") == pytest.approx(before, abs=1.5)
    page.wheel("svg.light g[data-item='1']", 100)
    assert page.view()[2] == pytest.approx(scale, abs=0.01)
    wheel = "new WheelEvent('wheel', { deltaY: 1, ctrlKey: true, cancelable: true })"  # which would zoom the whole page
    assert page.run(f"return stage.dispatchEvent({wheel})") is False


def test_drag(derivation_page):
    """Dragging moves the picture as far as the pointer, no further than to its edge, and is no click."""
    page = derivation_page
    x, y, scale = page.view()
    page.drag(-150, 80)
    assert page.view() == pytest.approx([x - 150, y + 80, scale], abs=0.01)
    assert page.card() is None
    for far in (1e6, -1e6):
        page.run(f"moveBy({far}, {far})")
        left, top, right, bottom = page.run(
            "const r = picture.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]"
        )
        assert left < 1300 - 30 and top < 800 - 30 and right > 30 and bottom > 30


def test_resize(derivation_page):
    """In a window of another size the picture fits again, unless it was moved."""
    page, metrics = derivation_page, {"height": 500, "deviceScaleFactor": 1, "mobile": False}
    scale = page.view()[2]
    try:
        page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 700, **metrics})
        time.sleep(0.1)
        small = page.view()[2]
        assert small < scale
        page.press("+")
        zoomed = page.view()[2]
        page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 900, **metrics})
        time.sleep(0.1)
        assert page.view()[2] == zoomed
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_touch(derivation_page):
    """A tap shows a card, a tap beside it hides it; one finger moves the picture, two zoom it."""
    page = derivation_page
    x, y = page.middle("svg.light g[data-item='0']")
    page.touch("Start", (x, y))
    page.touch("End")
    assert page.card().startswith("W₁₁")
    page.touch("Start", (640, 150))
    page.touch("End")
    assert page.card() is None
    before = page.view()
    page.touch("Start", (640, 150))
    page.touch("Move", (600, 190))
    page.touch("End")
    assert page.view() == pytest.approx([before[0] - 40, before[1] + 40, before[2]], abs=0.01)
    before = page.view()
    page.touch("Start", (600, 150), (700, 150))
    page.touch("Move", (550, 150), (750, 150))
    page.touch("End")
    after = page.view()
    assert after[2] == pytest.approx(2 * before[2], abs=0.01)
    stage_left = page.run("return stage.offsetLeft")
    assert (650 - stage_left - after[0]) / after[2] == pytest.approx((650 - stage_left - before[0]) / before[2], abs=1)


def test_dark(derivation_page):
    """The page follows the system's dark mode until its button is pressed; from then on it keeps to the button."""
    page = derivation_page
    seen = "[...document.querySelectorAll('#picture > svg')].filter((s) => s.getClientRects().length)"
    shown = f"return {seen}.map((s) => s.classList[0])"

    def system(scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        time.sleep(0.1)  # the page hears of it in its own time
        return page.run(shown)

    try:
        assert system("light") == ["light"]
        assert system("dark") == ["dark"]
        assert page.run("return getComputedStyle(document.body).backgroundColor") == "rgb(15, 23, 42)"
        page.hover("svg.dark g[data-item='1'] text")
        assert page.card().startswith("h₁")
        page.find("#theme").click()
        assert page.run(shown) == ["light"]
        assert page.find("#theme").get_attribute("aria-pressed") == "false"
        system("light")
        page.find("#theme").click()
        assert page.run(shown) == ["dark"]
        assert (system("dark"), system("light")) == (["dark"], ["dark"])
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_themes_that_stay(browser, pages):
    """A dark diagram starts dark; a print one has its own look, and no button to change it."""
    browser.open(pages["dark"])
    assert browser.run("return [document.documentElement.dataset.theme, byId('theme').ariaPressed]") == ["dark", "true"]
    browser.open(pages["print"])
    assert not browser.find("#theme").is_displayed()


def test_printed(browser, pages):
    """On paper, also from a dark page, the drawing is the light one, and there are no buttons, hint or card."""
    browser.open(pages["dark"])
    browser.hover("svg.dark g[data-item='1'] text")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        parts = "['svg.light', 'svg.dark', '.tools', '.hint', '#card']"
        shown = browser.run(f"return {parts}.filter((s) => document.querySelector(s).getClientRects().length)")
        assert shown == ["svg.light"]
        assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert browser.run("return getComputedStyle(picture).transform") == "none"
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_strange_name(browser, pages):
    """A name that is markup is shown as just that in title, drawing, frame, note, card and label, and nothing in it runs."""
    browser.open(pages["strange"])
    browser.hover("svg.light g[data-item='0'] text")
    assert STRANGE in browser.run("return card.textContent")
    seen = STRANGE.replace("\u2028", "\\u2028")  # where it is drawn, what cannot be printed is spelled out
    assert browser.run("return document.title") == seen
    for selector in ("h1", "footer", "svg.light g[data-item='0']", "svg.light .cluster"):
        shown = seen if selector in ("h1", "footer") else seen[:80]  # of a name this long, a box shows the beginning
        assert shown in browser.run(f'return document.querySelector("{selector}").textContent')
    assert browser.find("svg.light g[data-item='0']").get_attribute("aria-label") == seen
    assert browser.run("return [window.hacked, document.images.length, document.scripts.length]") == [None, 0, 3]


def test_policy(browser, pages, tmp_path):
    """Even a page into which markup got runs no script but its own, and asks the network for nothing."""
    page = pages["derivation"].read_text(encoding="utf-8")
    inserted = "<script>window.hacked = 1</script><img src='http://127.0.0.1:9/x.png' onerror='window.hacked = 2'></body>"
    path = tmp_path / "tampered.html"
    path.write_text(page.replace("</body>", inserted), encoding="utf-8")
    browser.open(path)
    assert browser.run("return [window.hacked, view.k > 0]") == [None, True]
    said = [entry["message"] for entry in browser.driver.get_log("browser")]
    assert said and all("Content Security Policy" in message for message in said)


def test_accessible(derivation_page):
    """Every drawing, button and card-bearing shape has a name and a role, and what is announced is the card."""
    page = derivation_page
    shapes = page.run(
        "const all = [...document.querySelectorAll('svg.light [tabindex]')];"
        "return all.map((g) => [g.getAttribute('role'), g.getAttribute('aria-label')])"
    )
    with_card = [x for x in (*derivation().picture.boxes, *derivation().picture.arrows) if x.card]
    assert len(shapes) == len(with_card) and all(role == "button" and name for role, name in shapes)
    assert page.find("svg.light").get_attribute("aria-label").startswith("∂L/∂W₁₁ = ")
    assert all(button.accessible_name for button in page.driver.find_elements("css selector", "button:not([hidden])"))
    assert page.find("#card").get_attribute("role") == "status"
    assert page.run("return document.documentElement.lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(derivation_page, scheme):
    """Text of the page has a contrast of at least 4.5 to 1 against what is behind it, light and dark."""
    page = derivation_page
    page.run(f"setDark({json.dumps(scheme == 'dark')})")
    page.hover(f"svg.{scheme} [data-item='1'] text")

    def luminance(colour):
        parts = [int(x) / 255 for x in re.findall(r"\d+", colour)[:3]]
        return sum(
            w * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
            for w, c in zip((0.2126, 0.7152, 0.0722), parts, strict=True)
        )

    style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    behind = {
        "h1": "body",
        ".hint": "body",
        ".tools button": ".tools",
        ".name": "#card",
        ".kind": "#card",
        "dt": "#card",
        "dd": "#card",
    }
    for text, ground in {**behind, "dd.gradient": "#card"}.items():
        both = sorted([luminance(page.run(style, text, "color")), luminance(page.run(style, ground, "backgroundColor"))])
        assert (both[1] + 0.05) / (both[0] + 0.05) >= 4.5, text


def test_reduced_motion(derivation_page):
    """Where the system asks for less motion, nothing slides or fades."""
    page = derivation_page
    durations = "return [picture, card, document.querySelector('.node')].map((e) => getComputedStyle(e).transitionDuration)"
    page.press("+")
    page.hover("svg.light g[data-item='1'] text")
    assert "0s" not in page.run(durations)[1:]
    page.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    )
    try:
        page.press("+")
        assert page.run(durations) == ["0s"] * 3
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_search(derivation_page):
    """What is searched for stands out; Enter brings the next into view and shows its card; Escape ends it."""
    page = derivation_page
    page.press("/")
    page.press(*"h₁")
    lit = page.run("return [...new Set([...document.querySelectorAll('.lit')].map(g => items[g.dataset.item].name))]")
    assert lit and all(
        "h₁" in page.run(f"return JSON.stringify(items.find(i => i.name === {json.dumps(name)}))") for name in lit
    )
    page.press("\ue007")
    assert "h₁" in page.card()
    page.press("\ue00c")
    assert not page.run("return document.querySelector('.dimmed')")


def test_a_trace(derivation_page):
    """A click on a box lights all that it was computed from, however far, and nothing else but its arrows."""
    page = derivation_page
    names = page.run(
        "const loss = items.findIndex(i => i.name.startsWith('L') && i.kind);"
        "return [...traced(loss)].filter(i => items[i].kind || items[i].card.length).map(i => items[i].name)"
    )
    assert any(name.startswith("W₁₁") for name in names)


def test_readable_on_a_phone(browser, pages):
    """On a phone, the picture opens in type of 11 pixels or more."""
    browser.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    )
    try:
        browser.open(pages["graph"])
        sizes = browser.run(
            "const size = (text) => parseFloat(getComputedStyle(text).fontSize) * view.k;"
            "return [...document.querySelectorAll('svg.light text')].map(size)"
        )
        assert sorted(sizes)[len(sizes) // 2] >= 10.4
        assert browser.view()[0] <= 8.5
    finally:
        browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


SHOWN_BOXES = """return [...document.querySelectorAll("svg.light :is(g.node, g.folded)")]
    .filter((g) => g.getClientRects().length)
    .map((g) => [g.getBoundingClientRect(), g.getAttribute("aria-label")])
    .map(([b, label]) => [b.left, b.top, b.right, b.bottom, label])"""
FRAME_NAME = "svg.light text[data-fold='1']"


@pytest.fixture
def network_page(browser, pages):
    """The browser with a network open whose layers are frames."""
    browser.open(pages["network"])
    yield browser
    assert browser.driver.get_log("browser") == []


def click(page, selector):
    page.find(selector).click()


def test_frames_are_closed_and_opened_in_place(network_page):
    """Its name closes a frame: one box stands for what was in it, none overlaps another; opened, all is as it was."""
    page = network_page
    before, width = page.run(SHOWN_BOXES), page.run("return picture.offsetWidth")
    click(page, FRAME_NAME)
    after = page.run(SHOWN_BOXES)
    assert [label for *_, label in after if label.startswith("Open")] == ["Open hidden: Linear"]
    assert len(after) == len(before) - 2  # W, b and the operation are one
    assert page.run("return picture.offsetWidth") < width
    apart = [
        a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
        for i, a in enumerate(after)
        for b in after[:i]
    ]
    assert all(apart)
    click(page, "svg.light .folded")
    assert page.run("return picture.offsetWidth") == width
    restored = page.run(SHOWN_BOXES)
    assert [label for *_, label in restored] == [label for *_, label in before]
    assert np.allclose([box[:4] for box in restored], [box[:4] for box in before], atol=0.5)


def test_arrows_reach_closed_frames(network_page):
    """An arrow into what is closed ends at the border of its box, and of several between the same two one is left."""
    page = network_page
    click(page, FRAME_NAME)
    ends = page.run("""
        const box = document.querySelector("svg.light .folded rect").getBBox();
        const on = ([x, y]) => x > box.x - 1 && x < box.x + box.width + 1 && y > box.y - 1 && y < box.y + box.height + 1;
        return [...document.querySelectorAll("svg.light g.edge:not(.away)")]
            .map((g) => [on(pointsIn(g.querySelector("path").getAttribute("d"))[0]),
                         on(pointsIn(g.querySelector("polygon").getAttribute("points"))[0])])""")
    assert ends.count([False, True]) == 1  # from x
    assert ends.count([True, False]) == 1  # to tanh
    assert [True, True] not in ends


def test_frames_by_keyboard_and_button(network_page):
    """Enter closes and opens, and keeps the focus; the button closes all the innermost, and opens what is closed."""
    from selenium.webdriver.common.keys import Keys

    page = network_page
    page.run("document.querySelector(arguments[0]).focus()", FRAME_NAME)
    page.press(Keys.ENTER)
    assert page.run("return document.activeElement.getAttribute('class')") == "folded"
    page.press(Keys.ENTER)
    assert page.run("return document.activeElement.tagName") == "text"
    click(page, "#folds")
    assert page.run("return document.querySelectorAll('svg.light .folded').length") == 2
    click(page, "#folds")
    assert page.run("return document.querySelectorAll('.folded').length") == 0


def test_search_opens_what_it_finds(network_page):
    """What stands in a closed frame is found, and its frame opened."""
    from selenium.webdriver.common.keys import Keys

    page = network_page
    click(page, FRAME_NAME)
    page.find("#search").send_keys("hidden.W", Keys.ENTER)
    assert page.run("return document.querySelectorAll('.folded').length") == 0
    assert "hidden.W" in page.card()


def test_a_page_without_frames_says_nothing_of_them(derivation_page):
    """The button and the hint are there only where a frame is."""
    assert derivation_page.run(
        "return byId('folds').hidden && [...document.querySelectorAll('.frames')].every((e) => e.hidden)"
    )


def test_what_is_folded_opens_in_place(browser, pages):
    """A picture folded by names begins with a box for each tensor; a click opens one, a click on its name closes it again."""
    page = browser
    page.open(pages["folded"])
    begins = page.run(SHOWN_BOXES)
    assert [label for *_, label in begins if label.startswith("Open")] == [
        "Open h = tanh(x W + b_h)",
        "Open o = h V + b_o",
        "Open L = (t − o)²",
    ]
    seen = "[...document.querySelectorAll('svg.light text')].filter(t => t.getClientRects().length)"
    shown = f"return {seen}.map(t => t.textContent)"
    assert "tanh" not in page.run(shown)
    assert "= tanh(x W + b" in page.run(shown)
    width = page.run("return picture.offsetWidth")
    page.find("svg.light .folded[data-fold='0']").click()
    assert "tanh" in page.run(shown)
    assert len(page.run(SHOWN_BOXES)) == len(begins) - 1 + 4  # @, +, tanh and h in the place of one
    assert page.run("return picture.offsetWidth") > width
    page.find("svg.light text[data-fold='0']").click()
    assert [label for *_, label in page.run(SHOWN_BOXES)] == [label for *_, label in begins]
    assert page.driver.get_log("browser") == []
