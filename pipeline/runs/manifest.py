"""What a run did: counts made from what was written, the accounting law, and the manifest that marks it complete."""

from __future__ import annotations

import platform
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

from corpusmill.config import VERSION
from corpusmill.runs.job import Job
from corpusmill.runs.output_folder import digest_of
from corpusmill.runs.shuffles import Account, Shuffle, accounts_path, describe_losses, read_accounts
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.errors import CorpusmillError
from corpusmill.transforms.kernels.quality.histograms import describe
from corpusmill.transforms.kernels.reading.refusal import Example
from corpusmill.transforms.kernels.schema import DECISIONS, DUPLICATE, KEPT, REJECTED
from corpusmill.transforms.writing.receipts import SHARDS, standing_receipt
from corpusmill.transforms.writing.write import findings_path

_RECEIPT = re.compile(r"\d+-of-(\d+)\.json")
_LIBRARIES = ("apache-beam", "chardet", "datasketch", "emoji", "ftfy", "numpy", "orjson", "pyarrow", "regex")


class AccountingError(CorpusmillError, RuntimeError):
    """Documents in and documents out do not agree; the run is not complete."""


class LostElementsError(AccountingError):
    """The engine has lost, doubled or damaged what crossed a shuffle: nothing that follows from it can be trusted."""


@dataclass(frozen=True)
class Outcome:
    """The counts of a finished run.

    Attributes:
        documents: Documents read, unreadable ones included.
        decisions: Decision -> documents, all four.
        reasons: Rule id -> documents that it dropped.
        chars_in: Characters read.
        chars_out: Characters of the corpus.
        text_bytes: UTF-8 bytes of the corpus.
        repairs: Rule id -> places changed.
        lines: Rule id -> lines removed.
        top_lines: Frequent removed lines: (text, rule id, count).
        families: Largest duplicate families: {"removed", "id", "corpus", "lowest", "median", "highest", "samples",
            "giant"}.
        capped: Documents of which not all shingles entered the signature.
        unranked: Documents in which the keep policy finds nothing to compare.
        rejections: Rule id of what could not be read -> the first such record.
        repeated_ids: Documents whose id an earlier one has: {"documents", "example", "exact"}.
        columns: Kept column -> [found, missing, not convertible, an example of these].
        splits: Splits that were written.
        duplicates: Decisions that reached the documents that they are about.
        pairs: Verified pairs that were kept.
        without_address: Documents that were cleaned and have no URL.
        scores: Histograms of scores.
        languages: Language -> [documents in it, those that stay].
        files: Folder -> names of its files.
        accounts: Label -> what went into a shuffle and what came out.
        checksums: Folder -> name of a file -> its CRC-32 in hexadecimal digits.
    """

    documents: int
    decisions: dict[str, int]
    reasons: dict[str, int]
    chars_in: int
    chars_out: int
    text_bytes: int
    repairs: dict[str, int]
    lines: dict[str, int]
    top_lines: list[list[Any]]
    families: list[dict[str, Any]]
    capped: int
    unranked: int
    splits: int
    duplicates: int
    pairs: int
    without_address: int
    files: dict[str, list[str]] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    checksums: dict[str, dict[str, str]] = field(default_factory=dict)
    rejections: dict[str, Example] = field(default_factory=dict)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    repeated_ids: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, list[int]] = field(default_factory=dict)
    languages: dict[str, list[int]] = field(default_factory=dict)


def stands_written(job: Job) -> bool:
    """Say whether an attempt has written all shards and all else that a finished run consists of."""
    folder = storage.join(job.state, SHARDS)
    found = [match for match in map(_RECEIPT.fullmatch, storage.list_names(folder)) if match]
    counts = {int(match[1]) for match in found}
    if len(counts) != 1 or len(found) != counts.pop():
        return False
    try:
        sealed.read_json(findings_path(job.state))
        read_accounts(job.state)
    except (FileNotFoundError, sealed.DamagedFileError):
        return False
    # Object stores check what they hold; to read all of it here could take hours.
    local = storage.is_local(job.output)
    return all(
        standing_receipt(storage.join(folder, match[0]), job.output, read_files=local) is not None for match in found
    )


