"""Tables of the codecs, against Python's own."""

import codecs

import pytest

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import (
    CODECS,
    INDEX,
    NAMES,
    TABLES,
    byte_kind,
    own_characters,
)
from tests.transforms.kernels.cleaning.mojibake.wide_search.test_lattice import readings


@pytest.mark.parametrize("name", NAMES)
def test_no_character_is_both_kinds_of_byte_in_one_reading(name: str) -> None:
    row = INDEX[name]
    for char in filter(None, own_characters(name)):
        number = TABLES.number[ord(char)]
        stands_for = {int(t[row, number]) for t in (TABLES.first, TABLES.own, TABLES.alias)} - {0}
        assert stands_for == {b for b in readings(name, char) if b <= 0xF4 and b not in (0xC0, 0xC1)}


@pytest.mark.parametrize("name", NAMES)
def test_own_characters_are_those_that_python_decodes_but_for_controls(name: str) -> None:
    for byte, char in enumerate(own_characters(name), 0x80):
        plain = bytes([byte]).decode(name, "ignore")
        assert char == (None if not plain or "\x80" <= plain <= "\x9f" else plain)


def is_one_character(data: bytes) -> bool:
    try:
        return len(data.decode()) == 1
    except UnicodeDecodeError:
        return False


def test_kinds_of_bytes_are_those_of_utf_8() -> None:
    for byte in range(256):
        kind = byte_kind(byte)
        tries = [bytes([byte, second, *[0x80] * (size - 2)]) for size in (2, 3, 4) for second in range(0x80, 0xC0)]
        sizes = {f"lead{len(data)}" for data in tries if is_one_character(data)}
        assert sizes == ({kind} - {"trail", ""})
        assert (kind == "trail") == (0x80 <= byte < 0xC0)


def test_each_codec_is_listed_once_and_python_has_it() -> None:
    assert len(set(NAMES)) == len(NAMES) == len(CODECS)
    assert [INDEX[name] for name in NAMES] == list(range(len(NAMES)))
    assert len({codecs.lookup(name).name for name in NAMES}) == len(NAMES)
    assert len(NAMES) <= 64  # bits of a mask
