"""Receipts of finished shards: what was written, and the checksum of each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from corpusmill.transforms import sealed, storage
from corpusmill.transforms.layout import Output


@dataclass(frozen=True)
class Receipt:
    """What was written of one shard.

    Attributes:
        shard: Number of the shard.
        decisions: Decision -> documents.
        reasons: Rule id of the decision -> documents.
        chars_out: Characters of the texts that are kept.
        text_bytes: UTF-8 bytes of these.
        rows: Folder -> rows.
        files: Folder -> names of its files; a folder is missing if no file was written.
        checksums: Folder -> name of a file -> its CRC-32.
    """

    shard: int
    decisions: dict[str, int]
    reasons: dict[str, int]
    chars_out: int
    text_bytes: int
    rows: dict[str, int]
    files: dict[str, list[str]]
    checksums: dict[str, dict[str, str]]


@dataclass
class Written:
    """What was written of all shards.

    Attributes:
        decisions: Decision -> documents.
        reasons: Rule id of the decision -> documents.
        chars_out: Characters of the corpus.
        text_bytes: UTF-8 bytes of the corpus.
        rows: Folder -> rows.
        files: Folder -> names of its files, shard by shard.
        checksums: Folder -> name of a file -> its CRC-32 in hexadecimal digits.
    """

    decisions: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    chars_out: int = 0
    text_bytes: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    files: dict[str, list[str]] = field(default_factory=dict)
    checksums: dict[str, dict[str, str]] = field(default_factory=dict)


def add_receipts(receipts: Iterable[Receipt]) -> Written:
    """Add up the receipts of all shards, in any order."""
    written = Written()
    for receipt in sorted(receipts, key=lambda receipt: receipt.shard):
        written.decisions.update(receipt.decisions)
        written.reasons.update(receipt.reasons)
        written.rows.update(receipt.rows)
        written.chars_out += receipt.chars_out
        written.text_bytes += receipt.text_bytes
        for folder, names in receipt.files.items():
            written.files.setdefault(folder, []).extend(names)
            written.checksums.setdefault(folder, {}).update(receipt.checksums[folder])
    return written


def read_receipt(path: str) -> Receipt:
    """Read a receipt.

    Raises:
        FileNotFoundError: There is none.
        sealed.DamagedFileError: It is not as it was written.
    """
    fields: dict[str, Any] = sealed.read_json(path)
    return Receipt(**fields)


def standing_receipt(path: str, output: str, *, read_files: bool = True) -> Receipt | None:
    """Read a receipt whose files are there.

    Args:
        path: The receipt.
        output: The output folder.
        read_files: Whether to compare the checksums of its files, too.

    Returns:
        What it says; None if it is missing or damaged, or a file that it names is.
    """
    try:
        receipt = read_receipt(path)
    except (FileNotFoundError, sealed.DamagedFileError):
        return None
    for folder, checksums in receipt.checksums.items():
        for name, checksum in checksums.items():
            file = Output(output).file(folder, name)
            if not storage.exists(file) or (read_files and sealed.checksum_of(file) != checksum):
                return None
    return receipt
