"""Where tokens start and end in bytes, and what their characters are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.token_scan import (
    MAX_MARKS,
    PAD,
    FoundTokens,
    decode_characters,
    find_tokens,
)

TEXTS = st.lists(st.text(st.sampled_from("ab_1é漢字かя\N{COMBINING ACUTE ACCENT} "), max_size=12), max_size=5)


def scan(rows: list[str], *, decomposed: bool = True) -> tuple[list[list[str]], FoundTokens]:
    """Return the tokens of rows whose separators are spaces, and what was found."""
    encoded = [row.replace(" ", "\0").encode() for row in rows]
    bounds = np.cumsum([0, *map(len, encoded)])
    data = np.frombuffer(b"".join(encoded) + bytes(PAD), np.uint8).copy()
    found = find_tokens(data, bounds, decomposed=decomposed)
    raw = data.tobytes()
    tokens: list[list[str]] = [[] for _ in rows]
    for start, end in zip(found.starts.tolist(), found.ends.tolist(), strict=True):
        row = int(np.searchsorted(bounds, start, side="right")) - 1
        assert end <= bounds[row + 1]
        tokens[row].append(raw[start:end].decode())
    return tokens, found


def test_words_are_tokens_and_so_is_each_letter_of_a_script_without_spaces() -> None:
    tokens, found = scan(["the quay_2 öl", "", "漢字 and かな", "ไทย", "…—“x”"])
    assert tokens == [["the", "quay_2", "öl"], [], ["漢", "字", "and", "か", "な"], ["ไ", "ท", "ย"], ["x"]]
    assert len(found.unstable_starts) == 0


def test_a_mark_stays_on_its_letter_and_one_on_nothing_is_none() -> None:
    acute = "\N{COMBINING ACUTE ACCENT}"
    assert scan([f"e{acute}t {acute} x", f"{acute}y"])[0] == [[f"e{acute}t", "x"], ["y"]]
    assert scan(["か\N{COMBINING KATAKANA-HIRAGANA VOICED SOUND MARK}な"])[0] == [
        ["か\N{COMBINING KATAKANA-HIRAGANA VOICED SOUND MARK}", "な"]
    ]


def test_the_final_sigma_is_the_usual_one() -> None:
    assert scan(["οδος"])[0] == [["οδοσ"]]


def test_stretches_that_decomposition_changes_are_told_and_are_no_tokens() -> None:
    tokens, found = scan(["plain ﬁne ™ word"], decomposed=False)
    assert tokens == [["plain", "word"]]
    assert len(found.unstable_starts) == 2
    assert not found.crowded
    crowd = "e" + "\N{COMBINING ACUTE ACCENT}" * (MAX_MARKS + 1)
    assert scan([crowd], decomposed=False)[1].crowded
    assert scan(["e" + "\N{COMBINING ACUTE ACCENT}" * MAX_MARKS], decomposed=False)[1].crowded is False


@given(rows=TEXTS)
def test_tokens_do_not_depend_on_the_rows_beside_them(rows: list[str]) -> None:
    together = scan(rows)[0] if rows else []
    assert together == [scan([row])[0][0] for row in rows]
    for row, tokens in zip(rows, together, strict=True):
        letters = [char for char in row if char.isalnum() or char == "_"]
        assert [char for token in tokens for char in token if char.isalnum() or char == "_"] == letters


@given(text=st.text(st.characters(min_codepoint=0x80, exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_characters_are_decoded_as_python_does(text: str) -> None:
    data = np.frombuffer(text.encode() + bytes(PAD), np.uint8)
    lead = np.flatnonzero(data >= 0xC0)
    codes, sizes = decode_characters(data, lead)
    assert codes.tolist() == [ord(char) for char in text]
    assert sizes.tolist() == [len(char.encode()) for char in text]
