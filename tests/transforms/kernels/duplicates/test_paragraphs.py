import random
import re
import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.paragraph_settings import ParagraphSettings
from corpusmill.transforms.kernels.duplicates.paragraphs import cut_paragraphs, find_paragraphs, repeated_paragraphs

LINES = st.sampled_from(["", " ", "Ein Satz.", "ein  SATZ!", "Noch ein Satz", "ﬁn", "fin", "日本語 の 文", "x", "\t"])
TEXTS = st.one_of(st.none(), st.lists(LINES, max_size=8).map("\n".join))


def plain_paragraphs(text: str | None, least: int) -> list[tuple[int, int, str]]:
    """(first line, line after the last, normalized text) of the paragraphs of a text."""
    lines = [] if text is None else text.split("\n")
    by_blank = any(not line.strip() for line in lines)
    blocks: list[list[int]] = []
    for number, line in enumerate(lines):
        if line.strip():
            if by_blank and blocks and blocks[-1][-1] == number - 1:
                blocks[-1].append(number)
            else:
                blocks.append([number])
    found = []
    for block in blocks:
        joined = unicodedata.normalize("NFKC", " ".join(lines[number] for number in block)).lower()
        normal = re.sub(r"[\W_]+", " ", joined).strip()
        if len(normal) >= least:
            found.append((block[0], block[-1] + 1, normal))
    return found


@settings(deadline=None, max_examples=150)
@given(st.lists(TEXTS, max_size=6), st.integers(1, 12))
def test_paragraphs_are_those_of_a_plain_reading(texts: list[str | None], least: int) -> None:
    found = find_paragraphs(pa.array(texts, pa.string()), ParagraphSettings(min_chars=least))
    expected = [(row, *paragraph) for row, text in enumerate(texts) for paragraph in plain_paragraphs(text, least)]
    spans = zip(found.row.tolist(), found.first_line.tolist(), found.end_line.tolist(), strict=True)
    assert list(spans) == [paragraph[:3] for paragraph in expected]
    keys = [tuple(key) for key in found.key.tolist()]
    by_text: dict[Any, Any] = {}
    for key, (*_, normal) in zip(keys, expected, strict=True):
        assert by_text.setdefault(normal, key) == key
    assert len(set(by_text.values())) == len(by_text)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=30),
    st.sampled_from(["every", "first", "none"]),
    st.randoms(use_true_random=False),
)
def test_copies_go_as_the_setting_says_whatever_their_order(
    paragraphs: list[tuple[int, int]], keep: str, rng: random.Random
) -> None:
    chosen = ParagraphSettings(keep=keep)

    def goes(order: list[tuple[int, int]]) -> list[bool]:
        key = np.array([[text, text * 7] for text, _ in order], np.uint64).reshape(-1, 2)
        found: list[bool] = repeated_paragraphs(key, np.array([k for _, k in order], np.uint64), chosen).tolist()
        return found

    holders = {text: {k for other, k in paragraphs if other == text} for text, _ in paragraphs}
    expected = {
        (text, k): {
            "every": False,
            "first": k != min(holders[text]),
            "none": len(holders[text]) > 1,
        }[keep]
        for text, k in paragraphs
    }
    shuffled = list(paragraphs)
    rng.shuffle(shuffled)
    for order in (paragraphs, shuffled):
        assert goes(order) == [expected[paragraph] for paragraph in order]


@settings(deadline=None, max_examples=150)
@given(st.lists(LINES, min_size=1, max_size=10).map("\n".join), st.data())
def test_a_cut_text_has_the_other_paragraphs_as_they_were(text: str, data: st.DataObject) -> None:
    found = plain_paragraphs(text, 1)
    going = data.draw(st.lists(st.sampled_from(found), unique=True) if found else st.just([]))
    spans = sorted((first, end) for first, end, _ in going)
    cut = cut_paragraphs(text, spans)
    lines = text.split("\n")
    gone = {number for first, end in spans for number in range(first, end)}
    rest = [line for number, line in enumerate(lines) if number not in gone and line.strip()]
    if not rest:
        assert cut is None
        return
    assert cut is not None
    assert [line for line in cut.text.split("\n") if line.strip()] == rest
    assert cut.removed == [(number, lines[number]) for number in sorted(gone)]
    if not spans:
        assert cut.text == text


def test_no_gap_is_left_where_a_paragraph_was() -> None:
    text = "One.\n\nTwo\ngoes.\n\nThree.\n\nFour goes."
    cut = cut_paragraphs(text, [(2, 4), (7, 8)])
    assert cut is not None
    assert cut.text == "One.\n\nThree."
    assert cut.removed == [(2, "Two"), (3, "goes."), (7, "Four goes.")]
    cut = cut_paragraphs("A goes.\n\nB.", [(0, 1)])
    assert cut is not None
    assert cut.text == "B."


def test_paragraphs_that_differ_in_case_blanks_and_signs_are_one() -> None:
    texts = pa.array(["The  Kites flew,\nfar away.\n\nx", "the kites flew far away!", "The kites flew far away twice"])
    found = find_paragraphs(texts, ParagraphSettings(min_chars=10))
    assert found.row.tolist() == [0, 1, 2]
    assert (found.key[0] == found.key[1]).all()
    assert (found.key[0] != found.key[2]).any()
