"""What counts of a line: the same by each way that it is computed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.lines.folding import _UNCHANGED_PAGES, fold_bytes, fold_char, fold_line

ASCII = st.text(st.characters(max_codepoint=0x7F))


@given(ASCII)
def test_an_ascii_line_folds_as_its_characters_do(line: str) -> None:
    folded = "".join("0" if char.isdigit() else char for char in map(fold_char, line))
    while "00" in folded:
        folded = folded.replace("00", "0")
    assert fold_line(line) == folded


@given(ASCII)
def test_an_ascii_line_folds_as_it_does_beside_an_accent(line: str) -> None:
    assert fold_line(f"{line}é").removesuffix("e") == fold_line(line)


def test_pages_of_letters_that_fold_to_themselves_hold_no_other() -> None:
    codes = [code for pages in _UNCHANGED_PAGES for code in range(pages.start << 8, pages.stop << 8)]
    assert [code for code in codes if fold_char(chr(code)) != chr(code)] == []
    text = "".join(map(chr, codes))
    assert fold_bytes(text.encode()).tolist() == codes
