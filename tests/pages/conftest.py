"""What the tests of the live page open it with."""

import json

import pytest


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens a page; afterwards nothing was said on the console, and nothing was requested but the page."""
    seen = []

    def open_page(page, link=""):
        path = tmp_path / f"page{len(seen)}.html"
        path.write_text(page, encoding="utf-8")
        seen.append(path.as_uri())
        browser.driver.get("about:blank")
        for kind in ("browser", "performance"):
            browser.driver.get_log(kind)
        browser.driver.get(path.as_uri() + link)
        return browser

    yield open_page
    assert browser.driver.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.driver.get_log("performance")]
    requests = {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}
    assert {url.partition("#")[0] for url in requests if not url.startswith("data:")} <= set(seen)
