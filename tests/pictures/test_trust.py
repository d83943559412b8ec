"""In a notebook exactly one is seen: what is alive where the notebook is trusted, and its image where it is not."""

import re
from html.parser import HTMLParser

import pytest

from microgradnn import Tensor, backward_steps, draw, live
from microgradnn.pictures.trust import with_image

KEPT = {"div": ("style",), "img": ("alt", "src", "style")}  # what JupyterLab leaves of the tags that are used
EMPTIED = ("style", "script")  # their text goes too


class Sanitizer(HTMLParser):
    """Takes out what JupyterLab does where a notebook is not trusted: also attributes without a value, but no text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=False)
        self.left, self.inside = [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag in EMPTIED:
            self.inside = tag
        elif tag in KEPT:
            kept = [f'{name}="{value}"' for name, value in attrs if value and name in KEPT[tag]]
            self.left.append(f"<{' '.join([tag, *kept])}>")

    def handle_endtag(self, tag):
        if tag == self.inside:
            self.inside = None
        elif tag in KEPT:
            self.left.append(f"</{tag}>")

    def handle_data(self, data):
        if self.inside is None:
            self.left.append(data)


def shown_things():
    """What notebooks show: a picture, the steps, a live page."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    L = (w * w).sum().named("L")
    yield draw(L)._repr_html_()
    yield backward_steps(L)._repr_html_()
    yield live(L)._repr_html_()


SEEN = """
const seen = (e) => e.checkVisibility() && e.getBoundingClientRect().width > 50;
const count = (selector) => [...document.body.querySelectorAll(selector)].filter(seen).length;
return [count("svg, iframe"), count("img"), document.body.innerText.trim().length];
"""


TAILWIND = "<style>@layer base { [hidden] { display: none !important } }</style>"  # which marimo resets all styles by


def test_one_of_both_is_seen(browser, tmp_path):
    """Trusted, and in marimo: the SVG or the frame. Not trusted: the image, which loads, and no text that was in the SVG."""
    for i, html in enumerate(shown_things()):
        marimo, left = TAILWIND + html, "".join(Sanitizer(html).left)
        for name, text, expected in (
            ("trusted", html, (1, 0)),
            ("marimo", marimo, (1, 0)),
            ("untrusted", left, (0, 1)),
        ):
            path = tmp_path / f"{name}{i}.html"
            path.write_text(f"<!doctype html><meta charset='utf-8'>{text}", encoding="utf-8")
            browser.open(path)
            browser.run("return Promise.all([...document.images].map((image) => image.decode()))")
            alive, images, words = browser.run(SEEN)
            assert (alive, images) == expected, (name, i)
            assert name != "untrusted" or words == 0


MARIMOS = "<style>@layer base { [hidden] { display: none !important } }</style>"


def test_it_is_seen_where_a_notebook_hides_what_is_hidden(browser, tmp_path):
    """A rule as marimo's, in a layer and important, which no other rule outdoes: what is alive is seen all the same."""
    for i, html in enumerate(shown_things()):
        path = tmp_path / f"{i}.html"
        path.write_text(f"<!doctype html><meta charset='utf-8'>{MARIMOS}{html}", encoding="utf-8")
        browser.open(path)
        assert browser.run(SEEN)[:2] == [1, 0]


@pytest.mark.parametrize("name", ['"><script>', "it's", "&lt;"])
def test_what_it_is_called_is_text(name):
    """A name cannot end the attribute that it stands in."""
    image = with_image("", b"<svg/>", name)
    assert re.search(r'<img alt="[^"<>]*" style="max-width:100%" src="data:image/svg\+xml;base64,[\w+/=]*"></div>$', image)
