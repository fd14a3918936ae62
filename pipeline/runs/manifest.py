"""What a run did: counts made from what was written, the accounting law, and the manifest that marks it complete."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

from corpusmill.config import VERSION
from corpusmill.inputs.changes import remembered
from corpusmill.runs.accounts import Claim, LostElementsError, check_folders, require, row_claims
from corpusmill.runs.decontamination import count_overlaps
from corpusmill.runs.listed_files import sizes_of
from corpusmill.runs.output_files import output_files
from corpusmill.runs.output_folder import digest_of
from corpusmill.runs.run_folder import Job
from corpusmill.runs.shuffles import Account, Shuffle, describe_losses, read_accounts
from corpusmill.runs.statistics import digest_of_tokenizer, gather_statistics
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.quality.histograms import describe
from corpusmill.transforms.kernels.reading.refusal import Example
from corpusmill.transforms.kernels.schema import DECISIONS, DUPLICATE
from corpusmill.transforms.layout import CORPUS, PAIRS, STATISTICS, State, shards_of_receipt
from corpusmill.transforms.reading.formats import COMPRESSIONS
from corpusmill.transforms.writing.receipts import Written, add_receipts, read_receipt, standing_receipt

_LIBRARIES = ("apache-beam", "chardet", "emoji", "ftfy", "numpy", "orjson", "pyarrow", "regex")


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
            "giant", "shared"}; see `corpusmill.transforms.kernels.duplicates.shared_lines` for what is shared, None
            where nothing is or too few documents to tell.
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
    """Return whether an attempt has written all shards and everything else that a finished run consists of."""
    folder = State(job.state).receipts
    found = {name: count for name in storage.list_names(folder) if (count := shards_of_receipt(name)) is not None}
    counts = set(found.values())
    if len(counts) != 1 or len(found) != counts.pop():
        return False
    try:
        sealed.read_json(State(job.state).findings)
        read_accounts(job.state)
    except (FileNotFoundError, sealed.DamagedFileError):
        return False
    # Object stores check what they hold; to read all of it here could take hours.
    local = storage.is_local(job.output)
    paths = [storage.join(folder, name) for name in found]
    return all(standing_receipt(path, job.output, read_files=local) is not None for path in paths)


def gather_outcome(job: Job) -> Outcome:
    """Add up the receipts of the shards, and check them against the files and the staged documents.

    Raises:
        LostElementsError: Something was lost in a shuffle.
        AccountingError: A document is missing or counted twice, or a file does not hold what it should.
    """
    accounts = _agreeing_accounts(job)
    findings = sealed.read_json(State(job.state).findings)
    totals = findings["totals"]
    folder = State(job.state).receipts
    written = add_receipts(read_receipt(storage.join(folder, name)) for name in storage.list_names(folder))
    outcome = Outcome(
        documents=totals["rows"],
        decisions={name: written.decisions[name] for name in DECISIONS},
        reasons=dict(sorted(written.reasons.items())),
        chars_in=totals["chars_in"],
        chars_out=written.chars_out,
        text_bytes=written.text_bytes,
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
        files=written.files,
        accounts=accounts,
        checksums=written.checksums,
        rejections={reason: Example(*values) for reason, values in totals["rejections"].items()},
        columns=totals["columns"],
        repeated_ids=findings["repeated_ids"],
        scores=totals["scores"],
        languages=totals["languages"],
    )
    _check_law(job, outcome, written)
    check_folders(job.config.output, written.files.get(CORPUS, ()))
    return outcome


def _agreeing_accounts(job: Job) -> dict[str, Account]:
    if not storage.exists(State(job.state).accounts):
        raise LostElementsError(f"the engine has lost the accounts of the shuffles of {job.output!r}")
    accounts = read_accounts(job.state)
    if losses := describe_losses(accounts):
        raise LostElementsError(
            f"the engine has lost or damaged a part of the work on {job.output!r}: {'; '.join(losses)}"
        )
    return accounts


def _check_law(job: Job, outcome: Outcome, written: Written) -> None:
    decided, removed = sum(outcome.decisions.values()), outcome.decisions[DUPLICATE]
    claims = [
        Claim("documents read", outcome.documents, "decisions made", decided),
        Claim("splits planned", len(job.splits), "splits written", outcome.splits),
        Claim("duplicates found", outcome.duplicates, "documents removed as duplicates", removed),
        Claim("pairs verified", outcome.pairs, "rows of pairs", written.rows[PAIRS]),
        *row_claims(output_files(job.output, job.config, job.file_metadata()), written),
    ]
    require(
        job.output,
        claims,
        "the run is not marked complete. Please report this; a run with --overwrite starts afresh",
    )


@dataclass(frozen=True)
class Attempt:
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


def write_manifest(job: Job, outcome: Outcome, attempt: Attempt) -> dict[str, Any]:
    """Write the manifest, last of all files, and return it."""
    manifest = {
        "identity": job.identity(),
        "input": {
            "bytes": attempt.input_bytes,
            "splits": len(job.splits),
            "compressed": _holds_compressed(job),
            "files": remembered(job.splits),
            "guessed": dict(job.guessed),
        },
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
        **_measured(job, outcome),
        "against": [asdict(output) for output in job.against],
        **(
            {"decontamination": count_overlaps(job.output, outcome.files["audit"], job.benchmarks)}
            if job.benchmarks
            else {}
        ),
        "files": outcome.files,
        "sizes": sizes_of(job.output, outcome.files),
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


def _measured(job: Job, outcome: Outcome) -> dict[str, Any]:
    """Return what was measured of the documents."""
    return {
        "scores": describe(outcome.scores),
        "languages": {
            name: dict(zip(("documents", "stay"), counts, strict=True)) for name, counts in outcome.languages.items()
        },
        "statistics": gather_statistics(job.output, outcome.files.get(STATISTICS, ())),
        "tokenizer": digest_of_tokenizer(job.config),
    }


def _holds_compressed(job: Job) -> bool:
    """Return whether bytes of input files are not bytes of text."""
    packed = (*COMPRESSIONS, ".parquet")
    return any(part.path.lower().endswith(packed) for split in job.splits for part in split.parts)


def _versions() -> dict[str, str]:
    return {name: version(name) for name in _LIBRARIES}
