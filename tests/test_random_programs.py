"""Programs that nobody wrote, against differences: random_programs.py grows them."""

from random_programs import Programs

TestPrograms = Programs.TestCase
