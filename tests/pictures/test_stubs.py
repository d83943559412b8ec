"""Stubs: where what is given is used again far away, its name stands there."""

import numpy as np
from battery import lstm, recurrent

from microgradnn import draw
from microgradnn.pictures.picture import Line
from microgradnn.pictures.ranks import lengths_of_arrows, sources_of
from microgradnn.pictures.stubs import stubs_of, with_stubs


def unrolled(steps, weights, long=3):
    """Links of a recurrent network, whose steps are so many operations long."""
    links, h = [], "h0"
    for step in range(steps):
        for k in range(long):
            links.append((h, f"{k} in {step}"))
            h = f"{k} in {step}"
        links += [(W, f"0 in {step}") for W in weights]
    return links


def test_weights_of_far_steps_have_stubs():
    """A weight stays beside its first uses, and has a stub for later ones, of which some that are near share one."""
    links = unrolled(9, "WUb")
    numbers = [stub for (tail, _), stub in zip(links, stubs_of(links), strict=True) if tail == "W"]
    assert numbers == [None, None, 1, 1, 2, 2, 3, 3, 4]
    assert all(stub is None for (tail, _), stub in zip(links, stubs_of(links), strict=True) if tail not in "WUb")


def test_few_long_arrows_stay():
    """What the eye can follow has no stubs: a short recurrent network shows that its weights are the same."""
    links = unrolled(4, "WU")
    assert stubs_of(links) == [None] * len(links)
    picture = draw(recurrent(np.random.default_rng(0), 4)).picture
    assert with_stubs(picture) is picture


def test_stubs_keep_the_steps_apart():
    """With stubs arrows are short, also in a frame that is closed at first, whose box then says what it uses."""
    L = lstm(np.random.default_rng(5))
    picture = draw(L, shape="natural").picture
    stubbed = with_stubs(picture)
    assert lengths_of_arrows(sources_of(stubbed)) < 0.75 * lengths_of_arrows(sources_of(picture))
    assert len(stubbed.arrows) == len(picture.arrows)
    folded = with_stubs(draw(L, fold="meaning").opened())
    told = [item.text for frame in folded.frames if frame.closed for item in frame.closed.content if isinstance(item, Line)]
    assert sum(text.startswith("with W_i, U_i") for text in told) == 2
    inside = {box.id for box in folded.boxes if box.frame is not None}
    assert {box.id for box in folded.boxes if box.id.startswith("stub")} <= inside
