"""Worksheets: exercises in backprop by hand, for each student another network, with a key that two ways agree on.

`microgradnn worksheet` writes them. A kind of exercise is one file: scalar_graph.py, hidden_layer.py, recurrent.py,
attention.py. Each draws numbers, lets the engine compute what stands in the blanks, and says by which rule a person gets there.
"""
