"""Which sheet a chain rule gets: the derivation along its one path, or a table of the terms of its sum."""

from .path_sheet import PathSheet
from .terms_sheet import TermsSheet


def sheet_of(rule):
    """What composes the sheet of a `ChainRule`, as a Diagram wants it: a function of picture, shape and theme."""
    return PathSheet(rule) if rule.paths.total == 1 and rule.paths[0].partials else TermsSheet(rule)
