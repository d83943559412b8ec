"""How arrays are shown in boxes: their numbers if they are few, else a map of coloured cells and what is said above it."""

import numpy as np

from ..formulas.unicode_text import number

MOST_NUMBERS = (4, 4)  # rows and columns of an array whose numbers are shown
MOST_TILES, SMALLEST_TILE = 4, 2  # maps of an array of many axes that are shown; the fewest rows and columns of one
MOST_PIXELS = 28  # rows and columns of a map of an image
SMALLEST_SIGNED = 3.0  # points of a cell that a minus is drawn in
SEEN = 0.02  # how large a cell's number must be, of the largest, for its sign to be seen
MOST_CELLS = 12  # rows and columns of a heat map; of a larger array, each cell is the mean of a block


def is_small(array):
    """Whether the numbers of an array are shown, and not a heat map."""
    if np.ndim(array) > 2 or np.size(array) == 0:
        return False
    return all(n <= most for n, most in zip(table_of(array).shape, MOST_NUMBERS, strict=True))


def table_of(array, column=False):
    """An array of any number of axes as rows and columns: its last axis runs along the rows; a column's one axis, down."""
    array = np.asarray(array, dtype=float)
    if column and array.ndim == 1 and array.size:
        return array.reshape(-1, 1)
    return array.reshape(-1, array.shape[-1]) if array.size and array.ndim else array.reshape(1, -1)


def told_of(array):
    """What is said above a heat map: the range of its finite numbers, how many are not, and how many each cell is the mean of.

    >>> told_of(np.array([[1.0, np.nan], [-2.0, np.inf]])), told_of(np.zeros((0, 3))), told_of(np.ones((24, 36)))
    (['−2 … 1', '1 NaN, 1 inf'], ['empty'], ['1 … 1', 'a cell: the mean of up to 2 × 3'])
    """
    table = table_of(array)
    if not table.size:
        return ["empty"]
    finite = table[np.isfinite(table)]
    lines = [f"{number(finite.min(), 2)} … {number(finite.max(), 2)}"] if finite.size else []
    counts = {"NaN": np.isnan(table).sum(), "inf": np.isinf(table).sum()}
    lines += [", ".join(f"{count:,} {what}" for what, count in counts.items() if count)] if finite.size < table.size else []
    tiles = tiles_of(array)
    if tiles:
        maps = int(np.prod(np.shape(array)[:-2]))
        return lines + ([f"{len(tiles)} of {maps:,} maps"] if len(tiles) < maps else [])
    block = [-(-n // MOST_CELLS) for n in table.shape]
    return lines + ([f"a cell: the mean of up to {block[0]} × {block[1]}"] if max(block) > 1 else [])


def _blocks(table, most):
    """A table of at most `most` rows and columns, each the mean of a block of the given one.

    >>> _blocks(np.arange(8.0).reshape(2, 4), 2)
    array([[0.5, 2.5],
           [4.5, 6.5]])
    """
    for axis in (0, 1):
        if table.shape[axis] > most:
            table = np.stack([part.mean(axis=axis) for part in np.array_split(table, most, axis=axis)], axis=axis)
    return table


def tiles_of(array):
    """The maps of an array of three axes or more, as images or feature maps are: its last two axes, a few of the others.

    >>> len(tiles_of(np.zeros((2, 3, 5, 5)))), len(tiles_of(np.zeros((4, 9, 5, 5)))), tiles_of(np.zeros((5, 5)))
    (4, 4, [])
    """
    array = np.asarray(array, dtype=float)
    if array.ndim < 3 or not array.size or min(array.shape[-2:]) < SMALLEST_TILE:
        return []
    return list(array.reshape(-1, *array.shape[-2:])[:MOST_TILES])


def side_of_tiles(tiles):
    """How large a cell of such maps is, in points."""
    return min(5.0, (62 if len(tiles) == 1 else 31) / min(MOST_PIXELS, max(tiles[0].shape)))


def is_hatched(array):
    """Whether the map of an array has negative cells that are too small for a minus, and are hatched.

    >>> is_hatched(-np.ones((1, 28, 28))), is_hatched(-np.ones((1, 5, 5))), is_hatched(np.ones((1, 28, 28)))
    (True, False, False)
    """
    tiles = tiles_of(array)
    return bool(tiles) and side_of_tiles(tiles) < SMALLEST_SIGNED and bool(np.min(np.nan_to_num(tiles)) < 0)


def cells_of(table):
    """The cells of a heat map: at most MOST_CELLS a side, from −1 to 1, the largest number being 1."""
    return _scaled(_blocks(table, MOST_CELLS))


def pixels_of(tiles):
    """The cells of maps that are shown beside each other, on one scale."""
    return list(_scaled(np.stack([_blocks(tile, MOST_PIXELS) for tile in tiles])))


def _scaled(blocks):
    return blocks / (np.max(np.abs(blocks), where=np.isfinite(blocks), initial=0) or 1.0)


def heat(x, theme):
    """The colour of a number between −1 and 1: between zero's colour and that of the end it leans to."""
    if not np.isfinite(x):
        return theme.ink  # NaN and infinities stand out
    end, zero = theme.heat[2] if x > 0 else theme.heat[0], theme.heat[1]
    mixed = (round(int(zero[i : i + 2], 16) * (1 - abs(x)) + int(end[i : i + 2], 16) * abs(x)) for i in (1, 3, 5))
    return "#" + "".join(f"{c:02x}" for c in mixed)
