"""A recorded graph as a program, and its writers; `microgradnn.unroll` is the way in.

What the rules leave behind, for every writer:

primitives.py     what each primitive computes, in NumPy
expression.py     one step: a primitive, its operands and parameters, and what is known of its result without it
names.py          arrays that write down what is done to them, while the rules run
canonical.py      NumPy's ways of saying one thing, read as one primitive
recorder.py       makes the Expressions, equal ones once
arithmetic.py     operators, as short as comes to the same
tracing.py        one run of the rules of a graph
evidence.py       which numbers of a graph may be made of the batch size
recordings.py     a function, recorded with examples of any number of rows
size_formulas.py  numbers that are made of the size, as formulas in it
batch.py          the program for any batch size, if there is one
program.py        the steps in order, parameters, results, who uses what, what each is called

What writers share, whatever the language:

plan.py           which steps get a variable and a line
variables.py      what these are called
comments.py       the formula that a line computes

The writer of NumPy:

numpy_code.py     how an Expression is spelled
numpy_writer.py   the statements of a function, and what it returns
numpy_buffers.py  the same statements, written to memory that is allocated once
numpy_module.py   the module around them, laid out as black would do it

The writer of JavaScript, for pages:

javascript_writer.py  a function of a program, and of an optimiser's rule
arrays/               the NumPy that it calls: files of JavaScript, numpy.js the list of what is in it

unrolling.py      `unroll`: records, writes, and checks
unrolled.py       the function that it returns
"""
