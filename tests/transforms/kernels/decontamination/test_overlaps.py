"""n-grams of items in documents: compared with a plain search for words, over all places."""

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.decontamination.benchmark_index import ITEM_SCHEMA, build_index, stable_order
from corpusmill.transforms.kernels.decontamination.overlaps import OVERLAP, decontaminate_column
from corpusmill.transforms.kernels.decontamination.settings import DecontaminateSettings
from corpusmill.transforms.kernels.duplicates.shingles import shingle_hashes
from corpusmill.transforms.kernels.duplicates.tokens import spelled_tokens, token_hashes

SETTINGS = DecontaminateSettings(ngram_words=5, min_words=3)
ALPHABET = ["ka", "lo", "mi", "né", "Ru", "漢", "字", "a-very-long-word-of-many-letters"]
WORDS = st.lists(st.sampled_from(ALPHABET), max_size=12)
PROSE = [f"word{number}" for number in range(400)]


def _items(*texts: str, benchmark: str = "quiz") -> pa.Table:
    rows = [{"benchmark": benchmark, "name": f"q{number}", "text": text} for number, text in enumerate(texts)]
    return pa.Table.from_pylist(rows, ITEM_SCHEMA)


def _words(text: str) -> list[bytes]:
    return spelled_tokens(pa.array([text], pa.large_string())).words_of(0)


def _grams(words: list[bytes], size: int) -> list[tuple[bytes, ...]]:
    return [tuple(words[k : k + size]) for k in range(len(words) - size + 1)]


def _plain_search(document: str, items: list[str], settings: DecontaminateSettings) -> dict[str, float]:
    """Item -> share of its n-grams, with sets of tuples of words."""
    own = {}
    for number, item in enumerate(items):
        words = _words(item)
        if len(words) >= settings.min_words:
            own[number] = set(_grams(words, min(len(words), settings.ngram_words)))
    holders = [gram for grams in own.values() for gram in grams]
    found = {}
    for number, grams in own.items():
        wanted = {gram for gram in grams if holders.count(gram) <= settings.max_items}
        there = {gram for gram in wanted if gram in _grams(_words(document), len(gram))}
        if there and len(there) / len(wanted) >= settings.min_share:
            found[f"q{number}"] = len(there) / len(wanted)
    return found


@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=4), st.integers(1, 3), st.sampled_from([0.0, 0.5, 1.0]))
def test_what_is_found_is_what_a_plain_search_finds(
    documents: list[list[str]], items: list[list[str]], max_items: int, min_share: float
) -> None:
    settings = SETTINGS.model_copy(update={"max_items": max_items, "min_share": min_share})
    item_texts = [" ".join(words) for words in items]
    texts = [" ".join(words) for words in documents]
    index, _ = build_index(_items(*item_texts), settings)
    result = decontaminate_column(pa.array(texts, pa.string()), index, settings)
    for row, text in enumerate(texts):
        found = {overlap.item: overlap.share for overlap in result.overlaps.get(row, ())}
        assert found == _plain_search(text, item_texts, settings)
    assert result.dropped == tuple(sorted(result.overlaps))
    assert result.text.to_pylist() == texts


def test_of_a_document_all_is_told_benchmark_item_share_line_and_words() -> None:
    rng = random.Random(1)
    question = " ".join(rng.choices(PROSE, k=20))
    index, (report,) = build_index(_items("nothing to see here, move on", question), DecontaminateSettings())
    assert (report.items, report.short, report.ngrams) == (2, 1, 8)
    half = " ".join(question.split()[:16]).upper()
    text = f"An article.\n\nSecond line,\nthird line: {half}, and so on."
    result = decontaminate_column(pa.array(["calm", None, text]), index, DecontaminateSettings())
    ((overlap,),) = result.overlaps.values()
    assert list(result.overlaps) == [2]
    assert (overlap.benchmark, overlap.item, overlap.share, overlap.ngrams) == ("quiz", "q1", 0.5, 4)
    assert overlap.line == 3
    assert overlap.ngram == " ".join(question.split()[:13])


def test_equal_hashes_of_other_words_are_no_overlap() -> None:
    index, _ = build_index(_items("one two three four five"), SETTINGS)
    forged = index.items.set_column(2, "text", pa.array(["six two three four five"], pa.large_string()))
    liar = type(index)(**{**vars(index), "items": forged})
    text = pa.array(["one two three four five"])
    assert decontaminate_column(text, index, SETTINGS).overlaps
    assert not decontaminate_column(text, liar, SETTINGS).overlaps


