"""The folder of a run: what is there, what is still to be done, and which run it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from corpusmill.config import VERSION, Config
from corpusmill.inputs.benchmarks import Benchmarks
from corpusmill.inputs.changes import describe_changes, only_new, read_inputs, write_inputs
from corpusmill.inputs.lists import ListFiles
from corpusmill.inputs.resources import Resources
from corpusmill.runs.listed_files import require_whole
from corpusmill.runs.output_folder import (
    OutputError,
    Remains,
    Sources,
    clear,
    is_marked,
    look_at,
    refuse_foreign,
    refuse_overlap,
)
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.layout import AUDIT, CORPUS, RESULTS, RUN, STATE, Output, State, is_part_name, result_names
from corpusmill.transforms.reading.splits import Split
from corpusmill.transforms.staging.index import INDEX_FORMAT
from corpusmill.transforms.staging.refuse import forget_refusal
from corpusmill.transforms.staging.resume import write_earlier
from corpusmill.transforms.staging.split_files import EarlierShard, write_earlier_shards
from corpusmill.transforms.staging.stage import staged_splits

__all__ = ["Job", "OutputError", "Progress", "open_output"]

_FORMAT = 6
"""Version of the files under _state; a run does not resume what another version left."""


@dataclass(frozen=True)
class EarlierOutput:
    """The output of an earlier run that new documents are compared with.

    Attributes:
        path: The folder, as it was given.
        digest: Hash of what its manifest says of the run and its files.
        documents: Documents in its corpus.
    """

    path: str
    digest: str
    documents: int


@dataclass(frozen=True)
class Job:
    """A run's output folder and what it will hold.

    Attributes:
        output: The folder.
        config: The resolved configuration.
        fingerprint: Identity of the input files.
        splits: All splits, in order.
        resources: Contents of the files that the configuration names.
        lists: Lists of hosts, addresses and words; None without any.
        benchmarks: What is looked for in the documents; None for nothing.
        against: Identities of the earlier outputs whose corpora new documents are compared with.
        earlier_shards: The shards of these corpora.
        guessed: Fields that the data told: key of `input` -> field; the configuration has them.
        purpose: What the folder is for: `corpus`, or `learn` for the working files of learning alone.
    """

    output: str
    config: Config
    fingerprint: str
    splits: tuple[Split, ...]
    resources: Resources = field(default_factory=Resources)
    lists: ListFiles | None = None
    benchmarks: Benchmarks | None = None
    against: tuple[EarlierOutput, ...] = ()
    earlier_shards: tuple[EarlierShard, ...] = ()
    guessed: Mapping[str, str] = field(default_factory=dict)
    purpose: str = "corpus"

    @property
    def state(self) -> str:
        """Folder of the working files."""
        return Output(self.output).state.path

    @property
    def manifest(self) -> str:
        """Path of the manifest, which marks the run complete."""
        return Output(self.output).manifest

    @property
    def learned_lines(self) -> str:
        """Path of the boilerplate lines that the run has learned."""
        return Output(self.output).learned_lines

    @property
    def todo(self) -> str:
        """Path of the list of splits that this attempt has to stage."""
        return State(self.state).todo

    @property
    def earlier(self) -> str:
        """Path of the list of splits that earlier attempts have staged, and their files."""
        return State(self.state).staged_before

    @property
    def benchmarks_digest(self) -> str:
        """Hash of the benchmarks and of the settings, which decide what of them is looked for; "" for nothing."""
        return f"{self.benchmarks.digest} {self.config.digest()}" if self.benchmarks else ""

    def identity(self) -> dict[str, object]:
        """What has to be equal for one attempt to go on where another stopped."""
        return {
            "format": _FORMAT,
            "purpose": self.purpose,
            "config": self.config.digest(),
            "files": self.resources.digest,
            "lists": self.lists.digest if self.lists else "",
            "benchmarks": self.benchmarks.digest if self.benchmarks else "",
            "against": [asdict(output) for output in self.against],
            "input": self.fingerprint,
            "splits": len(self.splits),
            "version": VERSION,
        }

    def sources(self) -> Sources:
        """What the run reads beside its inputs."""
        boilerplate, filters = self.config.boilerplate, self.config.filter
        table, model = boilerplate.learned.table, self.config.language.model
        return Sources(
            {"an earlier output (--against)": [output.path for output in self.against]},
            {
                "boilerplate.rule_files": boilerplate.rule_files,
                **(self.lists.files if self.lists else {}),
                "decontaminate.files": self.benchmarks.files if self.benchmarks else (),
                "boilerplate.learned.table": () if table is None else (table,),
                "filter.language_files": filters.language_files,
                "language.model": () if model is None else (model,),
            },
        )

    def file_metadata(self) -> dict[str, str]:
        """Key-value metadata of every output file."""
        dedup = self.config.dedup
        return {
            "corpusmill.version": VERSION,
            "corpusmill.config": self.config.digest(),
            "corpusmill.signature": signature_scheme(dedup) if dedup.enabled else "none",
            "corpusmill.index": INDEX_FORMAT,
        }


@dataclass(frozen=True)
class Progress:
    """How far earlier attempts got.

    Attributes:
        complete: An earlier attempt has finished the run; no document is left to do.
        staged: Splits that are staged.
        untidy: That attempt was killed before its last steps, if it is not asked to keep its working files.
    """

    complete: bool
    staged: tuple[int, ...] = ()
    untidy: bool = False


def open_output(job: Job, *, overwrite: bool) -> Progress:
    """Make the output folder ready, or find out how far an earlier attempt got.

    Args:
        job: The run.
        overwrite: Replace what another run left there.

    Raises:
        OutputError: The folder holds another run's output, or one that is not whole, and `overwrite` is not set; or it
            cannot be written.
    """
    try:
        return _open_output(job, overwrite=overwrite)
    except OSError as error:
        raise OutputError(f"cannot write to the output {job.output!r}: {error.strerror or error}") from error


def is_complete(job: Job) -> bool:
    """Return whether an earlier attempt has finished the run and nothing is left to do or to tidy. Nothing is written.

    Raises:
        OutputError: There is a link in the output, its manifest is broken, or a file that it lists is missing or cut.
    """
    remains = look_at(job.output)
    tidy = job.config.output.keep_state or not storage.list_all(job.output).count(STATE)
    if not tidy or remains.manifest is None or remains.manifest["identity"] != job.identity():
        return False
    require_whole(job.output, remains.manifest)
    return True


def _open_output(job: Job, *, overwrite: bool) -> Progress:
    refuse_overlap(job.output, job.sources())
    remains = look_at(job.output)
    if overwrite or remains.clearing:  # an earlier --overwrite was cut short: its end is owed
        clear(job.output, remains)
        remains = Remains()
    if remains.manifest is not None:
        before = remains.manifest["identity"]
        if before == job.identity():
            require_whole(job.output, remains.manifest)
            return Progress(complete=True, untidy=job.state not in remains.foreign)
        raise OutputError(_refusal(job, before, remains.manifest))
    if remains.begun is not None and remains.begun != job.identity():
        raise OutputError(_refusal(job, remains.begun))
    refuse_foreign(job.output, remains)
    for folder in State(job.state).of_attempt:
        storage.remove_tree(folder)
    forget_refusal(job.state)
    for name in (*([CORPUS] if job.config.output.corpus else []), AUDIT, STATE):
        storage.make_folder(Output(job.output).folder(name))
    if remains.begun is None:
        write_inputs(job.state, job.splits)
        sealed.write_json(State(job.state).folder(RUN), job.identity(), job.state)
    write_earlier_shards(job.state, job.earlier_shards)
    done = staged_splits(job.state)
    pending = [split for split in job.splits if split.index not in done]
    sealed.write_json(job.todo, [split.to_json() for split in pending], job.state)
    staged = [(split, done[split.index]) for split in job.splits if split.index in done]
    write_earlier(job.earlier, staged, job.state)
    return Progress(complete=False, staged=tuple(done))


def _refusal(job: Job, before: object, manifest: Mapping[str, Any] | None = None) -> str:
    """Say why a run cannot use its output: what differs from the run that is there, and what helps.

    Args:
        job: The run.
        before: Identity of the run that is there.
        manifest: Its manifest; None if it is not finished.
    """
    state = "holds an unfinished run" if manifest is None else "holds a finished run"
    known = before if isinstance(before, dict) else {}
    now = job.identity()
    names = {
        "config": "another configuration",
        "files": "other rule files or learned lines",
        "lists": "other lists of hosts, addresses or words",
        "benchmarks": "other benchmarks",
        "against": "other earlier corpora (--against)",
        "input": "other input files",
        "purpose": "another purpose",
        "version": "another version of corpusmill",
        "splits": "another way of splitting the input",
        "format": "another format of working files",
    }
    inputs = read_inputs(job.state) if manifest is None else manifest["input"].get("files")
    changes = describe_changes(inputs, job.splits) if known.get("input") != now["input"] else ""
    if changes and manifest is not None:
        also = [text for key, text in names.items() if key not in ("input", "splits") and known.get(key) != now[key]]
        besides = f"; besides, the command has {also[0]}" if also else ""
        alone = only_new(inputs, job.splits) and not also
        new = f"; or run the new files alone, with --against {job.output!r} and another --output" if alone else ""
        return (
            f"the output {job.output!r} {state}, and since then {changes}{besides}. It stays as it is: give "
            f"--overwrite to make it again from the input as it is now, or name another folder{new}"
        )
    if changes:
        return (
            f"the output {job.output!r} {state}, and since it was begun {changes}; put it back as it was and give the "
            "same command again, or give --overwrite to start over, or name another folder"
        )
    keys = [key for key in names if known.get(key) != now[key]]
    differs = [names[key] for key in keys] or ["another run"]
    back = manifest is None and keys and set(keys) <= {"files", "lists", "benchmarks"}
    return (
        f"the output {job.output!r} {state} with {' and '.join(differs[:2])}; "
        f"{'put the files back as they were and give the same command again, or ' if back else ''}"
        "name another folder, or give --overwrite to replace what is there"
    )


def discard_output(job: Job) -> None:
    """Remove all that a run has written, so that it starts afresh."""
    clear(job.output, look_at(job.output))


def signature_scheme(settings: DedupSettings) -> str:
    """Name how band keys were made: what has to be equal for two runs' keys to be comparable."""
    bands, rows = settings.banding
    return (
        f"datasketch-affine32 num_perm={settings.num_perm} seed={settings.seed} "
        f"bands={bands} rows={rows} shingle_size={settings.shingle_size} max_shingles={settings.max_shingles}"
    )


def remove_stray_results(job: Job, files: dict[str, list[str]]) -> list[str]:
    """Delete part files of this run's attempts that do not belong to its result, and return their paths."""
    stray = [
        Output(job.output).file(folder, name)
        for folder in RESULTS
        for name in result_names(Output(job.output).folder(folder))
        if is_part_name(name) and name not in files.get(folder, ())
    ]
    stray = [path for path in stray if is_marked(path, job.config.digest())]
    for path in stray:
        storage.remove_file(path)
    return stray
