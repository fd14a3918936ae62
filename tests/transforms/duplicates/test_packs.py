"""Left texts on their way to the split of the right document."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpusmill.transforms.duplicates.packs as module
from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.duplicates.packs import PackReader, SendLeftTexts, unpack_distinct
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.keyed import keys_of, pack_pairs
from tests.families import corpus
from tests.transforms.staged import index, run

LIMITS = [{}, {"_PACK_BYTES": 300, "_MERGED_BYTES": 700}, {"_PACK_PAIRS": 3, "MAX_BYTES": 500}]


@pytest.mark.beam
@pytest.mark.parametrize("through_files", [False, True])
@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_every_pair_arrives_once_with_its_left_text(
    tmp_path: Path, through_files: bool, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(module, name, value)
    documents = corpus(5, 45)
    splits = [documents[:15], documents[15:40], documents[40:]]
    index(tmp_path, DedupSettings(), *splits)
    texts = {
        int(key): d["text"]
        for k, own in enumerate(splits)
        for key, d in zip(keys_of(k, np.arange(len(own))), own, strict=True)
    }
    keys = sorted(texts)
    pairs = [(a, b) for i, a in enumerate(keys) for b in keys[i + 1 :] if (a * 7 + b * 3) % 5 == 0]
    packed = [
        (split, pack_pairs(*np.array([p for p in pairs if p[0] >> 32 == int(first) >> 32], np.uint64).T))
        for split, first in ((k, keys_of(k, np.zeros(1, np.int64))[0]) for k in (0, 1))
    ]
    send = SendLeftTexts(str(tmp_path), within=False, exchange=Exchange(through_files=through_files))
    arrived = run(tmp_path / "run", packed, lambda given: {"out": given | send}, tuple[int, bytes])["out"]
    found = []
    for split, elements in arrived:
        reader = PackReader(str(tmp_path), elements)
        rights = set()
        for pack in reader.merged():
            left = pack.texts["document"].to_numpy()[pack.left]
            rights |= set(pack.right.tolist())
            found += list(zip(left.tolist(), keys_of(split, pack.right).tolist(), strict=True))
            assert pack.texts["text"].to_pylist() == [texts[key] for key in pack.texts["document"].to_pylist()]
        assert reader.right_rows().tolist() == sorted(rights)
    assert sorted(found) == [pair for pair in pairs if pair[0] >> 32 != int(keys_of(2, np.zeros(1, np.int64))[0]) >> 32]


@given(
    pairs=st.lists(
        st.lists(st.tuples(st.integers(0, 9), st.integers(10, 19)), min_size=1, max_size=9), min_size=1, max_size=4
    )
)
def test_packed_pairs_come_out_once_and_in_order(pairs: list[list[tuple[int, int]]]) -> None:
    packed = [pack_pairs(*(np.array(side, np.uint64) for side in zip(*own, strict=True))) for own in pairs]
    left, right = unpack_distinct(packed)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == sorted({pair for own in pairs for pair in own})
