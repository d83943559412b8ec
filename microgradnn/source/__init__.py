"""The user's program as text: which line made what, its expressions, its names; and the text of the rules.

By it, messages and steps speak in the user's words. It is read when something is to be said, and costs nothing before; only
lines have to be remembered while the program runs, where one asks for it. What cannot be read, they do without.
"""
