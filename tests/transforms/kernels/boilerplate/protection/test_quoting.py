"""Whether a text speaks of the lines that are in it."""

import pytest

from corpusmill.transforms.kernels.boilerplate.protection.quoting import is_spoken_of
from tests.transforms.kernels.boilerplate.sequences import sequence_of
from tests.transforms.kernels.boilerplate.test_strip import PROSE

TELLS = "To leave, open the menu in the corner and choose the entry that says Subscribe to our letter, then wait."


def spoken_of(lines: list[str], first: int, last: int) -> bool:
    return is_spoken_of(sequence_of(lines), first, last)


def test_a_line_that_the_text_before_or_after_it_names_is_spoken_of() -> None:
    for lines in ([TELLS, "Subscribe", PROSE], [PROSE, "Subscribe", TELLS]):
        assert spoken_of(lines, 1, 1)
    assert spoken_of(
        ["まずメニューを開いて、リンクを取得と書かれた青いボタンを押してから待ちます。", "リンクを取得", PROSE], 1, 1
    )


@pytest.mark.parametrize(
    "lines",
    [
        [PROSE, "Subscribe", PROSE],
        [TELLS, PROSE, "Subscribe", PROSE],  # not beside it
        ["Subscribe now", "Subscribe", PROSE],  # another line of the site
        [TELLS, "Reply", PROSE],
    ],
)
def test_a_line_that_nothing_beside_it_names_is_not(lines: list[str]) -> None:
    entry = next(k for k, line in enumerate(lines) if line in {"Subscribe", "Reply"})
    assert not spoken_of(lines, entry, entry)


def test_what_another_document_says_does_not_count() -> None:
    seq = sequence_of([TELLS], ["Subscribe", PROSE])
    assert not is_spoken_of(seq, 1, 1)


def test_signs_in_a_line_are_no_pattern() -> None:
    assert not spoken_of([PROSE, "Share (+)[*] \\ $", PROSE], 1, 1)
