"""What NumPy says of complex numbers, said of real ones."""

import numpy as np
import pytest
from slopes import assert_slopes

from microgradnn import Tensor, angle, conjugate, imag, real


def test_a_real_number_is_its_real_part():
    """The real part and the conjugate are x itself, also as attribute and method; the imaginary part is 0, also of NaN."""
    x = Tensor([1.0, np.nan], requires_grad=True)
    assert real(x) is x.real is conjugate(x) is x.conj() is x.conjugate() is x
    np.testing.assert_array_equal(x.imag.data, [0, 0])
    assert_slopes(imag, [1.0, np.nan], [0, 0])


def test_an_angle_is_flat():
    """Real numbers have the angle 0 or π, which does not change by a little."""
    np.testing.assert_array_equal(angle(Tensor([2.0, -2.0, -0.0]), deg=True).data, [0, 180, 180])
    assert_slopes(angle, [2.0, -2.0], [0, 0])


@pytest.mark.parametrize("function", [real, imag, conjugate, angle])
def test_complex_numbers_are_refused(function):
    """The rules are those of real numbers."""
    with pytest.raises(TypeError, match="'c' of shape .* is complex.*\n.*On values alone it works|is complex"):
        function(Tensor(np.array([1j]), name="c"))
