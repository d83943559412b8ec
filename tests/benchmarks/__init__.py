"""How fast microgradnn is, beside NumPy written by hand and other libraries: `python -m tests.benchmarks`.

Only ratios within one run mean something, so all contenders take turns in one run, and nothing here is a test of times.
A library that is not installed shows as –.
"""
