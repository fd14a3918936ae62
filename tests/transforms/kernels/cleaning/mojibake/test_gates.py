"""Gates and small decisions: what they refuse in sound text, what they let through."""

from __future__ import annotations

import pytest

from corpusmill.transforms.kernels.cleaning.mojibake import gates


@pytest.mark.parametrize(
    ("line", "repaired"),
    [
        ("ºÎÈ°", "ºÎȰ"),
        ("IRMÃ² e mais", "IRMò e mais"),
        ("Üßª", "Üߪ"),
        ("well â€\x9d", "well �"),
        ("It shows “Ã©” here", "It shows “é” here"),
    ],
)
def test_a_repair_that_leaves_or_makes_what_no_text_holds_is_refused(line: str, repaired: str) -> None:
    assert gates.refuses(line, repaired)


@pytest.mark.parametrize(
    ("line", "repaired"),
    [
        ("cafÃ© and tÃ¢che", "café and tâche"),
        ("the â€œbestâ€\x9d day", "the “best” day"),
        ("'m','ï¿½'", "'m','�'"),
        ("MÃ\x9cNCHEN", "MÜNCHEN"),
    ],
)
def test_a_repair_of_damage_passes(line: str, repaired: str) -> None:
    assert not gates.refuses(line, repaired)
