"""What a notebook shows whether it is trusted or not: something alive, or a still image of it.

A notebook that was received is not trusted: JupyterLab takes frames, styles and inline SVG out of its outputs, but not an <img>
with a data URI. So both are there, and a style, which goes too when nothing is trusted, says which of them is seen. The
attribute `hidden` would do in JupyterLab; but where pages reset all styles by Tailwind, as marimo's, no style undoes it.
"""

import base64
import html

CHOICE = (
    '<style class="microgradnn">'
    "style.microgradnn + div { display: block !important } style.microgradnn + div + img { display: none }"
    "</style>"
)


def with_image(alive, svg, alt):
    """HTML that shows what is alive where it may be, and else a picture.

    Parameters
    ----------
    alive : str
        HTML: inline SVG with tooltips, or a frame.
    svg : bytes
        The picture.
    alt : str
        What it is called for those who do not see it.

    Examples
    --------
    >>> print(with_image("<b>alive</b>", b"<svg/>", "L").partition("</div>")[2])
    <img alt="L" style="max-width:100%" src="data:image/svg+xml;base64,PHN2Zy8+"></div>
    """
    address = f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
    image = f'<img alt="{html.escape(alt)}" style="max-width:100%" src="{address}">'
    return f'<div>{CHOICE}<div style="display:none;overflow:auto">{alive}</div>{image}</div>'


def frame(page, title, svg):
    """A page in a frame of its own: it stays in the saved notebook, and reaches nothing outside itself; else a picture."""
    inside = f'srcdoc="{html.escape(page)}" sandbox="allow-scripts" style="width:100%;height:860px;border:0"'
    return with_image(f'<iframe {inside} title="{html.escape(title)}"></iframe>', svg, title)
