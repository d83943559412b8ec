"""Programs and whole training steps as C: the same rules, compiled. README.md says why.

What is fused:

core.py            what C is written for, and what is refused
lowering.py        all else in terms of the core, in NumPy
places.py          where the elements of arrays and of their views lie
fusing.py          which steps share a loop, in which order, and what must lie in memory

How C is written:

elements.py        one element: operators, functions, numbers
loops.py           a loop, and the sums that grow along
products.py        matrix products
c_source.py        the module around them: names, comments, functions for what occurs often

How it is compiled and called:

compiler.py        which compiler, with which flags; the cache
blas.py            the matrix product of NumPy's own library
native.py          a library in memory, and the addresses that it is called with
functions.py       `unroll(..., compile=True)`

A training step:

update_rules.py    the optimiser's rule, recorded as operations' rules are
recorded_steps.py  what a function does, as a program; or why that cannot be said
outside.py         what it reads from outside
runs.py            what is bound, what must not have changed, what is told afterwards
steps.py           `compiled`
"""
