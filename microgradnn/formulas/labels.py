"""Labels: how a tensor is shown whose name, a path, is not what a person would write; nn/containers.py gives them."""

from .brief import visible
from .signs import SUPERSCRIPTS


class Labelled(str):
    """A tensor's name that is shown as a label: 2.W, of the second layer that has parameters, as W⁽²⁾.

    >>> name = Labelled("2.W", "W⁽²⁾")
    >>> name, name.label
    ('2.W', 'W⁽²⁾')
    """

    __slots__ = ("label",)

    def __new__(cls, name, label):
        self = super().__new__(cls, name)
        self.label = label
        return self

    def __getnewargs__(self):
        return str(self), self.label


def label_of(name):
    """How what is called by a name is shown: as the name, if it has no other label, in one line.

    A name is free text, and may come from elsewhere: what in it would steer a terminal is made visible.

    >>> label_of(Labelled("2.W", "W⁽²⁾")), label_of("hidden.W"), label_of(None)
    ('W⁽²⁾', 'hidden.W', None)
    >>> print(label_of("two\\nlines"))
    two\\nlines
    """
    return None if name is None else visible(getattr(name, "label", name))


def layer_label(name, layer):
    """What is called by a name in the layer of a number: W in layer 2 as W⁽²⁾.

    >>> layer_label("W", 2)
    'W⁽²⁾'
    """
    return f"{name}⁽{str(layer).translate(SUPERSCRIPTS)}⁾"


def within(path, name):
    """The name of what is called by a name in a module that is called by a path; what is shown of it stays.

    >>> within("encoder", "W"), label_of(within("encoder", Labelled("2.W", "W⁽²⁾")))
    ('encoder.W', 'encoder.W⁽²⁾')
    """
    longer = f"{path}.{name}"
    return Labelled(longer, f"{path}.{name.label}") if isinstance(name, Labelled) else longer
