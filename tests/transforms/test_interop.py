import sys

import pyarrow as pa
import pytest
from datasketch import MinHash, MinHashLSH

from corpusmill.transforms.interop import to_datasketch
from corpusmill.transforms.kernels.duplicates.minhash import hashes32
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.shingles import shingle_hashes
from corpusmill.transforms.kernels.duplicates.tokens import token_hashes
from corpusmill.transforms.kernels.errors import UsageError

TEXTS = [
    "The ferry crosses the river every twenty minutes and carries six cars, or one cow and four cars.",
    "The ferry crosses the river every twenty minutes and carries six cars, or one cow and four carts.",
    "Closed on Mondays.",
    "",
]


def test_signatures_are_those_that_datasketch_makes_of_the_same_hashes() -> None:
    column = pa.array(TEXTS)
    shingles = shingle_hashes(token_hashes(column), 5)
    hashes = hashes32(shingles).tolist()
    for row, ours in enumerate(to_datasketch(column)):
        theirs = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=int)
        for value in hashes[shingles.offsets[row] : shingles.offsets[row + 1]]:
            theirs.update(value)
        assert ours.hashvalues.tolist() == theirs.hashvalues.tolist()


def test_signatures_work_in_datasketchs_own_index() -> None:
    minhashes = to_datasketch(pa.array(TEXTS), DedupSettings(num_perm=64, recall=0.99))
    index = MinHashLSH(threshold=0.5, num_perm=64)
    index.insert("ferry", minhashes[0])
    assert index.query(minhashes[1]) == ["ferry"]
    assert index.query(minhashes[2]) == []
    assert minhashes[0].jaccard(minhashes[1]) > 0.6


def test_without_datasketch_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasketch", None)
    with pytest.raises(UsageError, match=r"pip install 'corpusmill\[datasketch\]'"):
        to_datasketch(pa.array(["a"]))
