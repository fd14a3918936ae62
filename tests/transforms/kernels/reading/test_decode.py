from typing import Any

import chardet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.reading.decode import (
    INVALID_BYTES,
    LONE_SURROGATE,
    CharsetMemory,
    UndecodableError,
    byte_order_mark,
    decode_document,
    decode_stated,
    replace_lone_surrogates,
)

RUSSIAN = "Старый фонарь у реки светил всю ночь, и никто не знал, кто его зажигает. Утром пришли дети и увидели письмо."
GERMAN = "Über die grüne Brücke gehen täglich fünf Mädchen; sie hören schöne Lieder und größere Flöten. Das weiß man."


@settings(deadline=None, max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    decoded = decode_document(text.encode())
    if text.startswith("\ufeff"):
        assert decoded == (text[1:], "utf-8-sig", ())
    else:
        assert decoded == (text, "utf-8", ())


@settings(deadline=None, max_examples=50)
@given(st.text(), st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]))
def test_a_byte_order_mark_decides(text: str, codec: str) -> None:
    decoded = decode_document(text.encode(codec))
    # A text of one NUL in UTF-16 begins like the mark of UTF-32; nothing in the bytes tells them apart.
    if not (codec == "utf-16" and text.startswith("\0")):
        assert decoded.text == text
        assert decoded.encoding.startswith(codec)
        assert decoded.findings == ()


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_give_valid_text_or_the_error(data: bytes) -> None:
    try:
        decoded = decode_document(data)
    except UndecodableError:
        return
    decoded.text.encode("utf-8")
    assert all(count > 0 for _, count in decoded.findings)
    assert decode_document(data) == decoded


def test_legacy_charsets_are_detected() -> None:
    assert decode_document(RUSSIAN.encode("cp1251")) == (RUSSIAN, "cp1251", ())
    assert decode_document(RUSSIAN.encode("koi8-r")).text == RUSSIAN
    assert decode_document(GERMAN.encode("cp1252")).text == GERMAN


def test_stray_bytes_in_utf8_do_not_spoil_the_rest() -> None:
    data = GERMAN.encode() + b" It\x92s 5 \x80. " + GERMAN.encode()
    assert decode_document(data) == (f"{GERMAN} It’s 5 €. {GERMAN}", "utf-8", ((INVALID_BYTES, 2),))


def test_a_sequence_cut_at_the_end_becomes_one_replacement() -> None:
    data = (GERMAN + "💥").encode()[:-1]
    assert decode_document(data) == (GERMAN + "\N{REPLACEMENT CHARACTER}", "utf-8", ((INVALID_BYTES, 1),))


def test_surrogates_encoded_in_utf8_are_joined_or_replaced() -> None:
    pair = "\ud83d\udca5".encode("utf-8", "surrogatepass")
    assert decode_document(b"a" + pair) == ("a💥", "cesu-8", ())
    lone = "\ud83d".encode("utf-8", "surrogatepass")
    assert decode_document(lone + b"a") == ("\N{REPLACEMENT CHARACTER}a", "cesu-8", ((LONE_SURROGATE, 1),))


def test_lone_surrogates_in_utf16_are_replaced_and_counted() -> None:
    data = "\ufeffa\ud800b".encode("utf-16-le", "surrogatepass")
    assert decode_document(data) == ("a\N{REPLACEMENT CHARACTER}b", "utf-16-le", ((LONE_SURROGATE, 1),))


def test_an_odd_byte_at_the_end_of_utf16_is_counted() -> None:
    decoded = decode_document("\ufeffab".encode("utf-16-be") + b"\x00")
    assert decoded == ("ab\N{REPLACEMENT CHARACTER}", "utf-16-be", ((INVALID_BYTES, 1),))


def test_binary_data_is_refused() -> None:
    with pytest.raises(UndecodableError, match="binary"):
        decode_document(bytes(range(256)) * 8)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(["a", "\ud83d", "\udca5", "💥", "é"]), max_size=12).map("".join))
def test_only_surrogates_without_partner_are_replaced(text: str) -> None:
    fixed, lone = replace_lone_surrogates(text)
    # Every high surrogate directly before a low one is a pair, left to right.
    expected, count, index = [], 0, 0
    while index < len(text):
        if text[index : index + 2] == "\ud83d\udca5":
            expected.append("💥")
            index += 2
            continue
        surrogate = 0xD800 <= ord(text[index]) < 0xE000
        expected.append("\N{REPLACEMENT CHARACTER}" if surrogate else text[index])
        count += surrogate
        index += 1
    assert (fixed, lone) == ("".join(expected), count)


def test_the_mark_of_utf32_is_not_taken_for_that_of_utf16() -> None:
    assert byte_order_mark("\ufeffa".encode("utf-32-le")) == ("utf-32-le", 4)
    assert byte_order_mark("\ufeffa".encode("utf-16-le")) == ("utf-16-le", 2)
    assert byte_order_mark(b"a") == ("", 0)


