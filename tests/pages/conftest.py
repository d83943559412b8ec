"""What the tests of the live page open it with."""

import itertools
import json

import pytest


@pytest.fixture
def opened_file(browser):
    """A function that opens a file; afterwards nothing was said on the console, and nothing was requested but these files."""
    seen = []

    def open_file(path, link=""):
        seen.append(path.as_uri())
        browser.driver.get("about:blank")
        for kind in ("browser", "performance"):
            browser.driver.get_log(kind)
        browser.driver.get(path.as_uri() + link)
        return browser

    yield open_file
    assert browser.driver.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.driver.get_log("performance")]
    requests = {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}
    assert {url.partition("#")[0] for url in requests if not url.startswith("data:")} <= set(seen)


@pytest.fixture
def opened(opened_file, tmp_path):
    """The same of a page's text."""
    count = itertools.count()

    def open_page(page, link=""):
        path = tmp_path / f"page{next(count)}.html"
        path.write_text(page, encoding="utf-8")
        return opened_file(path, link)

    return open_page
