"""A finding as text, and the order of several."""

from microgradnn.diagnosing.finding import Finding, worst_first


def test_text_of_a_finding():
    """Sign, kind and tensor; the evidence line by line; the way out with an arrow, what follows indented below."""
    finding = Finding("warning", "saturated", "h", "90% of it.\nSince pass 1.", "Smaller weights,\nor other inputs.")
    assert str(finding).splitlines() == [
        "! saturated: h",
        "    90% of it.",
        "    Since pass 1.",
        "    → Smaller weights,",
        "      or other inputs.",
    ]
    assert finding.line is None


def test_errors_come_first():
    """Of equal severity they stay in their order."""
    made = [
        Finding(severity, kind, "", "", "")
        for severity, kind in (("hint", "a"), ("error", "b"), ("warning", "c"), ("error", "d"))
    ]
    assert "".join(finding.kind for finding in worst_first(made)) == "bdca"
