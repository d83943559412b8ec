"""Which sheet a chain rule gets: the derivation along its one path, a fan of a few, or a table of the terms of its sum."""

from .fan_sheet import MOST_PATHS, FanSheet
from .path_sheet import PathSheet
from .terms_sheet import TermsSheet


def sheet_of(rule):
    """What composes the sheet of a `ChainRule`, as a Diagram wants it: a function of picture, shape and theme."""
    if rule.paths.total == 1 and rule.paths[0].partials:
        return PathSheet(rule)
    return FanSheet(rule, TermsSheet(rule)) if 1 < rule.paths.total <= MOST_PATHS else TermsSheet(rule)
