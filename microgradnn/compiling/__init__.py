"""A program as C, compiled: the same rules, many times quicker."""
