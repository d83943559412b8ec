"""Where one element's gradient comes from: the chain rule as a derivation, paths and a picture.

All of these are read off one thing, the cone: the numbers that lie between a loss and one element, of tensors that have a name.
The rules that made the gradient make the formulas too, so that a derivation cannot differ from what was computed; and what it
says is held against `.grad` and against differences, each time.
"""
