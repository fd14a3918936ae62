"""Keys of whole columns: what is equal, what is not, and what does not matter."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from datasketch import MinHash
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.bands import band_keys
from corpusmill.transforms.kernels.duplicates.document_keys import DocumentKeys, document_keys
from corpusmill.transforms.kernels.duplicates.minhash import hashes32
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.shingles import shingle_hashes
from corpusmill.transforms.kernels.duplicates.tokens import token_hashes

SETTINGS = DedupSettings()
TEXTS = st.lists(
    st.one_of(
        st.none(),
        st.sampled_from(
            ["", "…", "—", "one two", "One  two!", "a b c d e", "a b c d e f", "世界你好吗", "e\u0301 b c d e"]
        ),
        st.lists(st.sampled_from("abc"), max_size=20).map(" ".join),
    ),
    max_size=12,
)


def keys_of(texts: Sequence[str | None]) -> DocumentKeys:
    return document_keys(pa.array(texts, pa.string()), SETTINGS)


def as_rows(keys: DocumentKeys) -> list[tuple[object, ...]]:
    columns = (keys.valid, keys.tokens, keys.text_hash, keys.group_key, keys.band_keys, keys.near, keys.capped)
    return list(zip(*(np.asarray(column).tolist() for column in columns), strict=True))


@hypothesis_settings(deadline=None, max_examples=150)
@given(TEXTS, st.integers(0, 12))
def test_keys_do_not_depend_on_the_batch(texts: list[str | None], cut: int) -> None:
    assert as_rows(keys_of(texts)) == as_rows(keys_of(texts[:cut])) + as_rows(keys_of(texts[cut:]))


@hypothesis_settings(deadline=None, max_examples=150)
@given(TEXTS)
def test_equal_texts_have_equal_keys_and_equal_hashes_mean_equal_texts(texts: list[str | None]) -> None:
    rows = as_rows(keys_of(texts))
    for i, first in enumerate(texts):
        for j, second in enumerate(texts):
            if first is not None and second is not None:
                assert (rows[i][2] == rows[j][2]) == (first == second)
            if first == second:
                assert rows[i] == rows[j]


def test_the_text_hash_is_blake2b_of_the_utf8_bytes() -> None:
    keys = keys_of(["Œuvre", ""])
    for row, text in zip(keys.text_hash, ("Œuvre", ""), strict=True):
        assert row.astype("<u8").tobytes() == hashlib.blake2b(text.encode(), digest_size=16).digest()


def test_null_rows_have_no_keys() -> None:
    keys = keys_of([None, "a b c d e f"])
    assert keys.valid.tolist() == [False, True]
    assert not keys.text_hash[0].any()
    assert not keys.group_key[0].any()
    assert not keys.band_keys[0].any()


def test_texts_without_tokens_are_grouped_by_their_text_only() -> None:
    keys = keys_of(["…", "", "…", "—"])
    assert keys.tokens.tolist() == [0, 0, 0, 0]
    assert not keys.near.any()
    assert (keys.group_key[0] == keys.group_key[2]).all()
    assert len({tuple(row) for row in keys.group_key.tolist()}) == 3


def test_texts_that_differ_in_case_punctuation_and_form_are_one_group() -> None:
    keys = keys_of(["Été, one two three: four five", "e\u0301te\u0301 ONE two THREE (four) five…"])
    assert (keys.group_key[0] == keys.group_key[1]).all()
    assert (keys.text_hash[0] != keys.text_hash[1]).any()


def test_short_texts_are_not_one_bucket() -> None:
    keys = keys_of(["cat", "dog", "cat dog", "dog cat", "CAT"])
    assert not keys.near.any()
    assert len({tuple(row) for row in keys.group_key.tolist()}) == 4


def test_band_keys_are_those_of_datasketch_signatures() -> None:
    texts = ["the quick brown fox jumps over the lazy dog again", "世界你好吗今天", "x y z"]
    keys = keys_of(texts)
    shingles = shingle_hashes(token_hashes(pa.array(texts)), 5)
    rows = []
    for i in range(2):
        sketch = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=int)
        sketch.update_batch(hashes32(shingles)[shingles.offsets[i] : shingles.offsets[i + 1]].tolist())
        rows.append(sketch.hashvalues)
    assert keys.near.tolist() == [True, True, False]
    assert (keys.band_keys[:2] == band_keys(np.array(rows).T, SETTINGS.banding)).all()


def test_a_document_beyond_the_cap_has_the_band_keys_of_its_beginning() -> None:
    words = [f"w{i}" for i in range(500)]
    capped = document_keys(pa.array([" ".join(words), "a b c d e f g", None]), DedupSettings(max_shingles=100))
    beginning = document_keys(pa.array([" ".join(words[:104]), "a b c d e f g", None]), SETTINGS)
    assert capped.capped.tolist() == [True, False, False]
    assert (capped.band_keys == beginning.band_keys).all()
    assert (capped.group_key[0] != beginning.group_key[0]).any()


def test_the_seed_changes_the_band_keys_and_nothing_else() -> None:
    text = pa.array(["a b c d e f g h"])
    one, two = document_keys(text, SETTINGS), document_keys(text, DedupSettings(seed=2))
    assert (one.band_keys != two.band_keys).all()
    assert (one.group_key == two.group_key).all()
