"""The whole state of a run in a file: what is killed and goes on from there ends as what was not, to the last bit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import refuse_differences
from .files import DAMAGED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..annotations import FilePath
    from ..nn.module import Module
    from ..optim import Optimiser, Schedule

EPOCH, KINDS = "epoch", "kinds"


def save_run(
    path: FilePath,
    network: Module,
    optimiser: Optimiser | Mapping[str, Optimiser],
    *,
    schedule: Schedule | None = None,
    rng: Any = None,
    epoch: int = 0,
) -> Path:
    """Write all that a training depends on to an .npz file, which holds arrays and no code.

    Parameters
    ----------
    path : str or path-like
        The file; it is replaced only when it has been written whole.
    network : Module
        Its parameters and buffers, and the generators of its dropout.
    optimiser : Optimiser, or dict of them
        With what it remembers of earlier gradients.
    schedule : Schedule, optional
    rng : numpy.random.Generator, or dict of them, optional
        Those that shuffle batches, for example; no seed, since what was made of it is to be kept.
    epoch : int, optional
        How many epochs, or steps, are done.

    Returns
    -------
    pathlib.Path
        The file.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from microgradnn import load_run, nn, optim, save_run
    >>> net = nn.Linear(2, 1, rng=0)
    >>> adam, rng = optim.Adam(net.parameters()), np.random.default_rng(1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_run(f"{folder}/run.npz", net, adam, rng=rng, epoch=3)
    ...     before = rng.random()
    ...     epoch = load_run(path, net, adam, rng=rng)
    >>> epoch, rng.random() == before
    (3, True)
    """
    from pathlib import Path

    from ..saving.whole_files import whole_file

    parts = parts_of(network, optimiser, schedule, rng)
    arrays = {f"{part}/{name}": np.asarray(value) for part, thing in parts.items() for name, value in state_of(thing).items()}
    arrays |= {EPOCH: np.asarray(epoch), KINDS: np.asarray(json.dumps({part: kind_of(thing) for part, thing in parts.items()}))}
    with whole_file(path) as file:
        np.savez(file, allow_pickle=False, **arrays)
    return Path(path)


def load_run(
    path: FilePath,
    network: Module,
    optimiser: Optimiser | Mapping[str, Optimiser],
    *,
    schedule: Schedule | None = None,
    rng: Any = None,
) -> int:
    """Read what `save_run` wrote, into a network, an optimiser, ... that were made as those were.

    Parameters
    ----------
    path, network, optimiser, schedule, rng
        As for `save_run`; as many of them as were saved.

    Returns
    -------
    int
        How many epochs, or steps, were done.

    Raises
    ------
    ValueError
        If the file holds the state of other things, or is damaged; the message lists the differences. Nothing has been changed.

    Examples
    --------
    >>> import tempfile
    >>> from microgradnn import load_run, nn, optim, save_run
    >>> net = nn.Linear(2, 1, rng=0)
    >>> descent = optim.SGD(net.parameters(), lr=0.1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_run(f"{folder}/run.npz", net, descent, epoch=7)
    ...     descent.lr = 0.05
    ...     epoch = load_run(path, net, descent)
    >>> epoch, descent.lr
    (7, 0.1)
    """
    from pathlib import Path

    parts = parts_of(network, optimiser, schedule, rng)
    try:
        with Path(path).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except DAMAGED as error:
        raise ValueError(f"{path} cannot be read as the file of a run, and nothing was loaded: {error}") from None
    if KINDS not in arrays:
        raise ValueError(f"{path} holds no run: load(network, path) reads the parameters of a network alone.")
    saved, given = json.loads(str(arrays[KINDS])), {part: kind_of(thing) for part, thing in parts.items()}
    differences = [
        f"{part} was {saved.get(part, 'not saved')}; it is {given.get(part, 'not given')}" for part in {**saved, **given}
    ]
    differs = [saved.get(part) != given.get(part) for part in {**saved, **given}]
    refuse_differences("This is another run", [text for text, bad in zip(differences, differs, strict=True) if bad])
    before = []
    try:
        for part, thing in parts.items():
            state = {name.removeprefix(f"{part}/"): array for name, array in arrays.items() if name.startswith(f"{part}/")}
            before.append((thing, state_of(thing)))
            take(thing, state)
    except BaseException:
        for thing, state in reversed(before):
            take(thing, state)
        raise
    return int(arrays[EPOCH])


def parts_of(network, optimiser, schedule, rng):
    """All that has a state, by what the file calls it."""
    parts = {"network": network}
    several = optimiser if hasattr(optimiser, "items") else {"": optimiser}
    parts |= {f"optimiser {name}".rstrip(): each for name, each in several.items()}
    if schedule is not None:
        parts["schedule"] = schedule
    generators = rng if isinstance(rng, dict) else {} if rng is None else {"": rng}
    for name, each in generators.items():
        if not hasattr(each, "normal"):
            raise TypeError(
                f"rng is a random generator, whose state is kept, or a dict of them; of {each!r} the program has another one.\n"
                "Make it once, rng = np.random.default_rng(0), and give it to fit or batches, and here."
            )
        parts[f"rng {name}".rstrip()] = each
    for i, module in enumerate(network.modules()):
        if hasattr(module, "rng"):
            parts[f"rng of module {i}"] = module.rng
    return parts


def kind_of(thing):
    """What a part is, so that another is refused."""
    return type(thing.bit_generator).__name__ if hasattr(thing, "bit_generator") else type(thing).__name__


def state_of(thing):
    """The state of a part, as arrays by name; of a generator, its numbers as JSON, in which no digit is lost."""
    if hasattr(thing, "bit_generator"):
        return {"state": json.dumps(thing.bit_generator.state, default=lists)}
    return thing.state_dict()


def take(thing, state):
    """Give a part its state back."""
    if hasattr(thing, "bit_generator"):
        thing.bit_generator.state = json.loads(str(state["state"]))
    else:
        thing.load_state_dict(state)


def lists(array):
    """An array in the state of a generator, as a list."""
    return array.tolist()
