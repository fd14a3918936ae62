"""The accounting law: every document that was read has one decision, and each file holds the rows that it should."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from corpusmill.transforms import layout, storage
from corpusmill.transforms.kernels.errors import CorpusmillError, DataRefusedError
from corpusmill.transforms.kernels.writing.settings import OutputSettings
from corpusmill.transforms.writing.receipts import Written
from corpusmill.transforms.writing.shard_files import DECISIONS_OF, OutputFiles, documents_of


class AccountingError(CorpusmillError, RuntimeError):
    """Documents in and documents out do not agree; the run is not complete."""


class LostElementsError(AccountingError):
    """The engine has lost, doubled or damaged what crossed a shuffle: nothing that follows from it can be trusted."""


def check_folders(settings: OutputSettings, names: Iterable[str]) -> None:
    """Refuse a corpus of more folders than the configuration allows.

    Args:
        settings: Of the output.
        names: The files of the corpus.

    Raises:
        DataRefusedError: There are more.
    """
    found, most = len({layout.split_name(name)[0] for name in names}), settings.max_partitions
    if found > most:
        raise DataRefusedError(
            f"output.partition_by: the column {settings.partition_by!r} has {found:,} values, and "
            f"output.max_partitions allows {most:,}, each of which is a folder; give --set "
            f"output.max_partitions={found} to a run, which finishes one that has come this far, or partition "
            "by a column of fewer values"
        )


class Claim(NamedTuple):
    """Two counts that have to be equal.

    Attributes:
        name: What was counted.
        stated: How many.
        other: What has to be equal to it.
        found: How many there are of that.
    """

    name: str
    stated: int
    other: str
    found: int

    def __str__(self) -> str:
        return f"{self.name}: {self.stated}, {self.other}: {self.found}"


def row_claims(files: OutputFiles, written: Written) -> list[Claim]:
    """Compare the decisions with the rows that the files hold.

    Args:
        files: How the files are written.
        written: What was written, by the receipts.
    """
    stored = _stored_rows(files.output, written.files)
    claims = []
    for folder, decisions in DECISIONS_OF.items():
        if folder in files.folders:
            by = " by their scores" if folder == layout.FILTERED else ""
            name = f"documents {' or '.join(decisions)}{by}"
            decided = documents_of(folder, written.decisions, written.reasons)
            claims.append(Claim(name, decided, f"rows in {folder}/", stored.get(folder, 0)))
    for folder, rows in sorted(written.rows.items()):
        claims.append(Claim(f"rows written to {folder}/", rows, "rows stored", stored.get(folder, 0)))
    return claims


def require(output: str, claims: list[Claim], remedy: str) -> None:
    """Make sure that all claims are true.

    Raises:
        AccountingError: Some are not, and are named.
    """
    wrong = [str(claim) for claim in claims if claim.stated != claim.found]
    if wrong:
        raise AccountingError(f"the accounts of {output!r} do not agree ({'; '.join(wrong)}); {remedy}")


def _stored_rows(output: str, files: Mapping[str, list[str]]) -> dict[str, int]:
    """Folder -> rows that its files hold, by their footers."""
    rows: dict[str, int] = {}
    for folder, names in files.items():
        for name in names:
            with storage.open_parquet(layout.Output(output).file(folder, name)) as parquet:
                rows[folder] = rows.get(folder, 0) + int(parquet.metadata.num_rows)
    return rows
