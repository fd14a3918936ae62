"""ISO-2022 and HZ, and the sound ASCII that looks a little like them."""

import pytest

from corpusmill.transforms.kernels.reading.seven_bit import decode_seven_bit, names_two_byte_set


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("題名: 春の知らせ\n本文です。", "iso2022_jp"),
        ("제목: 봄 소식\n본문입니다.", "iso2022_kr"),
        ("标题：春天的消息\n这是正文。", "hz"),
        ("价格 ~ 5 元", "hz"),
        ("Grüße aus Köln, 1 + 1 ist 2", "utf-7"),
        ("Привет, Маша, и Вася", "utf-7"),
    ],
)
def test_text_is_read_and_its_codec_named(text: str, codec: str) -> None:
    decoded = decode_seven_bit(text.encode(codec))
    assert decoded == (text, codec, False)


def test_vendor_characters_of_japanese_mail_are_read() -> None:
    # row 13, cell 1 of code page 932 is ①; row 13, cell 74 is ㈱
    data = b"\x1b$B-!-j\x1b(B and \x1b$B4A;z\x1b(B"
    assert decode_seven_bit(data) == ("①㈱ and 漢字", "iso2022_jp", False)


@pytest.mark.parametrize(
    "data",
    [
        b"plain text",
        b"\x1b[31mred\x1b[0m and \x1b(B",
        b'(format t "~{~a~^, ~}" names)',
        b"from ~{NAME~} to ~{CODE~}",
        b"~{ not paired ~}",
        b"home is ~/docs and ~{x",
        b"a+b-c and x+yz-w",
        b"call +358-9-1234 or +4930-5678",
        b"part A+EQA-1 and part B+CAQ-2",
        b"C++ and g++-12 with --std=c++20-strict",
        b"user+tag-list@example.org, user+news-digest@example.org",
        "~{VPND~} und größer".encode(),
    ],
)
def test_sound_text_is_none(data: bytes) -> None:
    assert decode_seven_bit(data) is None


def test_an_announced_set_that_does_not_decode_can_be_told() -> None:
    assert names_two_byte_set(b"\x1b$Bzzz{")
    assert not names_two_byte_set(b"\x1b$ costs 5")
