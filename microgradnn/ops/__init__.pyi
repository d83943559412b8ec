"""The operations, as type checkers read them. Written by .ci/stubs.py, not by hand."""

from ..graph import Op as Op
from .activations import *
from .arithmetic import *
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
