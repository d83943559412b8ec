"""What IPython finds in the package."""

import microgradnn
from microgradnn.debugging.magics import load_ipython_extension


def test_ipython_finds_it():
    """`%load_ext microgradnn` calls load_ipython_extension, with its shell, which gets two magics."""
    registered = []

    class Shell:
        def register_magic_function(self, function, kind, name):
            registered.append((kind, name, bool(function.__doc__)))

        def set_custom_exc(self, kinds, handler):
            self.kinds = kinds

    shell = Shell()
    microgradnn.load_ipython_extension(shell)
    assert registered == [("cell", "backprop", True), ("line", "explain", True)]
    assert shell.kinds == (Exception,)
    microgradnn.unload_ipython_extension(shell)
    assert shell.kinds == ()
    assert load_ipython_extension is microgradnn.load_ipython_extension
