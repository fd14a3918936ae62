"""Receipts of finished shards: what was written, and the checksum of each file."""

from __future__ import annotations

from typing import Any

from corpusmill.transforms import sealed, storage

SHARDS = "shards"
"""Folder of the receipts under the state folder."""


def shard_receipt_path(state: str, index: int, count: int) -> str:
    """Path of the receipt that makes a shard count as done."""
    return storage.join(state, SHARDS, f"{index:05d}-of-{count:05d}.json")


def standing_receipt(path: str, output: str, *, read_files: bool = True) -> dict[str, Any] | None:
    """Read a receipt.

    Args:
        path: The receipt.
        output: The output folder.
        read_files: Whether to compare the checksums of its files, too.

    Returns:
        What it says; None if it is missing or damaged, or a file that it names is.
    """
    try:
        receipt: dict[str, Any] = sealed.read_json(path)
    except (FileNotFoundError, sealed.DamagedFileError):
        return None
    for folder, name in receipt["files"].items():
        file = storage.join(output, folder, name)
        if not storage.exists(file) or (read_files and sealed.checksum_of(file) != receipt["checksums"][folder]):
            return None
    return receipt
