"""Debugging backward passes: a program that runs, where one stops in it, and a prompt to go forth and back with."""