def gather_outcome(job: Job) -> Outcome:
    """Add up the receipts of the shards, and check them against the files and the staged documents.

    Raises:
        LostElementsError: Something was lost in a shuffle.
        AccountingError: A document is missing or counted twice, or a file does not hold what it should.
    """
    accounts = _agreeing_accounts(job)
    findings = sealed.read_json(findings_path(job.state))
    totals = findings["totals"]
    folder = storage.join(job.state, SHARDS)
    receipts = [sealed.read_json(storage.join(folder, name)) for name in storage.list_names(folder)]
    decisions: Counter[str] = Counter(dict.fromkeys(DECISIONS, 0))
    reasons: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    files: dict[str, list[str]] = {}
    checksums: dict[str, dict[str, str]] = {}
    for receipt in sorted(receipts, key=lambda receipt: receipt["shard"]):
        decisions.update(receipt["decisions"])
        reasons.update(receipt["reasons"])
        rows.update(receipt["rows"])
        for kind, name in receipt["files"].items():
            files.setdefault(kind, []).append(name)
            checksums.setdefault(kind, {})[name] = receipt["checksums"][kind]
    outcome = Outcome(
        documents=totals["rows"],
        decisions={name: decisions[name] for name in DECISIONS},
        reasons=dict(sorted(reasons.items())),
        chars_in=totals["chars_in"],
        chars_out=sum(receipt["chars_out"] for receipt in receipts),
        text_bytes=sum(receipt["text_bytes"] for receipt in receipts),
        repairs=totals["repairs"],
        lines=totals["lines"],
        top_lines=totals["top_lines"],
        families=findings["families"],
        capped=findings["capped"],
        unranked=findings["unranked"],
        splits=findings["splits"],
        duplicates=findings["duplicates"],
        pairs=findings["pairs"],
        without_address=totals["without_address"],
        files=files,
        accounts=accounts,
        checksums=checksums,
        rejections={reason: Example(*values) for reason, values in totals["rejections"].items()},
        columns=totals["columns"],
        repeated_ids=findings["repeated_ids"],
        scores=totals["scores"],
        languages=totals["languages"],
    )
    _check_law(job, outcome, rows)
    return outcome


def _agreeing_accounts(job: Job) -> dict[str, Account]:
    if not storage.exists(accounts_path(job.state)):
        raise LostElementsError(f"the engine has lost the accounts of the shuffles of {job.output!r}")
    accounts = read_accounts(job.state)
    if losses := describe_losses(accounts):
        raise LostElementsError(
            f"the engine has lost or damaged a part of the work on {job.output!r}: {'; '.join(losses)}"
        )
    return accounts


def _check_law(job: Job, outcome: Outcome, rows: Counter[str]) -> None:
    stored = {
        kind: sum(_stored_rows(storage.join(job.output, kind, name)) for name in names)
        for kind, names in outcome.files.items()
    }
    decided = sum(outcome.decisions.values())
    claims = {
        "documents read": (outcome.documents, "decisions made", decided),
        "decisions made": (decided, "rows in audit/", stored.get("audit", 0)),
        "records rejected": (outcome.decisions[REJECTED], "rows in rejected/", stored.get("rejected", 0)),
        "rows counted": (sum(rows.values()), "rows stored", sum(stored.values())),
        "splits planned": (len(job.splits), "splits written", outcome.splits),
        "duplicates found": (outcome.duplicates, "documents removed as duplicates", outcome.decisions[DUPLICATE]),
        "pairs verified": (outcome.pairs, "rows in pairs/", stored.get("pairs", 0)),
    }
    if job.config.scoring.active:
        claims["documents that could be read"] = (
            decided - outcome.decisions[REJECTED],
            "rows in scores/",
            stored.get("scores", 0),
        )
    folders = _folders_of(job)
    claims |= {
        f"documents {decision} for {folder}/": (
            outcome.decisions[decision],
            f"rows in {folder}/",
            stored.get(folder, 0),
        )
        for folder, decision in (("corpus", KEPT), ("index", KEPT), ("removed", DUPLICATE))
        if folder in folders
    }
    wrong = [f"{name}: {left}, {other}: {right}" for name, (left, other, right) in claims.items() if left != right]
    if wrong:
        raise AccountingError(
            f"the accounts of {job.output!r} do not agree ({'; '.join(wrong)}); the run is not marked complete. "
            "Please report this; a run with --overwrite starts afresh"
        )


