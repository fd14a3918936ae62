"""Names of encodings as people write them."""

import pytest

from corpusmill.transforms.kernels.reading.encoding_names import canonical_encoding, keeps_lines


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("UTF8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("UTF-16BE", "utf-16-be"),
        ("latin-1", "iso8859-1"),
        ("Windows-1251", "cp1251"),
        (" Shift_JIS ", "shift_jis"),
    ],
)
def test_any_spelling_gives_pythons_name(name: str, canonical: str) -> None:
    assert canonical_encoding(name) == canonical


@pytest.mark.parametrize(("name", "near"), [("windows-1225", "windows-125"), ("latin-99", "latin"), ("utf-88", "utf")])
def test_an_unknown_name_gets_the_nearest(name: str, near: str) -> None:
    with pytest.raises(ValueError, match=f"{name}.*did you mean '{near}"):
        canonical_encoding(name)


@pytest.mark.parametrize("name", ["rot13", "base64", "", "Klingon", "a\0b"])
def test_what_is_no_charset_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no encoding"):
        canonical_encoding(name)


def test_a_notation_is_no_charset() -> None:
    with pytest.raises(ValueError, match="notation"):
        canonical_encoding("unicode_escape")


def test_only_charsets_over_ascii_keep_lines() -> None:
    assert all(map(keeps_lines, ["utf-8", "cp1252", "koi8-r", "shift_jis", "gb18030", "big5", "euc_jp"]))
    assert not any(map(keeps_lines, ["utf-16-le", "utf-32-be", "utf-7", "cp500", "cp037", "iso2022_jp", "hz"]))
