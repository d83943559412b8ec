"""The operations, as type checkers read them. Written by .ci/stubs.py, not by hand."""

from ..graph import Op as Op
from .activations import *
from .arithmetic import *
from .broadcasting import *
from .conditions import *
from .conversion import *
from .convolution import *
from .differences import *
from .einstein import *
from .elementwise import *
from .error_function import *
from .indexing import *
from .joining import *
from .linalg import *
from .network import *
from .rearranging import *
from .reduction import *
from .shaping import *
from .softmax_family import *
from .splitting import *
from .trigonometric import *
