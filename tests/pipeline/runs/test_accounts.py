"""Accounts that do not agree end a run, and the message names what differs."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.config import load_config
from corpusmill.runs.accounts import AccountingError, Claim, require, row_claims
from corpusmill.runs.output_files import output_files
from corpusmill.transforms.writing.receipts import Receipt, add_receipts

NAMES = ("part-00000-of-00002.parquet", "part-00001-of-00002.parquet")
CONFIG = load_config(None, ["output.index=false"])


def _receipts(tmp_path: Path) -> list[Receipt]:
    """Write two shards, three kept documents and a duplicate in each."""
    for folder, rows in (("audit", 4), ("corpus", 3), ("removed", 1)):
        for name in NAMES:
            (tmp_path / folder).mkdir(exist_ok=True)
            pq.write_table(pa.table({"id": list(range(rows))}), tmp_path / folder / name)
    return [
        Receipt(
            shard=shard,
            decisions={"kept": 3, "duplicate": 1},
            reasons={"dedup.near": 1},
            chars_out=30,
            text_bytes=33,
            rows={"audit": 4, "corpus": 3, "removed": 1, "rejected": 0},
            files={folder: [NAMES[shard]] for folder in ("audit", "corpus", "removed")},
            checksums={folder: {NAMES[shard]: f"{folder[0]}{shard}"} for folder in ("audit", "corpus", "removed")},
        )
        for shard in (1, 0)
    ]


def test_receipts_add_up_in_the_order_of_the_shards(tmp_path: Path) -> None:
    written = add_receipts(_receipts(tmp_path))
    assert written.decisions == {"kept": 6, "duplicate": 2}
    assert written.reasons == {"dedup.near": 2}
    assert (written.chars_out, written.text_bytes) == (60, 66)
    assert written.files["corpus"] == list(NAMES)
    assert written.checksums["removed"] == {NAMES[0]: "r0", NAMES[1]: "r1"}


def test_files_that_hold_what_was_decided_are_accepted(tmp_path: Path) -> None:
    require(
        str(tmp_path),
        row_claims(output_files(str(tmp_path), CONFIG, {}), add_receipts(_receipts(tmp_path))),
        "run it again",
    )


@pytest.mark.parametrize(
    ("folder", "rows", "message"),
    [
        ("audit", 5, "documents kept or duplicate or filtered or rejected: 8, rows in audit/: 9"),
        ("corpus", 2, "documents kept: 6, rows in corpus/: 5"),
        ("removed", 2, "documents duplicate: 2, rows in removed/: 3"),
    ],
)
def test_a_file_that_holds_another_number_of_rows_is_named(
    tmp_path: Path, folder: str, rows: int, message: str
) -> None:
    receipts = _receipts(tmp_path)
    pq.write_table(pa.table({"id": list(range(rows))}), tmp_path / folder / NAMES[1])
    with pytest.raises(AccountingError, match=message) as raised:
        require(
            str(tmp_path), row_claims(output_files(str(tmp_path), CONFIG, {}), add_receipts(receipts)), "run it again"
        )
    assert repr(str(tmp_path)) in str(raised.value)
    assert str(raised.value).endswith("; run it again")


def test_only_claims_that_are_wrong_are_named() -> None:
    claims = [Claim("documents read", 3, "decisions made", 3), Claim("splits planned", 2, "splits written", 1)]
    with pytest.raises(AccountingError, match=r"\(splits planned: 2, splits written: 1\)"):
        require("out", claims, "run it again")