def test_a_file_in_one_charset_reads_its_short_lines_in_it() -> None:
    memory = CharsetMemory()
    for length in range(40, len(RUSSIAN)):
        decode_document(RUSSIAN[:length].encode("cp1251"), memory)
    assert memory.usual() == "cp1251"
    assert decode_document("нос".encode("cp1251"), memory).text == "нос"


def test_the_detector_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    detect = chardet.detect

    def count(*args: Any, **kwargs: Any) -> Any:
        nonlocal asked
        asked += 1
        return detect(*args, **kwargs)

    monkeypatch.setattr(chardet, "detect", count)
    memory = CharsetMemory()
    for number in range(3000):
        decode_document(b"\xe9%d\xff%d\x98" % (number, number * 7), memory)
    assert asked <= 1000


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_a_mark_is_read_and_named(codec: str) -> None:
    assert decode_document(RUSSIAN.encode(codec)) == (RUSSIAN, codec, ())


def test_a_wide_text_that_is_cut_keeps_what_stands_before_the_cut() -> None:
    decoded = decode_document(GERMAN.encode("utf-16-le") + b"x")
    assert decoded == (GERMAN + "\N{REPLACEMENT CHARACTER}", "utf-16-le", ((INVALID_BYTES, 1),))


def test_text_with_a_few_nuls_or_padded_with_them_is_no_binary_data() -> None:
    log = b"first line of a log\n" * 20 + b"\0\0" + b"last line\n"
    assert decode_document(log).text == log.decode()
    padded = b"a record in a block of a tape\n".ljust(50, b"\0")
    assert decode_document(padded).text.rstrip("\0") == "a record in a block of a tape\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\0" * 500 + b"sparse", "NULs"),
        (bytes(range(1, 7)) * 30, "control"),
        (b"\x80\x02\x05caf\xe9\x01\x03", "control"),
        (b"\x1b$Bnot a sound sequence", "ISO-2022"),
    ],
)
def test_data_that_is_no_text_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(UndecodableError, match=why):
        decode_document(data)


def test_controls_that_text_holds_do_not_make_it_binary() -> None:
    for text in (
        "N\bNA\bAM\bME\bE\n\tls - list\f" * 5,
        "\x1b[1mbold\x1b[0m \x1b(B plain\r\n" * 5,
        "\x07 a bell",
    ):
        assert decode_document(text.encode()).text == text


def test_seven_bit_text_is_read_and_its_cut_end_is_counted() -> None:
    data = "会議は明日の午後です。".encode("iso2022_jp")
    assert decode_document(data) == ("会議は明日の午後です。", "iso2022_jp", ())
    # the escape sequence back to ASCII and half a character are gone
    assert decode_document(data[:-4]) == (
        "会議は明日の午後です\N{REPLACEMENT CHARACTER}",
        "iso2022_jp",
        ((INVALID_BYTES, 1),),
    )


def test_a_line_of_a_file_is_read_in_iso_2022_too() -> None:
    line = '{"text": "漢字とかな"}'.encode("iso2022_jp")
    assert decode_document(line, CharsetMemory()).text == '{"text": "漢字とかな"}'


def test_a_stated_encoding_is_taken_at_its_word() -> None:
    data = "½ kg façade".encode("cp1252")
    assert decode_stated(data, "iso8859-15").text == "œ kg façade"
    assert decode_stated("plaît".encode(), "cp1252").text == "plaÃ®t"


def test_a_byte_order_mark_says_more_than_the_statement() -> None:
    assert decode_stated("\ufeffplaît".encode("utf-16-le"), "cp1252") == ("plaît", "utf-16-le", ())


def test_what_does_not_fit_a_stated_encoding_is_counted() -> None:
    assert decode_stated(b"a\x81b", "cp1252") == ("a\N{REPLACEMENT CHARACTER}b", "cp1252", ((INVALID_BYTES, 1),))


def test_the_charset_of_the_lines_before_weighs_with_short_ones() -> None:
    memory = CharsetMemory()
    for line in (
        "Vakar vakare nuėjome į miestą, nes oras buvo labai gražus ir šiltas.",
        "Turguje pirkome duonos, sūrio, žuvį ir šviežių daržovių.",
        "Grįžome tik po vidurnakčio, pavargę, bet laimingi; žvaigždės švietė.",
        "Šiandien lyja, todėl sėdime namie ir skaitome knygas apie jūrą.",
    ):
        decode_document(line.encode("cp1257"), memory)
    assert memory.leaning() == "cp1257"
    assert decode_document("visuomenės".encode("cp1257"), memory).text == "visuomenės"
