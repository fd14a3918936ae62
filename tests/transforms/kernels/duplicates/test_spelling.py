"""What removes a document rests on its words: hashes that were made to collide remove nothing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates import shingles, similarity, verified
from corpusmill.transforms.kernels.duplicates.near_duplicates import find_duplicates
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.spelling import hashed_words, hashes_tell_words_apart, word_keys
from corpusmill.transforms.kernels.duplicates.tokens import spelled_tokens, token_hashes
from corpusmill.transforms.kernels.duplicates.verified import verified_similarity
from tests.transforms.kernels.duplicates.test_similarity import plain_similarity
from tests.transforms.kernels.duplicates.test_tokens import plain_tokens

GENUINE = "we left the island before the storm reached our anchorage"
FORGED = (
    "hhdy3sx0iadzr5kw 93tsi42fqs54bwyk aa4eg__x9w177kws gm32q66ve9nmcuz9 5nqo5k6i3s9bg6zs aa4eg__x9w177kws "
    "qx0doz9bq3gk08td fqp3hr0nc2es8o02 _6fomwvyqj3bszel imm_70ijkgt26507"
)
"""Made with the inverse of the mixing function: of sixteen bytes, eight at random and eight that bring the hash to that
of the word in the same place, tried until these are letters too."""

WORDS = st.sampled_from(
    [
        "a",
        "sail",
        "seashore",
        "shoreline",
        "Straße",
        "маяк",
        "маяки-и",
        "набережная",
        "é",
        "naïveté",
        "ﬁn",
        "東京",
        "x" * 200,
    ]
)
TEXTS = st.lists(st.none() | st.lists(WORDS, max_size=12).map(" ".join), max_size=6)


def test_the_forged_words_have_the_hashes_of_the_genuine_ones() -> None:
    hashes = token_hashes(pa.array([GENUINE, FORGED]))
    assert hashes.hashes[:10].tolist() == hashes.hashes[10:].tolist()


@pytest.mark.parametrize("words", [2, 4, 5, 7, 10])
@pytest.mark.parametrize("threshold", [0.1, 0.8, 1.0])
def test_a_forged_text_removes_nothing(words: int, threshold: float) -> None:
    genuine, forged = (" ".join(text.split()[:words]) for text in (GENUINE, FORGED))
    removed = find_duplicates(pa.array([forged, genuine, genuine.upper()]), DedupSettings(threshold=threshold))
    assert removed.removed.tolist() == [2]
    assert removed.partner.tolist() == [1]


def test_a_text_that_is_forged_in_part_is_as_similar_as_its_words_are() -> None:
    text = " ".join([*GENUINE.split(), *FORGED.split()[2:], "and then it was over and we went home"])
    genuine = " ".join([GENUINE, *GENUINE.split()[2:], "and then it was over and we went home"])
    settings = DedupSettings(threshold=0.2)
    one = np.array([0])
    found = verified_similarity(pa.array([text]), pa.array([genuine]), one, one, settings)
    assert found.tolist() == [plain_similarity(text, genuine, settings)]
    assert 0 < found[0] < 1


@hypothesis_settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_spelled_tokens_are_the_tokens(texts: list[str | None]) -> None:
    column = pa.array(texts, pa.string())
    spelled, plain = spelled_tokens(column), token_hashes(column)
    assert spelled.hashes.tolist() == plain.hashes.tolist()
    assert spelled.offsets.tolist() == plain.offsets.tolist()
    words = [[word.decode() for word in spelled.words_of(row)] for row in range(len(texts))]
    assert words == [plain_tokens(text or "") for text in texts]
    found = hashed_words(column).long
    every = [word.encode() for row in words for word in row]
    assert [every[token] for token in found.tokens.tolist()] == [word for word in every if len(word) > 8]
    for k, (token, length) in enumerate(zip(found.tokens.tolist(), found.lengths.tolist(), strict=True)):
        assert found.words[found.offsets[k] : found.offsets[k + 1]].astype("<u8").tobytes()[:length] == every[token]
    assert hashes_tell_words_apart(hashed_words(column))


@hypothesis_settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_word_keys_are_equal_exactly_where_the_words_are(texts: list[str | None]) -> None:
    keys = word_keys(hashed_words(pa.array([*texts, *texts[::-1]], pa.string()))).tolist()
    words = [plain_tokens(text or "") for text in [*texts, *texts[::-1]]]
    for i, first in enumerate(words):
        for j, second in enumerate(words):
            assert (keys[i] == keys[j]) == (first == second)


def test_hashes_that_stand_for_two_words_are_noticed() -> None:
    for one, other in zip(GENUINE.split(), FORGED.split(), strict=True):
        assert not hashes_tell_words_apart(hashed_words(pa.array([one, other])))
        assert hashes_tell_words_apart(hashed_words(pa.array([one, one, "another lighthouse keeper"])))


@pytest.mark.parametrize("bits", [4, 9, 14])
@pytest.mark.parametrize("chunk", [300, 1 << 20])
@pytest.mark.parametrize("kind", ["jaccard", "containment"])
def test_shingles_that_collide_by_chance_count_as_two(
    bits: int, chunk: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (shingles, similarity, verified):
        monkeypatch.setattr(module, "SET_BITS", bits)
    monkeypatch.setattr(verified, "CHECKED_BYTES", chunk)
    settings = DedupSettings(similarity=kind, keep="longest", shingle_size=2, threshold=0.3, recall=0.9, num_perm=512)
    rng = np.random.default_rng(5)
    texts = [" ".join(f"wave{x}" for x in rng.integers(0, 6, n)) for n in rng.integers(0, 30, 40)]
    i, j = rng.integers(0, 40, (2, 300))
    found = verified_similarity(pa.array(texts), pa.array(texts[::-1]), i, 39 - j, settings)
    expected = np.array([plain_similarity(texts[a], texts[b], settings) for a, b in zip(i, j, strict=True)])
    hashed = similarity.exact_similarity(pa.array(texts), pa.array(texts[::-1]), i, 39 - j, settings)
    near = hashed >= settings.threshold
    assert near.sum() > 15
    assert found[near].tolist() == expected[near].tolist()
