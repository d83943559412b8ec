"""Stubs: what is given and used again far away stands there as a small box with its name, so that no arrow crosses the picture.

So a weight reaches each step of a recurrent network, and the steps stay apart from each other.
"""

from dataclasses import replace

from .picture import Box, Line
from .ranks import frames_of, ranks_of

NEAR = 5  # ranks between two uses that share an arrow's beginning
FEWEST = 8  # far uses; fewer arrows can be followed with the eye


def stubs_of(links):
    """For each link, None, or the number of the stub that it begins at: 1 for the first one of its tail, ...

    Parameters
    ----------
    links : list of (tail, head)

    >>> stubs_of([("W", "h1"), ("h1", "h2"), ("W", "h2")])
    [None, None, None]
    """
    users, sources = {}, {}
    for tail, head in links:
        users.setdefault(tail, []).append(head)
        users.setdefault(head, [])
        sources.setdefault(head, []).append(tail)
    to_the_end, groups, far = ranks_of(users), {}, 0
    for tail, heads in users.items():
        if tail in sources or not heads:
            continue
        first, number = max(map(to_the_end.get, heads)), 0
        for head in sorted(set(heads), key=to_the_end.get, reverse=True):
            if first - to_the_end[head] >= NEAR:
                first, number = to_the_end[head], number + 1
            groups[tail, head] = number or None
        far += number
    return [groups.get(link) if far >= FEWEST else None for link in links]


def with_stubs(picture):
    """A picture in which far uses have stubs, in the frame of what they feed; while it is closed, its box says which."""
    arrows = [arrow for arrow in picture.arrows if arrow.kind != "loop"]
    numbers = dict(zip(map(id, arrows), stubs_of([(arrow.tail, arrow.head) for arrow in arrows]), strict=True))
    boxes, stubs, changed = {box.id: box for box in picture.boxes}, {}, []
    for arrow in picture.arrows:
        number, frame = numbers.get(id(arrow)), boxes[arrow.head].frame
        key = (arrow.tail, number, frame)
        if number and key not in stubs:
            stubs[key] = replace(stub_of(boxes[arrow.tail], f"stub {len(stubs) + 1} of {arrow.tail}"), frame=frame)
        changed.append(replace(arrow, tail=stubs[key].id) if number else arrow)
    told = replace(picture, boxes=[*picture.boxes, *stubs.values()], arrows=changed)
    if not stubs:
        return picture
    frames = [_told(frame, told, [(tail, stub) for (tail, *_), stub in stubs.items()]) for frame in picture.frames]
    return replace(told, frames=frames)


def _told(frame, picture, stubs):
    """A frame whose closed box says what it reads of which there are stubs in it alone."""
    inside = {box.id for box in picture.boxes if frame.id in frames_of(box.frame, picture)}
    read = inside | {arrow.tail for arrow in picture.arrows if arrow.head in inside}
    names = dict.fromkeys(stub.content[0].text for tail, stub in stubs if stub.id in inside and tail not in read)
    if frame.closed is None or not names:
        return frame
    content = frame.closed.content
    head = next(
        (i for i, item in enumerate(content) if not (isinstance(item, Line) and item.role in ("name", "made"))), len(content)
    )
    said = Line(f"with {', '.join(names)}", "note")
    return replace(frame, closed=replace(frame.closed, content=[*content[:head], said, *content[head:]]))


def stub_of(box, name):
    """A box with nothing but the name of another one."""
    first = next((item for item in box.content if isinstance(item, Line)), Line(box.id, "name"))
    return Box(name, "operand", [Line(first.text, "name")], box.card)
