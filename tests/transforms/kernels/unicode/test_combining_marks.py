import re
import unicodedata

from corpusmill.transforms.kernels.unicode.combining_marks import (
    mark_pair,
    marks,
    nonstarters,
    outline_of_marks,
    shared_marks,
)

ACUTE, KEYCAP, VIRAMA = 0x301, 0x20E3, 0x94D


def python_pattern(re2: str) -> re.Pattern[str]:
    r"""Write `\x{301}` as Python has it."""
    return re.compile(re.sub(r"\\x\{([0-9a-f]+)\}", lambda match: re.escape(chr(int(match[1], 16))), re2))


def test_marks_stack_and_keycaps_and_selectors_do_not() -> None:
    assert {ACUTE, VIRAMA} <= marks()
    assert not {KEYCAP, 0xFE0F, ord("a")} & marks()


def test_shared_marks_belong_to_no_script_of_their_own() -> None:
    assert shared_marks() < marks()
    assert ACUTE in shared_marks()
    assert VIRAMA not in shared_marks()


def test_nonstarters_are_those_of_the_standard_library() -> None:
    own = {code for code in range(0x10000) if unicodedata.combining(chr(code))}
    assert own <= nonstarters()


def test_two_marks_are_found_and_one_is_not() -> None:
    pair = python_pattern(mark_pair())
    assert pair.search("a\u0301\u0302")
    assert not pair.search("a\u0301b\u0302")


def test_the_outline_finds_every_mark() -> None:
    outline = python_pattern(outline_of_marks())
    assert all(outline.search(chr(code)) for code in marks() | nonstarters())
    assert not outline.search("plain words, 123")
