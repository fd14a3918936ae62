from dataclasses import asdict, replace
from pathlib import Path

from corpusmill.transforms import sealed
from corpusmill.transforms.writing.receipts import Receipt, add_receipts, read_receipt, standing_receipt


def receipt_of(out: Path, shard: int, rows: int) -> Receipt:
    name = f"part-{shard}.parquet"
    (out / "corpus").mkdir(exist_ok=True)
    (out / "corpus" / name).write_bytes(b"x" * rows)
    checksum = sealed.checksum_of(str(out / "corpus" / name))
    return Receipt(
        shard,
        {"kept": rows},
        {"dedup.near": 1},
        10 * rows,
        11 * rows,
        {"corpus": rows},
        {"corpus": [name]},
        {"corpus": {name: checksum}},
    )


def test_receipts_add_up_in_any_order(tmp_path: Path) -> None:
    receipts = [receipt_of(tmp_path, shard, shard + 1) for shard in range(3)]
    written = add_receipts(reversed(receipts))
    assert written == add_receipts(receipts)
    assert (written.decisions, written.rows["corpus"], written.chars_out) == ({"kept": 6}, 6, 60)
    assert written.files == {"corpus": ["part-0.parquet", "part-1.parquet", "part-2.parquet"]}
    assert set(written.checksums["corpus"]) == set(written.files["corpus"])


def test_a_receipt_counts_while_its_files_are_there_as_they_were(tmp_path: Path) -> None:
    receipt = receipt_of(tmp_path, 0, 5)
    path = tmp_path / "receipt.json"
    sealed.write_json(str(path), asdict(receipt), str(tmp_path))
    assert read_receipt(str(path)) == receipt
    assert standing_receipt(str(path), str(tmp_path)) == receipt
    (tmp_path / "corpus" / "part-0.parquet").write_bytes(b"yyyyy")
    assert standing_receipt(str(path), str(tmp_path)) is None
    assert standing_receipt(str(path), str(tmp_path), read_files=False) == receipt
    (tmp_path / "corpus" / "part-0.parquet").unlink()
    assert standing_receipt(str(path), str(tmp_path), read_files=False) is None
    path.write_bytes(path.read_bytes()[:-3])
    assert standing_receipt(str(path), str(tmp_path)) is None
    assert standing_receipt(str(tmp_path / "nowhere.json"), str(tmp_path)) is None
    assert replace(receipt, shard=1) != receipt
