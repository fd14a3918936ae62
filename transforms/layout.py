"""The layout of an output folder and of its working files: the one place that spells the names of folders and files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from corpusmill.transforms import storage

CORPUS = "corpus"
INDEX = "index"
AUDIT = "audit"
REJECTED = "rejected"
PAIRS = "pairs"
REMOVED = "removed"
FILTERED = "filtered"
SCORES = "scores"
STATISTICS = "statistics"
RESULTS = (CORPUS, INDEX, AUDIT, REJECTED, PAIRS, REMOVED, FILTERED, SCORES, STATISTICS)
"""Folders of results, each with a Parquet file for each shard that has a row for it."""

STATE = "_state"
LOCK = "_lock"
MANIFEST = "manifest.json"
LEARNED_LINES = "learned_lines.parquet"
REPORT = "report.html"
CARD = "README.md"
OWN = (*RESULTS, STATE, LOCK, MANIFEST, LEARNED_LINES, REPORT, CARD)
"""All that a run writes to its output folder."""

STAGED = "staged"
LEARNED = "learned"
SCORED = "scored"
PARAGRAPHS = "paragraphs"
"""Folders under the state folder of staged batches: as read and cleaned, without learned lines, with the decisions that
follow from scores, and without paragraphs."""

BANDS = "bands"
PACKS = "packs"
COMPARED = "compared"
"""Folders under the state folder of what compares documents: band keys, packed texts, and marks of what is done."""

FINAL_INDEX = "final_index"
"""Folder under the state folder of the index of batches that paragraphs were taken out of."""

RUN = "run.json"
MADE_FROM = "made_from.json"
CLEARING = "clearing.json"
MARKERS = (RUN, MADE_FROM, CLEARING)
"""Files under the state folder that say whose it is; the last lists what is being removed, so that a removal that was
cut short can be finished."""

_PART = re.compile(r"part-\d+-of-\d+\.parquet")
_RECEIPT = re.compile(r"\d+-of-(\d+)\.json")


def part_name(shard: int, count: int) -> str:
    """Return the name of the files of a shard, one in each folder of results."""
    return f"part-{shard:05d}-of-{count:05d}.parquet"


def is_part_name(name: str) -> bool:
    """Return whether a file name, with or without the folder of a value, is one of `part_name`."""
    return _PART.fullmatch(split_name(name)[1]) is not None


def split_name(name: str) -> tuple[str, str]:
    """Return the folder of a value in the name of a file of results, "" if it has none, and the name in it.

    Example:
        >>> split_name("language=eng/part-00000-of-00001.parquet"), split_name("part-00000-of-00001.parquet")
        (('language=eng', 'part-00000-of-00001.parquet'), ('', 'part-00000-of-00001.parquet'))
    """
    folder, _, own = name.rpartition("/")
    return folder, own


def by_shard(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return name of a shard's files -> folder of a value -> name with the folder, in order."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        folder, own = split_name(name)
        found.setdefault(own, {})[folder] = name
    return found


def result_names(folder: str) -> list[str]:
    """Names of all files and links in a folder of results, with those in folders of values; empty without it.

    Raises:
        NotADirectoryError: It is a file.
    """
    if not storage.is_local(folder):
        return [*storage.list_names(folder), *storage.list_names_below(folder)]
    found = []
    for name in storage.list_all(folder):
        path = storage.join(folder, name)
        if "=" in name and os.path.isdir(path) and not os.path.islink(path):
            found += [f"{name}/{inner}" for inner in storage.list_all(path)]
        else:
            found.append(name)
    return found


def remove_empty_results(folder: str) -> None:
    """Remove a folder of results and its folders of values, as far as nothing is in them."""
    for name in storage.list_all(folder):
        if "=" in name:
            storage.remove_empty_folder(storage.join(folder, name))
    storage.remove_empty_folder(folder)


@dataclass(frozen=True)
class Output:
    """Paths of an output folder.

    Attributes:
        path: The folder.
    """

    path: str

    @property
    def state(self) -> State:
        """The folder of the working files."""
        return State(storage.join(self.path, STATE))

    @property
    def lock(self) -> str:
        """Path of the lock of the folder."""
        return storage.join(self.path, LOCK)

    @property
    def manifest(self) -> str:
        """Path of the manifest, which marks a run complete."""
        return storage.join(self.path, MANIFEST)

    @property
    def learned_lines(self) -> str:
        """Path of the boilerplate lines that a run has learned."""
        return storage.join(self.path, LEARNED_LINES)

    @property
    def report(self) -> str:
        """Path of the page that shows what a run did."""
        return storage.join(self.path, REPORT)

    @property
    def card(self) -> str:
        """Path of the dataset card."""
        return storage.join(self.path, CARD)

    @property
    def own(self) -> list[str]:
        """Paths of all that a run writes to the folder, and nothing else may be in."""
        return [storage.join(self.path, name) for name in OWN]

    def folder(self, name: str) -> str:
        """Path of a folder of results."""
        return storage.join(self.path, name)

    def file(self, folder: str, name: str) -> str:
        """Path of a file of results."""
        return storage.join(self.path, folder, name)


@dataclass(frozen=True)
class State:
    """Paths of a state folder, which holds the working files of a run.

    Attributes:
        path: The folder.
    """

    path: str

    @property
    def temporary(self) -> str:
        """Folder of files that are being written."""
        return self.folder(storage.TEMPORARY)

    @property
    def of_attempt(self) -> list[str]:
        """Folders that each attempt fills anew."""
        return [self.temporary, *map(self.folder, (BANDS, PACKS, COMPARED))]

    @property
    def inputs(self) -> str:
        """Path of the versions of the input files when the run was begun."""
        return self.folder("inputs.json")

    @property
    def todo(self) -> str:
        """Path of the list of splits that this attempt has to stage."""
        return self.folder("todo.json")

    @property
    def staged_before(self) -> str:
        """Path of the list of splits that earlier attempts have staged, and their files."""
        return self.folder("earlier.json")

    @property
    def earlier_shards(self) -> str:
        """Path of the list of shards of earlier corpora that the run is made against."""
        return self.folder("against.json")

    @property
    def refusal(self) -> str:
        """Path of the reason why a run was ended for what it has read."""
        return self.folder("refused.json")

    @property
    def findings(self) -> str:
        """Path of the totals of all splits and the largest duplicate families."""
        return self.folder("findings.json")

    @property
    def first_documents(self) -> str:
        """Path of the number of the first document of each split, in input order."""
        return self.folder("numbers.parquet")

    @property
    def accounts(self) -> str:
        """Path of the accounts of all shuffles."""
        return self.folder("shuffles.json")

    @property
    def receipts(self) -> str:
        """Folder of the receipts of finished shards."""
        return self.folder("shards")

    def folder(self, name: str) -> str:
        """Path of a folder or file of this name."""
        return storage.join(self.path, name)

    def staged(self, name: str, folder: str = STAGED) -> str:
        """Path of a staged batch; `folder` is `STAGED`, `LEARNED`, `SCORED` or `PARAGRAPHS`."""
        return storage.join(self.path, folder, name)

    def scores(self, name: str) -> str:
        """Path of the scores of a staged batch, one row for each of its documents."""
        return storage.join(self.path, SCORES, name)

    def index(self, split: int, folder: str = INDEX) -> str:
        """Path of the index of a split; `folder` is `INDEX` or `FINAL_INDEX`."""
        return self._of_split(folder, split)

    def computed_index(self, number: int, name: str) -> str:
        """Path of the index of a shard of earlier corpus `number` that had none to use."""
        return storage.join(self.path, "against", f"{number:03d}-{name}")

    def bands(self, split: int) -> str:
        """Path of the band keys of a split, a column a band."""
        return self._of_split(BANDS, split)

    def packs(self, split: int) -> str:
        """Path of packed texts of a split on their way to be compared."""
        return storage.join(self.path, PACKS, f"{split:05d}")

    def compared(self, split: int) -> str:
        """Path of the mark that the documents of a split are compared."""
        return storage.join(self.path, COMPARED, f"{split:05d}")

    def pairs(self, split: int) -> str:
        """Path of the verified pairs of a split."""
        return self._of_split(PAIRS, split)

    def of_one_address(self, split: int) -> str:
        """Path of the rows of a split that are removed for their address."""
        return self._of_split("addresses", split)

    def duplicates(self, split: int) -> str:
        """Path of the duplicates of a split."""
        return self._of_split("decisions", split)

    def copies(self, split: int) -> str:
        """Path of the counts of the duplicates that were removed for documents of a split."""
        return self._of_split("copies", split)

    def benchmarks(self, name: str) -> str:
        """Path of a file of the index of the benchmarks."""
        return storage.join(self.path, "benchmarks", name)

    def lists(self, name: str) -> str:
        """Path of a file of the lists of hosts, addresses and words."""
        return storage.join(self.path, "lists", name)

    def receipt(self, shard: int, count: int) -> str:
        """Path of the receipt that makes a shard count as done."""
        return storage.join(self.receipts, f"{shard:05d}-of-{count:05d}.json")

    def _of_split(self, folder: str, split: int) -> str:
        return storage.join(self.path, folder, f"{split:05d}.parquet")


def shards_of_receipt(name: str) -> int | None:
    """Return how many shards a run has by the name of a receipt; None if it is not one."""
    match = _RECEIPT.fullmatch(name)
    return int(match[1]) if match else None
