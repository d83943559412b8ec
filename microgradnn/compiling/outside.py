"""What a function reads from outside of it: by closures, globals and defaults, and attributes of what it reaches by these.

A step is recorded once, and right as long as all of this is what it was then. So it is noted where the function finds it, and
looked at in each call. Of objects only attributes whose names stand in the code that is reached are looked at: a counter
that another method counts is none of them. What libraries read, the clock, and files are not seen. The values of Tensors
need not be: the program takes them as they are.
"""

import sys
import types
from functools import partial

import numpy as np

from ..graph import PYTHON_NUMBERS, Node
from ..protocols.conversions import LIBRARIES
from ..watching.observers import PACKAGE

MOST_BYTES = 2**20  # of arrays that are compared in each call
MOST_PARTS = 1000  # of a list or a dict that are looked at
FEW_PARTS = 20  # of a list that are looked at one by one
PLAIN = (*PYTHON_NUMBERS, str, bytes, np.generic, np.dtype, Node, type(None), type(...))
CONTAINERS = (list, tuple, dict, set, frozenset)
METHODS = (types.FunctionType, property, classmethod, staticmethod, types.GetSetDescriptorType)
AROUND = (types.MethodType, classmethod, staticmethod, property, partial)  # a function
NAMES = (dict, types.MappingProxyType)


class Outside:
    """What is reached from a function, and from arguments that are no data.

    Attributes
    ----------
    entries : list of (object, str)
        Where something was found: a cell; a dict, and the name in it; a function, and the name of its attribute.
    values : list
        What was there.
    parts, contents : list of (container, list), of (container, copy)
        Lists and dicts, and what was in them.
    arrays : list of (array, array)
        Arrays, and copies of them.
    tensors : dict of int to Tensor
        By the ids of their arrays.
    """

    def __init__(self, *roots):
        self.entries, self.parts, self.contents, self.arrays, self.tensors = {}, [], [], [], {}
        self.names, self.objects, self.roots, self.found = {}, [], roots, list(roots)
        seen = {}
        for thing in self.found:  # the list grows while we go along it
            if isinstance(thing, Node):
                self.tensors[id(thing.data)] = thing
            elif not isinstance(thing, PLAIN) and id(thing) not in seen:
                seen[id(thing)] = thing
                self.look_at(thing)
        self.entries = list(self.entries.values())
        self.values = self.now()
        del self.names, self.objects, self.roots, self.found

    # What is reached

    def look_at(self, thing):
        """Find what is reached from there."""
        if isinstance(thing, types.FunctionType):
            self.look_at_function(thing)
        elif isinstance(thing, CONTAINERS):
            self.look_in(thing)
        elif isinstance(thing, np.ndarray):
            self.look_at_array(thing)
        elif isinstance(thing, AROUND):
            self.found += [getattr(thing, name, None) for name in ("__func__", "__self__", "fget", "func", "args", "keywords")]
        elif not is_of_library(thing):
            self.look_at_object(thing)

    def look_at_object(self, thing):
        """What an object, a class or a module has under names that stand in the code; all of it, if names are made there."""
        self.objects.append(thing)
        self.found.append(getattr(thing, "__wrapped__", None))
        if not isinstance(thing, (type, types.ModuleType)):
            self.found += (functions := functions_of(type(thing)))
            if any("getattr" in names_in(function.__code__) for function in functions):
                for name in [name for name in getattr(thing, "__dict__", ()) if not name.startswith("_")]:
                    self.enter(vars(thing), name)
        for name in self.names:
            self.look_up(thing, name)

    def look_at_function(self, function):
        """A function's closure, its defaults and the names in its code; of our layers the names alone."""
        code = function.__code__
        is_ours = code.co_filename.startswith(PACKAGE) and function not in self.roots
        if code.co_filename.startswith(LIBRARIES) and not is_ours and function not in self.roots:
            return
        for name in names_in(code):
            if name not in self.names and not (is_ours and name.startswith("_")):
                self.names[name] = None
                for thing in self.objects:
                    self.look_up(thing, name)
            if not is_ours and name in function.__globals__:
                self.enter(function.__globals__, name)
        for name in () if is_ours else ("__defaults__", "__kwdefaults__"):
            if getattr(function, name) is not None:
                self.enter(function, name)
        for cell in () if is_ours else function.__closure__ or ():
            self.enter(cell, "cell_contents")

    def look_in(self, thing):
        """What is in a list, a tuple, a dict or a set."""
        if len(thing) > MOST_PARTS:
            raise TypeError(
                f"The function reads a {type(thing).__name__} of {len(thing)} parts from outside, which is too long to be\n"
                "looked at in each call. Hand over what it needs as an argument, or make it an array."
            )
        parts = parts_of(thing)
        self.found += parts
        if isinstance(thing, (list, dict, set)):
            self.parts.append((thing, parts))
            self.contents.append((thing, thing.copy()))

    def look_at_array(self, array):
        """An array, in which something may be changed."""
        if sum(x.nbytes for x, _ in self.arrays) + array.nbytes > MOST_BYTES:
            raise TypeError(
                f"The function reads an array of shape {array.shape} from outside, which may change, and is too large to be\n"
                "compared in each call. Make it a Tensor, Tensor(array), or hand it over as an argument."
            )
        self.arrays.append((array, array.copy(order="K")))

    def look_up(self, thing, name):
        """What an object, a class or a module has under a name: by itself, or by its class."""
        own = getattr(thing, "__dict__", {})
        if name in own:
            self.enter(own, name)
            return
        kinds = thing.__mro__ if isinstance(thing, type) else type(thing).__mro__
        having = [vars(kind) for kind in kinds if name in vars(kind)]
        if not having:
            return
        if isinstance(having[0][name], types.MemberDescriptorType):  # of __slots__
            self.enter(thing, name)
        elif isinstance(having[0][name], METHODS):
            self.found += [names[name] for names in having]  # those of base classes may be called, too
        else:
            self.enter(having[0], name)
            self.enter(own, name)  # it may get one of its own

    def enter(self, place, name):
        """What is found somewhere."""
        found = found_at(place, name)
        self.found.append(found)
        if not is_of_library(found):
            self.entries[id(place), name] = place, name

    # Whether it is what it was

    def now(self):
        """What is there now."""
        return [found_at(*entry) for entry in self.entries]

    def tests(self, names):
        """Expressions of Python that say whether it is what it was, over `names`; what is gone is a KeyError."""
        names |= {"values": self.values, "outside": self}
        tests = []
        for i, (place, name) in enumerate(self.entries):
            names[f"place{i}"] = place
            read = f"place{i}.{name}"
            if isinstance(place, NAMES):  # what is not there yet raises no KeyError
                read = f"place{i}[{name!r}]" if name in place else f"place{i}.get({name!r})"
            tests.append(f"{read} is values[{i}]")
        others = []
        for i, (x, parts) in enumerate(self.parts):  # what is equal and not the same, is_same() finds out
            if isinstance(x, list) and len(parts) <= FEW_PARTS:
                names |= {f"list{i}": x, **{f"part{i}_{j}": part for j, part in enumerate(parts)}}
                tests += [f"len(list{i}) == {len(parts)}", *(f"list{i}[{j}] is part{i}_{j}" for j in range(len(parts)))]
            else:
                others.append("outside.are_parts()")
        return tests + list(dict.fromkeys(others)) + ["outside.are_arrays()"] * bool(self.arrays)

    def is_same(self):
        """Whether it is what it was; so it is if a number was made anew."""
        now = self.now()
        if not all(map(is_equal, now, self.values)) or not self.are_parts() or not self.are_arrays():
            return False
        self.values[:] = now
        return True

    def put_back(self):
        """Let it be what it was, in cells, dicts, lists and arrays, whether that was changed by the function or not."""
        for (place, name), was, now in zip(self.entries, self.values, self.now(), strict=True):
            if now is not was and not isinstance(place, NAMES):
                setattr(place, name, was)
            elif now is not was and isinstance(place, dict):
                place[name] = was
        for x, was in self.contents:
            x.clear()
            (x.extend if isinstance(x, list) else x.update)(was)
        for x, was in self.arrays:
            if x.flags.writeable:
                x[...] = was

    def are_parts(self):
        """Whether lists and dicts have in them what they had."""
        pairs = ((parts_of(x), parts) for x, parts in self.parts)
        return all(len(now) == len(parts) and all(map(is_equal, now, parts)) for now, parts in pairs)

    def are_arrays(self):
        """Whether arrays have in them what they had."""
        return all(x.shape == was.shape and x.dtype == was.dtype and x.tobytes() == was.tobytes() for x, was in self.arrays)


