"""Signatures tell independent documents apart."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.learning.signatures import signatures_of
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from tests.transforms.kernels.boilerplate.learning.test_learn import MENU, page, paragraph


def test_near_duplicates_share_a_signature_and_pages_of_one_site_do_not() -> None:
    same = signatures_of(split_lines(pa.array([page(1, MENU), page(1, MENU[:3]), page(1, [])])))
    assert len(set(same.tolist())) == 1
    assert len(set(signatures_of(split_lines(pa.array([page(k, MENU) for k in range(30)]))).tolist())) == 30
    assert signatures_of(split_lines(pa.array(["", None, "\n\n"], pa.string()))).tolist() == [0, 0, 0]


def test_a_signature_is_of_the_text_and_not_of_the_lines_beside_it() -> None:
    text, other = paragraph(1), paragraph(2)
    alike = [text, f"{text}\nHome\nAbout", f"Home\nAbout\n{text}", f"Home\n\n\n{text}\n{text}"]
    assert len(set(signatures_of(split_lines(pa.array(alike))).tolist())) == 1
    assert signatures_of(split_lines(pa.array([text, other])))[0] != signatures_of(split_lines(pa.array([other])))[0]


@given(texts=st.lists(st.none() | st.text(alphabet="ab .!?。漢\n", max_size=300), max_size=6), cut=st.integers(0, 6))
def test_a_signature_does_not_depend_on_the_batch(texts: list[str | None], cut: int) -> None:
    column = pa.array(texts, pa.string())
    whole = signatures_of(split_lines(column)).tolist()
    assert whole == [
        *signatures_of(split_lines(column[:cut])).tolist(),
        *signatures_of(split_lines(column[cut:])).tolist(),
    ]
    assert all(signature == 0 for text, signature in zip(texts, whole, strict=True) if not (text or "").strip("\n"))


def test_short_texts_that_begin_with_a_blank_line_are_told_apart() -> None:
    first, second = signatures_of(split_lines(pa.array(["\nred kites", "\nblue tits"]))).tolist()
    assert first != second
    assert 0 not in (first, second)
