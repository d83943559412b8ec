"""The page that `backward_steps(L).save("steps.html")` writes: one offline file to go through both passes with.

| file | what it does |
|---|---|
| `step_page.py` | the HTML text: stepper.html, filled in |
| `positions.py` | what the page tells at each position: the values one after the other, then the steps |
| `formulas.py` | what a rule says, in the names and in the numbers of this graph |
| `arrays.py` | the arrays that are shown: each once, and what is short of them |
"""
