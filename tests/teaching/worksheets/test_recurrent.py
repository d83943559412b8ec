"""The recurrent unit."""

from sheets_of import some

from microgradnn.formulas.unicode_text import text


def test_gradients_are_sums_over_time():
    """∂L/∂w and ∂L/∂u are the sums of the parts of three steps, which are asked for one by one."""
    for exercise in some("rnn"):
        key = exercise.numbers()
        for weight in "wu":
            assert key[f"d_{weight}"] == sum(key[f"{weight}_{i}"] for i in range(3))


def test_names_of_parts():
    """The part of step 2 is ∂L/∂w⁽²⁾."""
    labels = [text(blank.label) for blank in some("rnn")[0].blanks]
    assert "∂L/∂w⁽²⁾" in labels and "∂L/∂u⁽³⁾" in labels
