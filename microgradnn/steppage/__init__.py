"""`backward_steps(L).save("steps.html")`: one offline page to go through the passes with, and the same as frames for slides.

| file | what it does |
|---|---|
| `page.py` | the HTML text: stepper.html, filled in |
| `told.py` | what the page tells at each position: the values one after the other, then the steps |
| `formulas.py` | what a rule says, in the names and in the numbers of this graph |
| `arrays.py` | the arrays that are shown: each once, and what is short of them |
| `places.py` | which box and which arrow of the picture belong to a node or a step |
| `frames.py` | the steps as numbered pictures, and as an animation |
"""

from .frames import save_animation, save_frames
from .page import to_notebook, to_step_page

__all__ = ["save_animation", "save_frames", "to_notebook", "to_step_page"]
