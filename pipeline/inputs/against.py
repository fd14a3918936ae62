"""Earlier corpora that a run is made against: what their outputs must be, and their shards."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from corpusmill.config import Config, ConfigError
from corpusmill.reports.corpus import CorpusError, check_files, read_manifest
from corpusmill.runs.run_folder import EarlierOutput, signature_scheme
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.errors import nearest_name
from corpusmill.transforms.kernels.writing.partitions import column_of
from corpusmill.transforms.layout import CORPUS, INDEX, Output, State, result_names, split_name
from corpusmill.transforms.staging.index import INDEX_FORMAT
from corpusmill.transforms.staging.split_files import EarlierShard

_LOG = logging.getLogger("corpusmill")


def load_earlier(
    paths: Sequence[str], config: Config, output: str, state: str
) -> tuple[tuple[EarlierOutput, ...], tuple[EarlierShard, ...]]:
    """Look at the outputs of earlier runs.

    Args:
        paths: Their folders, in the order in which their documents count.
        config: The configuration of the new run.
        output: Its output folder.
        state: Its state folder, where indexes that are missing will be computed.

    Returns:
        The identity of each, and all their shards, numbered from -n to -1.

    Raises:
        ConfigError: A folder is not the output of a finished run with a corpus, or duplicates are not looked for.
    """
    if not paths:
        return (), ()
    if not config.dedup.enabled:
        raise ConfigError("--against needs the duplicate stage: leave dedup.enabled true")
    outputs: list[EarlierOutput] = []
    shards: list[dict[str, Any]] = []
    for path in paths:
        if _same_folder(path, output):
            raise ConfigError(f"--against {path!r} is the output folder itself; name another --output")
        if any(_same_folder(path, known.path) for known in outputs):
            raise ConfigError(f"--against {path!r} is given twice; give each earlier output once")
        manifest = _read_manifest(path)
        found = list(_shards(path, manifest, config, state, len(outputs)))
        shards += found
        content = {name: manifest[name] for name in ("identity", "files", "documents")}
        text = json.dumps(content, sort_keys=True).encode()
        outputs.append(EarlierOutput(path, hashlib.sha256(text).hexdigest(), manifest["documents"]["kept"]))
    first = -len(shards)
    return tuple(outputs), tuple(EarlierShard(split=first + k, **shard) for k, shard in enumerate(shards))


def _same_folder(path: str, other: str) -> bool:
    if storage.is_local(path) and storage.is_local(other):
        return os.path.realpath(path) == os.path.realpath(other)
    return path.rstrip("/") == other.rstrip("/")


def _read_manifest(path: str) -> dict[str, Any]:
    try:
        manifest = read_manifest(path, (CORPUS,))
    except CorpusError as error:
        raise ConfigError(f"--against: {error}") from None
    if not manifest.get("files", {}).get(CORPUS):
        raise ConfigError(
            f"--against {path!r} holds decisions but no corpus (it was made with --report-only); "
            "run it again without --report-only"
        )
    return manifest


def _stand(path: str, names: Sequence[str]) -> bool:
    """Return whether there is an index file for each shard of the corpus."""
    found = set(result_names(Output(path).folder(INDEX)))
    return found.issuperset(names)


def _shards(path: str, manifest: dict[str, Any], config: Config, state: str, number: int) -> Iterator[dict[str, Any]]:
    metadata, files = manifest["metadata"], manifest["files"]
    scheme = signature_scheme(config.dedup)
    own = metadata.get("corpusmill.signature")
    if files.get(INDEX) != files[CORPUS] or not _stand(path, files[CORPUS]):
        missing = "has no index"
    elif own != scheme or metadata.get("corpusmill.index") != INDEX_FORMAT:
        missing = f"has an index of another scheme ({own}; this run: {scheme})"
    else:
        missing = ""
    if missing:
        _LOG.info("%s %s: it is computed from its texts for this run", path, missing)
    else:
        _check_index(path, manifest)
    first_row = 0
    within = config.dedup.within
    for name in files[CORPUS]:
        corpus = Output(path).file(CORPUS, name)
        index = State(state).computed_index(number, name) if missing else Output(path).file(INDEX, name)
        folder, _ = split_name(name)
        rows = _rows_of(path, corpus, None if folder and column_of(folder) == within else within)
        if not missing and (indexed := _rows_of(path, index)) != rows:
            raise ConfigError(
                f"--against {path!r}: {index!r} holds {indexed:,} rows, but its corpus {corpus!r} {rows:,} documents; "
                + _WITHOUT_INDEX.format(Output(path).folder(INDEX))
            )
        if rows:
            yield {
                "rows": rows,
                "first_row": first_row,
                "origin": path,
                "corpus": corpus,
                "index": index,
                "computed": bool(missing),
                "within": within,
            }
        first_row += rows
    if first_row != manifest["documents"]["kept"]:
        raise ConfigError(
            f"--against {path!r}: its corpus holds {first_row:,} documents, but its manifest says "
            f"{manifest['documents']['kept']:,}; run its command again with --overwrite"
        )


_WITHOUT_INDEX = (
    "delete the folder {!r} (then it is computed from the texts), or run its command again with --overwrite"
)


def _check_index(path: str, manifest: dict[str, Any]) -> None:
    try:
        check_files(path, manifest, INDEX)
    except CorpusError as error:
        without = _WITHOUT_INDEX.format(Output(path).folder(INDEX))
        raise ConfigError(f"--against {path!r}: {error}; or {without}") from None


def _rows_of(path: str, file: str, needed: str | None = None) -> int:
    """Rows of a Parquet file, which must have a column of single values if one is needed."""
    try:
        with storage.open_parquet(file) as parquet:
            schema = parquet.schema_arrow
            if needed is not None and (needed not in schema.names or pa.types.is_nested(schema.field(needed).type)):
                raise ConfigError(
                    f"--against {path!r}: its corpus has no column {needed!r} of single values, which "
                    "dedup.within needs: run it again with the column in input.keep_columns, or leave "
                    f"this output out{nearest_name(needed, schema.names)}"
                )
            return int(parquet.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise ConfigError(
            f"--against {path!r}: {file!r} cannot be read ({str(error).splitlines()[0]}); run its command again "
            "with --overwrite"
        ) from None
