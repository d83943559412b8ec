"""Pages: the live one of `live(L)`, at which steps open too; one offline file.

| file | what it does |
|---|---|
| `live_page.py` | `live(L)`, and the HTML text: the files in live/, filled in |
| `live_graph.py` | what is drawn: boxes, circles, arrows, and how each is called |
| `live_network.py` | what is computed: programs, and formulas of partials |
| `live_recording.py` | what cannot be computed on a page, as it was recorded |
| `live_conventions.py` | x W or W x, ½ or not: the same network in each way |
| `live_steps.py` | what is told of each step |
| `live_samples.py` | the samples of a batch: the loss of each alone |
| `live_segments.py` | the graph between named tensors: programs and formulas of partials |
| `live_layout.py` | where boxes and arrows are |
| `step_page.py` | the page of `backward_steps(L)`: the same, opened at its steps |
| `formulas.py` | what a rule says, in the names of this graph |
"""
