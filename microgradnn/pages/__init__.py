"""Pages: the live one of `live(L)`, and the one of steps for graphs that it does not take; each one offline file.

| file | what it does |
|---|---|
| `live_page.py` | `live(L)`, and the HTML text: the files in live/, filled in |
| `live_network.py` | what the live page is told of a graph: nodes, steps, programs |
| `live_samples.py` | the samples of a batch: the loss of each alone |
| `live_segments.py` | the graph between named tensors: programs and formulas of partials |
| `live_layout.py` | where its boxes and arrows are |
| `step_page.py` | the HTML text: stepper.html, filled in |
| `positions.py` | what the page tells at each position: the values one after the other, then the steps |
| `formulas.py` | what a rule says, in the names and in the numbers of this graph |
| `arrays.py` | the arrays that are shown: each once, and what is short of them |
"""