def _folders_of(job: Job) -> set[str]:
    """The folders that the run writes with a document's row in each."""
    config = job.config
    if not config.output.corpus:
        return set()
    keyed = config.dedup.enabled
    wanted = {"index": keyed and config.output.index, "removed": keyed and config.output.pairs}
    return {"corpus", *(folder for folder, written in wanted.items() if written)}


def _stored_rows(path: str) -> int:
    with storage.open_parquet(path) as parquet:
        return int(parquet.metadata.num_rows)


@dataclass(frozen=True)
class Run:
    """How the last attempt of a run went.

    Attributes:
        runner: The engine, in words.
        seconds: Wall time.
        input_bytes: Bytes of the input files as stored.
        shuffles: Label -> what crossed this shuffle.
    """

    runner: str
    seconds: float
    input_bytes: int
    shuffles: dict[str, Shuffle] = field(default_factory=dict)


def write_manifest(job: Job, outcome: Outcome, attempt: Run) -> dict[str, Any]:
    """Write the manifest, last of all files, and return it."""
    manifest = {
        "identity": job.identity(),
        "input": {"bytes": attempt.input_bytes, "splits": len(job.splits)},
        "documents": {"in": outcome.documents, **outcome.decisions},
        "reasons": outcome.reasons,
        "chars": {"in": outcome.chars_in, "out": outcome.chars_out},
        "text_bytes": outcome.text_bytes,
        "repairs": outcome.repairs,
        "lines_removed": outcome.lines,
        "frequent_lines": [{"text": text, "rule": rule, "count": n} for text, rule, n in outcome.top_lines],
        "families": outcome.families,
        "capped": outcome.capped,
        "unranked": outcome.unranked,
        "rejections": [
            {
                "reason": reason,
                "count": outcome.reasons[reason],
                "source": e.source,
                "offset": e.offset,
                "error": e.error,
            }
            for reason, e in outcome.rejections.items()
        ],
        "columns": {
            name: dict(zip(("found", "missing", "unfit", "example"), counts, strict=True))
            for name, counts in outcome.columns.items()
        },
        "repeated_ids": outcome.repeated_ids,
        "without_address": outcome.without_address,
        "scores": describe(outcome.scores),
        "languages": {
            name: dict(zip(("documents", "stay"), counts, strict=True)) for name, counts in outcome.languages.items()
        },
        "against": [asdict(output) for output in job.against],
        "files": outcome.files,
        "learned_lines": digest_of(job.learned_lines) if storage.exists(job.learned_lines) else None,
        "checksums": outcome.checksums,
        "config": job.config.model_dump(mode="json"),
        "metadata": job.file_metadata(),
        "versions": {"corpusmill": VERSION, "python": platform.python_version(), **_versions()},
        "run": {"runner": attempt.runner, "seconds": round(attempt.seconds, 1)},
        "shuffles": {label: asdict(shuffle) for label, shuffle in attempt.shuffles.items()},
        "accounts": {label: asdict(account) for label, account in outcome.accounts.items()},
    }
    storage.write_json(job.manifest, manifest, job.state)
    return manifest


def _versions() -> dict[str, str]:
    return {name: version(name) for name in _LIBRARIES}
