"""What operations give Tensor, as type checkers read it: no module to run. Written by .ci/stubs.py, not by hand."""

from .annotations import Operand
from .graph import Node
from .ops import (
    activations,
    arithmetic,
    broadcasting,
    complex_numbers,
    conversion,
    convolution,
    cumulative,
    decompositions,
    determinants,
    diagonals,
    elementwise,
    error_function,
    indexing,
    inverses,
    missing,
    network,
    norms,
    padding,
    products,
    rearranging,
    reduction,
    rounding,
    shaping,
    softmax_family,
    splitting,
    spread,
    trigonometric,
)
from .ops.assignment import At
from .tensor import Tensor as Tensor

class Methods(Node):
    abs = elementwise.abs
    add = arithmetic.add
    affine = network.affine
    arccos = trigonometric.arccos
    arccosh = trigonometric.arccosh
    arcsin = trigonometric.arcsin
    arcsinh = trigonometric.arcsinh
    arctan = trigonometric.arctan
    arctanh = trigonometric.arctanh
    astype = conversion.astype
    avg_pool1d = convolution.avg_pool1d
    avg_pool2d = convolution.avg_pool2d
    broadcast_to = broadcasting.broadcast_to
    cbrt = elementwise.cbrt
    ceil = rounding.ceil
    cholesky = decompositions.cholesky
    clip = arithmetic.clip
    conjugate = complex_numbers.conjugate
    conv1d = convolution.conv1d
    conv2d = convolution.conv2d
    copy = conversion.copy
    copysign = rounding.copysign
    cos = trigonometric.cos
    cosh = trigonometric.cosh
    cumprod = cumulative.cumprod
    cumsum = cumulative.cumsum
    det = determinants.det
    diagonal = diagonals.diagonal
    divide = arithmetic.divide
    dot = products.dot
    elu = activations.elu
    erf = error_function.erf
    exp = elementwise.exp
    exp2 = elementwise.exp2
    expand_dims = shaping.expand_dims
    expm1 = elementwise.expm1
    flatten = shaping.flatten
    flip = rearranging.flip
    floor = rounding.floor
    floor_divide = rounding.floor_divide
    fmax = missing.fmax
    fmin = missing.fmin
    fmod = rounding.fmod
    gelu = activations.gelu
    heaviside = rounding.heaviside
    hypot = trigonometric.hypot
    inv = inverses.inv
    leaky_relu = activations.leaky_relu
    log = elementwise.log
    log10 = elementwise.log10
    log1p = elementwise.log1p
    log2 = elementwise.log2
    log_softmax = softmax_family.log_softmax
    logaddexp = arithmetic.logaddexp
    logaddexp2 = arithmetic.logaddexp2
    logsumexp = softmax_family.logsumexp
    matmul = products.matmul
    max = reduction.max
    max_pool1d = convolution.max_pool1d
    max_pool2d = convolution.max_pool2d
    maximum = arithmetic.maximum
    mean = reduction.mean
    min = reduction.min
    minimum = arithmetic.minimum
    moveaxis = shaping.moveaxis
    multiply = arithmetic.multiply
    negative = arithmetic.negative
    norm = norms.norm
    outer = products.outer
    pad = padding.pad
    power = arithmetic.power
    prod = reduction.prod
    ravel = shaping.ravel
    reciprocal = elementwise.reciprocal
    relu = activations.relu
    remainder = rounding.remainder
    repeat = rearranging.repeat
    reshape = shaping.reshape
    roll = rearranging.roll
    round = rounding.round
    sigmoid = activations.sigmoid
    sign = rounding.sign
    silu = activations.silu
    sin = trigonometric.sin
    sinc = trigonometric.sinc
    sinh = trigonometric.sinh
    slogdet = determinants.slogdet
    softmax = softmax_family.softmax
    softplus = activations.softplus
    split = splitting.split
    sqrt = elementwise.sqrt
    square = elementwise.square
    squared_distance = network.squared_distance
    squeeze = shaping.squeeze
    std = spread.std
    subtract = arithmetic.subtract
    sum = reduction.sum
    swapaxes = shaping.swapaxes
    take = indexing.take
    take_along_axis = indexing.take_along_axis
    tan = trigonometric.tan
    tanh = trigonometric.tanh
    tile = rearranging.tile
    trace = diagonals.trace
    transpose = shaping.transpose
    tril = diagonals.tril
    triu = diagonals.triu
    trunc = rounding.trunc
    var = spread.var
    __add__ = arithmetic.add
    __sub__ = arithmetic.subtract
    __mul__ = arithmetic.multiply
    __truediv__ = arithmetic.divide
    __floordiv__ = rounding.floor_divide
    __mod__ = rounding.remainder
    __divmod__ = rounding.divmod
    __pow__ = arithmetic.power
    __matmul__ = products.matmul
    __neg__ = arithmetic.negative
    __abs__ = elementwise.abs
    __getitem__ = indexing.getitem
    conj = complex_numbers.conjugate
    def __radd__(self, other: Operand) -> Tensor: ...
    def __rsub__(self, other: Operand) -> Tensor: ...
    def __rmul__(self, other: Operand) -> Tensor: ...
    def __rtruediv__(self, other: Operand) -> Tensor: ...
    def __rfloordiv__(self, other: Operand) -> Tensor: ...
    def __rmod__(self, other: Operand) -> Tensor: ...
    def __rdivmod__(self, other: Operand) -> Tensor: ...
    def __rpow__(self, other: Operand) -> Tensor: ...
    def __rmatmul__(self, other: Operand) -> Tensor: ...
    @property
    def T(self) -> Tensor: ...
    @property
    def mT(self) -> Tensor: ...
    @property
    def real(self) -> Tensor: ...
    @property
    def imag(self) -> Tensor: ...
    @property
    def at(self) -> At: ...
