"""The operations, by family. Each is one class (`forward`, and a vjp per input) and the function that applies it."""

from ..graph import OPERATIONS, Op
from .activations import *
from .arithmetic import *
from .convolution import *
from .einstein import *
from .elementwise import *
from .error_function import *
from .indexing import *
from .joining import *
from .linalg import *
from .network import *
from .operators import OPERATORS, REFLECTED
from .reduction import *
from .shaping import *
from .softmax_family import *
from .trigonometric import *

__all__ = ["Op"]
__all__ += list(OPERATIONS)
