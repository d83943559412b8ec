"""Film the live page for the README: `python demos/pictures/make_live.py` writes live.gif; needs Chromium, Selenium and Pillow.

A real mouse drags W₁₁ of the question's network, then it is trained for some updates. What is seen is the page as it is saved.
"""

import io
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from microgradnn import live
from microgradnn.commands.networks import source_network

FOLDER = Path(__file__).parent
SIZE, SCALE, COLOURS = (1280, 800), 0.7, 96
FRAME, HOLD = 120, 900  # milliseconds that a frame is shown, and the last one of a scene
CURSOR = """
const dot = document.createElement("div");
dot.id = "cursor";
document.body.append(dot);
Object.assign(dot.style, { position: "fixed", width: "26px", height: "26px", margin: "-13px", borderRadius: "50%" });
Object.assign(dot.style, { border: "4px solid #1c2230aa", boxSizing: "border-box", zIndex: 9, pointerEvents: "none" });
"""


def film():
    """The frames of the film, with the time that each is shown."""
    sys.path.insert(0, str(FOLDER.parents[1] / "tests"))
    from browser import Browser

    page = Browser()
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": SIZE[0], "height": SIZE[1], "deviceScaleFactor": SCALE, "mobile": False}
    )
    with tempfile.TemporaryDirectory() as folder:
        page.open(live(source_network()).save(Path(folder) / "live.html"))
        time.sleep(0.5)
        page.run(CURSOR)
        yield from dragged(page)
        yield from trained(page)
    page.driver.quit()


def dragged(page):
    """W₁₁ is dragged to and fro."""
    x, y = page.middle(cell_of(page, "W"))
    yield shot(page, x, y), HOLD
    mouse(page, "Pressed", x, y)
    for away in [*range(0, 190, 30), *range(190, -150, -34), *range(-150, 1, 38)]:
        mouse(page, "Moved", x + away, y)
        yield shot(page, x + away, y), FRAME
    mouse(page, "Released", x, y)
    yield shot(page, x, y), HOLD


def trained(page):
    """Some updates are made."""
    page.run("setMode('train')")
    x, y = page.middle("#update")
    for times in (1, 1, 1, 1, 2, 2, 3, 3, 4):
        page.run("for (let i = 0; i < arguments[0]; i++) update(); refresh()", times)
        yield shot(page, x, y), FRAME
    yield shot(page, x, y), 2 * HOLD


def cell_of(page, name):
    return f'[data-cell="{page.run("return boxed.find((id) => nodes[id].name === arguments[0])", name)},0"]'


def mouse(page, kind, x, y):
    """What the mouse does, its left button held."""
    event = {"type": f"mouse{kind}", "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
    page.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)


def shot(page, x, y):
    """The page as it is, with a dot where the mouse is."""
    page.run("Object.assign(byId('cursor').style, { left: `${arguments[0]}px`, top: `${arguments[1]}px` })", x, y)
    page.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    return Image.open(io.BytesIO(page.driver.get_screenshot_as_png())).convert("RGB")


def main():
    """Write the film."""
    frames, times = zip(*film(), strict=True)
    sample = Image.new("RGB", (frames[0].width, 3 * frames[0].height))
    for i, frame in enumerate((frames[0], frames[len(frames) // 3], frames[-1])):
        sample.paste(frame, (0, i * frame.height))
    palette = sample.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=3)
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    path = FOLDER / "live.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=list(times), loop=0, optimize=True, disposal=1)
    print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
