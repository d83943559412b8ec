"""The recorded graph as a picture: what is drawn of it, and what stands in the boxes.

Two questions are kept apart: which nodes are shown, of a graph that may have millions, is for `View`; what a box says of its
node is for `Contents`. `GraphPainter` joins the answers to a `Picture`, which has no colours and no format yet: those are for
pictures/.
"""