def test_paragraphs_are_cut_and_listed_and_nothing_left_drops_the_document() -> None:
    settings = SETTINGS.model_copy(update={"action": "cut"})
    index, _ = build_index(_items("one two three four five six seven"), settings)
    texts = [
        "First.\nStill first.\n\nHere: one two three\nfour five.\nEnd of it.\n\nLast.",
        "Line one.\nOne two three four five\nLine three.",
        "one two three four five",
        "Two three.\n\nfour five",
    ]
    result = decontaminate_column(pa.array(texts), index, settings)
    assert result.text.to_pylist() == ["First.\nStill first.\n\nLast.", "Line one.\nLine three.", *texts[2:]]
    assert result.dropped == (2,)
    assert result.removed == (
        (0, 3, "Here: one two three"),
        (0, 4, "four five."),
        (0, 5, "End of it."),
        (1, 1, "One two three four five"),
    )
    assert sorted(result.overlaps) == [0, 1, 2]
    assert OVERLAP == "decontaminate.overlap"


def test_the_result_does_not_depend_on_the_batch() -> None:
    rng = random.Random(2)
    items = [" ".join(rng.choices(PROSE, k=30)) for _ in range(50)]
    texts = [" ".join(rng.choices(PROSE, k=80)) for _ in range(40)]
    for number in range(0, 40, 7):
        texts[number] += "\n\n" + items[number]
    index, _ = build_index(_items(*items), DecontaminateSettings())
    whole = decontaminate_column(pa.array(texts), index, DecontaminateSettings())
    assert sorted(whole.overlaps) == list(range(0, 40, 7))
    for row, text in enumerate(texts):
        alone = decontaminate_column(pa.array([text]), index, DecontaminateSettings())
        assert alone.overlaps.get(0) == whole.overlaps.get(row)


def test_the_table_of_anchors_lets_few_other_places_through() -> None:
    rng = np.random.default_rng(3)
    index, _ = build_index(_items(*(" ".join(random.Random(k).choices(PROSE, k=60)) for k in range(200))), SETTINGS)
    others = rng.integers(0, 2**64, 200_000, np.uint64)
    # With half an anchor a cell, one cell in 13 has two, seven bits of 16, which hold 35 of the 1,820 fours of bits.
    assert len(index.anchored(others)) / len(others) < 1 / 250


@given(st.lists(st.integers(0, 300), max_size=400), st.integers(0, 3))
def test_hashes_are_sorted_as_a_stable_sort_does(values: list[int], shift: int) -> None:
    """Also those that are alike in the bits that are sorted first, of which the places of all take the last ones."""
    low = np.array(values, np.uint64)
    hashes = low if shift == 0 else (low % np.uint64(7) << np.uint64(40 + shift)) + low // np.uint64(40)
    assert stable_order(hashes).tolist() == np.argsort(hashes, kind="stable").tolist()


@given(st.lists(st.lists(st.sampled_from(ALPHABET[:3]), max_size=12), max_size=12))
def test_every_anchor_is_in_the_table(items: list[list[str]]) -> None:
    index, _ = build_index(_items(*(" ".join(words) for words in items)), SETTINGS)
    texts = pa.array([" ".join(words) for words in items if len(words) >= SETTINGS.min_words], pa.string())
    anchors = shingle_hashes(token_hashes(texts), SETTINGS.min_words)
    there = np.zeros(len(anchors.hashes), bool)
    there[index.anchored(anchors.hashes)] = True
    assert there[anchors.offsets[:-1][np.diff(anchors.offsets) > 0]].all() or not index.grams.size


def test_no_items_and_no_texts_are_no_trouble() -> None:
    index, reports = build_index(_items(), SETTINGS)
    assert reports == []
    assert not decontaminate_column(pa.array(["a b c d e f"]), index, SETTINGS).overlaps
    index, _ = build_index(_items("a b c d e f"), SETTINGS)
    assert not decontaminate_column(pa.array([], pa.string()), index, SETTINGS).overlaps


@pytest.mark.parametrize(
    ("values", "message"),
    [({"ngram_words": 5}, r"min_words \(8\) is above"), ({"fields": []}, "names no field"), ({"min_share": 2}, "less")],
)
def test_settings_that_cannot_be_are_refused(values: dict[str, int] | dict[str, list[object]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DecontaminateSettings.model_validate(values)
