"""Which pairs are verified, against a plain comparison of sets of shingles."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.comparison import Side, verify_pairs
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings

WORDS = [f"word{k}" for k in range(12)]


def plain(text: str, size: int = 5) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[k : k + size]) for k in range(max(1, len(words) - size + 1))} if words else set()


def side(texts: list[str], rows: list[int], stays: list[bool] | None = None) -> Side:
    flags = np.zeros(len(rows), bool) if stays is None else np.array(stays)
    return Side(pa.array(texts, pa.string()), np.array(rows, np.int64), flags)


@given(
    texts=st.lists(st.lists(st.sampled_from(WORDS[:5]), max_size=14).map(" ".join), min_size=2, max_size=5),
    pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=8),
)
@settings(deadline=None)
def test_pairs_at_or_above_the_threshold_are_verified_with_their_similarity(
    texts: list[str], pairs: list[tuple[int, int]]
) -> None:
    pairs = [(a % len(texts), b % len(texts)) for a, b in pairs]
    left, right = ([pair[k] for pair in pairs] for k in (0, 1))
    found = verify_pairs(side(texts, left), side(texts, right), DedupSettings(threshold=0.6))
    expected = {}
    for place, (a, b) in enumerate(pairs):
        one, other = plain(texts[a]), plain(texts[b])
        similarity = len(one & other) / len(one | other) if one | other else 0.0
        if similarity >= 0.6:
            expected[place] = similarity
    assert dict(zip(found.place.tolist(), found.similarity.tolist(), strict=True)) == expected
    assert found.with_operators.tolist() == found.similarity.tolist()  # there are no operators


LONG = " ".join(WORDS)


def test_two_documents_that_are_never_removed_are_no_pair() -> None:
    for stays, verified in (((True, True), []), ((True, False), [0]), ((False, True), [0]), ((False, False), [0])):
        sides = [side([LONG], [0], [flag]) for flag in stays]
        assert verify_pairs(sides[0], sides[1], DedupSettings()).place.tolist() == verified


def test_a_document_that_stays_is_no_reason_to_remove_a_longer_one() -> None:
    texts = [LONG, " ".join(WORDS[:8])]
    contained = DedupSettings(similarity="containment", keep="longest")
    assert verify_pairs(side(texts, [0]), side(texts, [1]), contained).place.tolist() == [0]
    assert verify_pairs(side(texts, [0]), side(texts, [1], [True]), contained).place.tolist() == []
    assert verify_pairs(side(texts, [0], [True]), side(texts, [1]), contained).place.tolist() == [0]
    assert verify_pairs(side(texts, [1], [True]), side(texts, [0]), contained).place.tolist() == []


def test_operators_count_as_words_too() -> None:
    texts = [" ".join([*WORDS[:6], "x", sign, "1", *WORDS[6:]]) for sign in ("+", "<", "+")]
    found = verify_pairs(side(texts, [0, 0]), side(texts, [1, 2]), DedupSettings(threshold=0.9))
    assert found.place.tolist() == [1]
    low = verify_pairs(side(texts, [0]), side(texts, [1]), DedupSettings(threshold=0.3))
    assert low.with_operators[0] < low.similarity[0] == 1.0


def test_without_pairs_and_without_words_nothing_is_verified() -> None:
    assert verify_pairs(side([LONG], []), side([LONG], []), DedupSettings()).place.tolist() == []
    assert verify_pairs(side(["!", ""], [0, 1]), side(["!", ""], [0, 1]), DedupSettings()).place.tolist() == []
