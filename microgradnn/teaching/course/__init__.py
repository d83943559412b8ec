"""Build your own engine: a course of ten steps, in which a number that remembers grows into this library.

A step is one file, `step_01.py` to `step_10.py`: its text, the worked answer with the hints to each gap, and the checks. What
a student gets is cut from it (gaps.py), and what the student made of it is checked (checks.py).
"""
