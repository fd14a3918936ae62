from typing import Any

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.cleaning.filter import EMPTY, TOO_LONG, TOO_SHORT, FilterSettings, filter_column


def _reasons(texts: list[str | None], **settings: Any) -> list[str | None]:
    found: list[str | None] = filter_column(pa.array(texts, pa.string()), FilterSettings(**settings)).to_pylist()
    return found


@pytest.mark.parametrize("text", ["", " \t\n", "\u200b\ufeff\u00ad", "\u00a0\u3000", "\ufffd\ufffd", "\x00\x1f"])
def test_a_document_without_a_visible_character_is_empty(text: str) -> None:
    assert _reasons([text]) == [EMPTY]


@pytest.mark.parametrize("text", [".", "x", "💥", "漢", "\u200bx", "\ufffd?", "\ue000"])
def test_a_document_with_a_visible_character_stays(text: str) -> None:
    assert _reasons([text]) == [None]


def test_limits_count_characters_not_bytes() -> None:
    assert _reasons(["äöü", "äöüß", "äöüßé"], min_chars=4, max_chars=4) == [TOO_SHORT, None, TOO_LONG]


def test_limits_are_off_by_default() -> None:
    assert _reasons(["x", "x" * 100_000]) == [None, None]


def test_rows_without_text_are_left_alone() -> None:
    assert _reasons([None, "", None], min_chars=3) == [None, EMPTY, None]
