"""Parts of long texts."""

import pytest

from corpusmill.transforms.kernels.language.sample import PIECE_CHARS, WHOLE_CHARS, sample_text


@pytest.mark.parametrize("separator", [" ", "", "\n", "漢"])
def test_long_texts_are_sampled_at_three_places(separator: str) -> None:
    words = [f"w{number}" for number in range(1000)]
    text = separator.join(words)
    sample = sample_text(text)
    pieces = sample.split("\n") if separator != "\n" else [sample[:PIECE_CHARS]]
    assert len(sample) <= WHOLE_CHARS + 2
    assert all(piece in text for piece in pieces)
    assert text.startswith(pieces[0])
    if separator != "\n":
        assert text.endswith(pieces[2])
        middle = text.index(pieces[1])
        assert abs(middle + len(pieces[1]) / 2 - len(text) / 2) < 60
    if separator == " ":
        assert set(sample.split()) <= set(words)


def test_texts_up_to_the_limit_are_taken_whole() -> None:
    text = "x" * WHOLE_CHARS
    assert sample_text(text) == text
    assert len(sample_text(text + "x")) <= WHOLE_CHARS + 2
