"""The operations, by family. Each is one class (`forward`, and a vjp per input) and the function that applies it.

The rules are all the calculus that there is here; whatever else differentiates, explains, draws or writes code runs them. On
arrays they give gradients, on Tensors gradients that are recorded too, on symbols formulas, on names a program. That is why
they use NumPy's operators and functions and nothing else, keep nothing from the forward pass for the backward one, and know
none of their readers. An operation that needs a second rule for one of these is written wrong.

A function that others say as precisely calls these, and has no class: it stands beside them in the file of its family, as
vstack in joining.py, fliplr in rearranging.py.

The legend of all rules; operands have other letters where others are usual, and numbers where they are a list:

    z = f(x, y)     x, y   values of the inputs      dz       ∂L/∂z, the upstream gradient
                    z      value of the output       dx, dy   ∂L/∂x, ∂L/∂y: what each vjp returns
"""

from ..graph import OPERATIONS, Op
from .activations import *
from .arithmetic import *
from .assignment import *
from .broadcasting import *
from .chains import *
from .complex_numbers import *
from .conditions import *
from .conversion import *
from .convolution import *
from .cumulative import *
from .decompositions import *
from .determinants import *
from .diagonals import *
from .differences import *
from .einstein import *
from .elementwise import *
from .error_function import *
from .indexing import *
from .inverses import *
from .joining import *
from .missing import *
from .network import *
from .norms import *
from .operators import OPERATORS, PROPERTIES, REFLECTED
from .padding import *
from .products import *
from .rearranging import *
from .reduction import *
from .rounding import *
from .shaping import *
from .signals import *
from .softmax_family import *
from .splitting import *
from .spread import *
from .statistics import *
from .trigonometric import *

__all__ = ["Op"]
__all__ += list(OPERATIONS)
