"""Chromium, as the tests of pages drive it."""

import os
import re
import shutil


def chromium():
    """The browser: $CHROME_BIN, which GitHub sets on its machines; else Chromium, or None where there is none."""
    return os.environ.get("CHROME_BIN") or shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """Chromium without a window, and what these tests do with it."""

    def __init__(self):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = chromium()
        for flag in ("headless", "no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking", "disable-sync"):
            options.add_argument(f"--{flag}")
        options.add_argument("--disable-component-update")
        options.add_argument("--window-size=1300,800")
        options.page_load_strategy = "eager"
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.run = self.driver.execute_script

    def open(self, path):
        """Open a page, and forget what was logged before."""
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)
        self.driver.get(path.as_uri())

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def hover(self, selector):
        self._actions().move_to_element(self.find(selector)).perform()

    def press(self, *keys):
        self._actions().send_keys(*keys).perform()

    def drag(self, x, y):
        """From a free place near the corner of the stage."""
        actions = self._actions().move_to_element(self.find("#fit")).move_by_offset(0, 60).click_and_hold()
        actions.move_by_offset(x, y).release().perform()

    def wheel(self, selector, pixels):
        from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

        self._actions().scroll_from_origin(ScrollOrigin.from_element(self.find(selector)), 0, pixels).perform()

    def touch(self, kind, *points):
        """Fingers on the glass: "Start", "Move" or "End"."""
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def middle(self, selector):
        return self.run(
            "const r = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [r.x + r.width / 2, r.y + r.height / 2]",
            selector,
        )

    def view(self):
        """x, y and scale of the picture."""
        return [float(x) for x in re.findall(r"-?[\d.]+(?:e-\d+)?", self.run("return byId('picture').style.transform"))]

    def card(self):
        """The text of the card; None if it is not shown."""
        return self.run("return card.classList.contains('shown') ? card.innerText : null")

    def _actions(self):
        from selenium.webdriver.common.action_chains import ActionChains

        return ActionChains(self.driver, duration=0)
