"""`live(L)`: an object that is saved as one page, shows itself in notebooks, and reaches nothing."""

import base64
import hashlib
import html
import json
import re

import pytest
from live_pages import NETWORKS, home, text_of

from microgradnn import Tensor, live
from microgradnn.pages.live_page import POLICY, script_of


@pytest.mark.parametrize("network", NETWORKS)
def test_the_policy_admits_its_own_script_alone(network):
    """The hashes in the policy are those of the one script and the one style; nothing else is allowed, no address is in it."""
    page = text_of(network)
    policy = html.unescape(re.search(r'Content-Security-Policy" content="(.*?)"', page)[1])
    assert policy.startswith(POLICY)
    assert "unsafe" not in policy
    for kind, tag in (("script", "<script>(.*?)</script>"), ("style", "<style>(.*?)</style>")):
        (text,) = re.findall(tag, page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert set(re.findall(r"https?://[^\s\"']*", page)) <= {"http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2000/svg"}
    assert not re.search(r'style="|onclick="', page)


def test_it_is_saved_as_html_and_nothing_else(tmp_path):
    """`.save` writes the page, and says which suffixes there are."""
    page = live(home())
    path = page.save(tmp_path / "page.html", theme="dark")
    assert 'data-theme="dark"' in path.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"one of \.html"):
        page.save(tmp_path / "page.pdf")
    with pytest.raises(ValueError, match="light, dark"):
        page.save(tmp_path / "page.html", theme="slide")


def test_it_shows_itself_in_a_frame():
    """In a notebook it is an iframe that holds the whole page, sandboxed, scripts allowed."""
    shown = live(home())._repr_html_()
    assert '<iframe srcdoc="&lt;!doctype html&gt;' in shown
    assert 'sandbox="allow-scripts"' in shown
    assert html.unescape(re.search('srcdoc="(.*?)"', shown, re.DOTALL)[1]) == live(home()).page()


def test_it_says_what_it_is():
    """Its repr has the equation; what is no Tensor is refused with a hint."""
    assert repr(live(home())) == "<the live page of L = (t − o)²>"
    with pytest.raises(TypeError, match=r"L and not L\.item\(\)"):
        live(3.0)


def test_nothing_ends_the_script():
    """What a tensor is called cannot end the script element or begin a comment of HTML."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="</script><!--")
    page = live((w * w).sum()).page()
    assert page.count("</script>") == 2
    assert "<!--" not in page
    assert "</" not in script_of(["() => 0 // </script> <!--"])


def test_several_graphs_are_a_menu():
    """A dict of losses makes one page with all of them, each by its title; an empty one is refused."""
    menu = live({network.__name__: network() for network in NETWORKS})
    assert menu.title == "home, two_layers, batch, classifier, attention, recurrent, convolution"
    told = json.loads(re.search('id="data">(.*?)</script>', menu.page())[1])
    assert [network["title"] for network in told] == menu.title.split(", ")
    with pytest.raises(ValueError, match="no loss"):
        live({})