def found_at(place, name):
    """What is found somewhere; None if it is nothing yet."""
    return place.get(name) if isinstance(place, NAMES) else getattr(place, name, None)


def parts_of(thing):
    """What is in a container, as a list."""
    return [*thing, *thing.values()] if isinstance(thing, dict) else list(thing)


def is_equal(x, y):
    """Whether two things are the same, or plain values of one type that are equal."""
    return x is y or (type(x) is type(y) and isinstance(x, PLAIN) and not isinstance(x, Node) and repr(x) == repr(y))


def functions_of(kind):
    """The functions of a class that calls, loops and indices lead to, without their names in the code."""
    found = [getattr(kind, name, None) for name in ("__call__", "forward", "__iter__", "__getitem__")]
    return [function for function in found if isinstance(function, types.FunctionType)]


def names_in(code):
    """The names in a function's code, and in that of functions within it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names_in(constant)


def is_of_library(thing):
    """Whether this is a module, a class or a function of Python's or of a package that is installed; ours are such, too."""
    if isinstance(thing, types.BuiltinFunctionType):
        return True
    if isinstance(thing, types.FunctionType):
        return thing.__code__.co_filename.startswith(LIBRARIES)
    if not isinstance(thing, (type, types.ModuleType)):
        return isinstance(thing, np.ufunc)
    name = thing.__name__ if isinstance(thing, types.ModuleType) else thing.__module__
    file = getattr(sys.modules.get(name), "__file__", None)
    return name in sys.builtin_module_names or (file or "").startswith(LIBRARIES)
