"""How a recorded graph becomes NumPy source; `microgradnn.unroll` is the way in.

expression.py  what a program consists of, and what can be asked of its parts
names.py       arrays that write down what is done to them, in expressions
program.py     a graph as such expressions, forward and backward; which lengths follow from the batch size
writer.py      which expressions get a variable and a line, and what these are called
source.py      how an expression is spelled, as Python and as the formula of a comment
buffers.py     the same lines, written to memory that is allocated once
layout.py      the module around them, laid out as black would do it
"""
