"""What courses write differently."""

import pytest

from microgradnn import Tensor
from microgradnn.formulas.unicode_text import text
from microgradnn.teaching.worksheets.conventions import Conventions


def test_weights_and_indices():
    """The weight from the first input to the second unit is W₁₂ in x W, W₂₁ in W x, and counted from 0 one less."""
    assert text(Conventions().weight("W", 0, 1)) == "W₁₂"
    assert text(Conventions(order="Wx").weight("W", 0, 1)) == "W₂₁"
    assert text(Conventions(order="Wx", index_base=0).weight("W", 0, 1)) == "W₁₀"


@pytest.mark.parametrize("half", [False, True])
def test_the_loss_in_three_forms(half):
    """Printed, as a rule, and as the engine computes it, the loss is the same, and its slope is the slope."""
    course = Conventions(half=half)
    t, o = 5.0, Tensor(2.0, requires_grad=True)
    L = course.of(t, o)
    L.backward()
    assert L.item() == eval(course.loss_rule, {"t": t, "o": 2.0}) == (4.5 if half else 9.0)
    assert o.grad.item() == eval(course.slope_rule, {"t": t, "o": 2.0})
    assert ("½" in course.loss) is half


def test_what_is_typed():
    """The options that make the same sheets again; none for what is usual."""
    assert Conventions().typed == ""
    assert Conventions("Wx", True, 0).typed == " --order Wx --half --index-base 0"
