"""C1 controls: which encoding they are bytes of, and which are no text."""

import pytest

from corpusmill.transforms.kernels.cleaning.mojibake import c1


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("le pr\x82sident a d\x82j\x85 parl\x82", "cp850"),
        ("Deja dos heridos un barco tur\x92stico", "mac-roman"),
        ("the \x93best\x94 day, don\x92t", "cp1252"),
        ("L\x92objectif d\x92aujourd\x92hui \x96 20 \x80", "cp1252"),
        ("\x95 item", "cp1252"),
        ("well\x85then", "cp1252"),
        ("pr\x82xzwq", ""),
    ],
)
def test_the_words_around_controls_tell_what_they_are(text: str, codec: str) -> None:
    assert c1.decide(text) == codec


def test_controls_that_are_no_text_are_left() -> None:
    assert c1.tables("a \x85 b \x80\x81\x82\x83 c \x93d\x94") == [(2, 3), (6, 10)]


@pytest.mark.parametrize("codec", ["cp1252", "cp850", "cp437", "mac-roman"])
def test_controls_are_read_as_bytes_of_the_encoding_and_nothing_else_is(codec: str) -> None:
    for byte in range(0x80, 0xA0):
        own = bytes([byte]).decode(codec, "ignore")
        assert c1.read_as(f"é{chr(byte)}€", codec) == f"é{own or chr(byte)}€"


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("don\x92t", []),
        ("\x80\x81\x82", []),  # three are no table
        ("\x92\x92\x92\x92\x92", []),  # one control, however often
        ("\x85", [(0, 1)]),
        ("a\x85b", []),
        ("\x80\x81\x85\x82 \x85", [(0, 4), (5, 6)]),
    ],
)
def test_rows_of_controls_and_line_ends_are_tables(text: str, spans: list[tuple[int, int]]) -> None:
    assert c1.tables(text) == spans


def test_a_text_of_controls_alone_is_survived() -> None:
    text = "\x80\x9f" * 50_000
    assert c1.tables(text) == []
    assert c1.decide(text) == "cp1252"
    assert len(c1.tables("\x80\x81\x82\x83 " * 20_000)) == 20_000
