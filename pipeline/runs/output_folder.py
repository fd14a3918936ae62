"""What is in an output folder, what of it a run may remove, and the one check before anything is removed.

Only what a run of corpusmill has left, and what says so itself, is removed: the files that the manifest lists and that
carry our metadata, and the working files beside our run.json. All else stays and is named. Links are never followed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from corpusmill.inputs.path_identity import is_within, overlap
from corpusmill.runs.signed_page import is_unchanged
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.layout import (
    CLEARING,
    MADE_FROM,
    MARKERS,
    RESULTS,
    RUN,
    Output,
    State,
    is_part_name,
    remove_empty_results,
    result_names,
)

_VERSION_KEY = "corpusmill.version"
_CONFIG_KEY = "corpusmill.config"
_HALF_WRITTEN = re.compile(r"[a-z_]+\.(json|parquet)\.[0-9a-f]{32}")
_MANIFEST_PARTS = ("identity", "documents", "files", "config", "metadata")
_LOOKS_AT_ONCE = 16
_NAMED = 3


class OutputError(UsageError):
    """The output folder cannot be used as it is; the message says why and what to do."""


@dataclass(frozen=True)
class Remains:
    """What earlier runs, and others, have left in an output folder.

    Attributes:
        manifest: Of a finished run; None without one.
        begun: Identity of an unfinished run; None without one.
        clearing: Whether a removal was cut short.
        state: Whether there are working files.
        own: Files of runs that may be removed, in the folders of results.
        foreign: What no run has left there, or somebody has changed since.
    """

    manifest: dict[str, Any] | None = None
    begun: dict[str, Any] | None = None
    clearing: bool = False
    state: bool = False
    own: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


def load_manifest(output: str) -> dict[str, Any] | None:
    """Read the manifest of an output folder; None if there is none.

    Raises:
        OutputError: The file is not a manifest of corpusmill.
    """
    path = Output(output).manifest
    try:
        found = storage.read_json(path)
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise OutputError(f"{path!r} is a folder, not a manifest of corpusmill; name another folder") from None
    except (ValueError, RecursionError) as error:
        raise OutputError(
            f"{path!r} is damaged: it is not JSON ({_short(error)}); restore it from a copy, or run again "
            "into another folder"
        ) from None
    known = found if isinstance(found, dict) else {}
    wrong = [name for name in _MANIFEST_PARTS if not isinstance(known.get(name), dict)]
    if wrong:
        raise OutputError(
            f"{path!r} is not a manifest of corpusmill: {wrong[0]!r} is missing; "
            "name another folder, or move the file away"
        )
    return known


def _short(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def refuse_links(output: str) -> None:
    """Make sure that nothing in an output folder that a run writes to or removes is a link.

    Raises:
        OutputError: Something is.
    """
    if not storage.is_local(output):
        return
    paths = Output(output).own
    state = Output(output).state.path
    if os.path.isdir(state) and not os.path.islink(state):
        paths += [entry.path for entry in os.scandir(state)]
    for path in paths:
        if os.path.islink(path):
            raise OutputError(
                f"{path!r} is a link to {os.readlink(path)!r}; corpusmill neither writes nor removes anything through "
                "a link in its output. Remove the link, or name another output"
            )


def look_at(output: str) -> Remains:
    """Find out what is in an output folder and whose it is.

    Raises:
        OutputError: There is a link where a run writes, or the manifest is not one.
    """
    refuse_links(output)
    manifest = load_manifest(output)
    state = Output(output).state.path
    begun, clearing = (_marker(state, names) for names in ((RUN, MADE_FROM), (CLEARING,)))
    listed: dict[str, Any] = {}
    for account in (manifest, clearing):
        for folder, names in (account or {}).get("files", {}).items():
            listed.setdefault(folder, set()).update(names)
    config = str((begun or {}).get("config", ""))
    written = _receipted(state) if begun is not None else {}
    own: list[str] = []
    foreign: list[str] = []
    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
        for folder in RESULTS:
            names = _entries(Output(output).folder(folder))
            paths = [Output(output).file(folder, name) for name in names]
            for name, path, marks in zip(names, paths, pool.map(_marks, paths), strict=True):
                if marks is None:  # damaged: ours if a run has written down that it wrote it
                    is_own = name in written.get(folder, ()) or name in listed.get(folder, ())
                elif name in listed.get(folder, ()):
                    is_own = _VERSION_KEY in marks
                else:
                    is_own = bool(config) and marks.get(_CONFIG_KEY) == config
                (own if is_own else foreign).append(path)
    ours = manifest is not None or begun is not None or clearing is not None
    lines = Output(output).learned_lines
    if storage.exists(lines) and not (ours and _is_unchanged(lines, manifest)):
        foreign.append(lines)
    children = _children(state)
    if children and begun is None and clearing is None and not _is_first_moment(state, children):
        foreign.append(state)
    return Remains(manifest, begun, clearing is not None, bool(children), tuple(own), tuple(foreign))


def _marker(state: str, names: Sequence[str]) -> dict[str, Any] | None:
    for name in names:
        path = storage.join(state, name)
        try:
            found = sealed.read_json(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (sealed.DamagedFileError, ValueError, RecursionError):
            raise OutputError(
                f"the working file {path!r} is damaged: which run it belongs to cannot be told; "
                "name another output folder, or move this one away"
            ) from None
        if isinstance(found, dict) and "version" in found:
            return found
    return None


def _entries(folder: str) -> list[str]:
    """Names of everything in a folder of results that readers of Parquet folders do not skip."""
    found = _children(folder, result_names)
    return [name for name in found if not any(part.startswith((".", "_")) for part in name.split("/"))]


def _children(folder: str, listed: Callable[[str], list[str]] = storage.list_all) -> list[str]:
    try:
        return listed(folder)
    except (NotADirectoryError, PermissionError) as error:
        while not os.path.exists(folder):
            folder = os.path.dirname(folder)
        raise OutputError(f"cannot look into {folder!r}: {error.strerror}; name another output") from None


def _marks(path: str) -> dict[str, str] | None:
    """Return the metadata of a part file; empty if it is not a part file or is a link, None if it cannot be read."""
    if not is_part_name(re.split(r"[/\\]", path)[-1]) or (storage.is_local(path) and os.path.islink(path)):
        return {}
    try:
        with storage.open_parquet(path) as parquet:
            metadata = parquet.schema_arrow.metadata or {}
    except (OSError, pa.ArrowException, ValueError):
        return None
    return {key.decode("utf-8", "replace"): value.decode("utf-8", "replace") for key, value in metadata.items()}


def _receipted(state: str) -> dict[str, set[str]]:
    """Return folder -> names of the files that finished shards of an unfinished run consist of."""
    found: dict[str, set[str]] = {}
    folder = State(state).receipts
    for receipt in storage.list_names(folder):
        with contextlib.suppress(FileNotFoundError, sealed.DamagedFileError):
            for kind, names in sealed.read_json(storage.join(folder, receipt))["files"].items():
                found.setdefault(kind, set()).update(names)
    return found


def is_marked(path: str, config: str) -> bool:
    """Return whether a file is a part that a run with this configuration has written.

    Args:
        path: The file.
        config: Digest of the configuration.
    """
    return (_marks(path) or {}).get(_CONFIG_KEY) == config


def digest_of(path: str) -> str:
    """Return the SHA-256 of a small file."""
    with storage.open_read(path) as stream:
        return hashlib.sha256(stream.read()).hexdigest()


def _is_unchanged(lines: str, manifest: Mapping[str, Any] | None) -> bool:
    """Return whether learned lines are as the run wrote them; users edit them."""
    known = (manifest or {}).get("learned_lines")
    return known is None or known == digest_of(lines)


def _is_first_moment(state: str, children: Sequence[str]) -> bool:
    """Return whether a state folder holds only what is written before the first marker."""
    if list(children) != [storage.TEMPORARY]:
        return False
    return all(_HALF_WRITTEN.fullmatch(name) for name in _children(State(state).temporary))


def refuse_foreign(output: str, remains: Remains) -> None:
    """Make sure that everything where a run writes is a run's.

    Raises:
        OutputError: Something is not, and is named.
    """
    if remains.foreign:
        more = len(remains.foreign) - _NAMED
        named = ", ".join(map(repr, remains.foreign[:_NAMED])) + (f" and {more} more" if more > 0 else "")
        raise OutputError(
            f"the output {output!r} holds files that no run of corpusmill wrote, or that were changed since: {named}. "
            "Nothing was removed; move them away, or name another folder"
        )


@dataclass(frozen=True)
class Sources:
    """What a run reads beside its input files.

    Attributes:
        folders: What a folder of an earlier output is to the command -> the folders.
        files: Key of the configuration -> the files that it names.
    """

    folders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)


def refuse_overlap(output: str, sources: Sources) -> None:
    """Make sure that a run writes nothing into what it reads, nor removes it.

    Raises:
        OutputError: The output is, contains or lies in an earlier output; or a file that the configuration names lies
            where the run writes.
    """
    for role, folders in sources.folders.items():
        for folder in folders:
            if overlap(output, folder):
                inside, around = is_within(output, folder), is_within(folder, output)
                how = "is" if inside and around else "lies in" if inside else "contains"
                raise OutputError(
                    f"the output {output!r} {how} {folder!r}, {role}, which a run only reads; name another "
                    "--output, outside it"
                )
    for key, files in sources.files.items():
        for file in files:
            if any(is_within(file, own) for own in Output(output).own):
                raise OutputError(
                    f"{key}: {file!r} lies in the output {output!r}, where this run would replace it; copy it to "
                    "another folder and name the copy"
                )


def clear(output: str, remains: Remains) -> None:
    """Remove what runs have left in an output folder, and nothing else.

    Args:
        output: The folder.
        remains: What `look_at` found.

    Raises:
        OutputError: Something is not a run's; nothing is removed then.
    """
    refuse_foreign(output, remains)
    if not (remains.manifest or remains.state or remains.own):
        return
    state = Output(output).state.path
    listed: dict[str, list[str]] = {}
    for folder in RESULTS:
        above = Output(output).folder(folder)
        names = [path[len(above) + 1 :] for path in remains.own if path.startswith((f"{above}/", f"{above}\\"))]
        if names:
            listed[folder] = names
    sealed.write_json(State(state).folder(CLEARING), {"files": listed, "version": 1}, state)
    storage.remove_file(Output(output).manifest)  # first: what a crash leaves behind must not look complete
    for path in remains.own:
        storage.remove_file(path)
    for path in (Output(output).learned_lines, Output(output).report):
        storage.remove_file(path)
    card = Output(output).card
    if storage.exists(card) and is_unchanged(card):
        storage.remove_file(card)
    for folder in RESULTS:
        remove_empty_results(Output(output).folder(folder))
    remove_state(output)


def remove_state(output: str) -> None:
    """Remove the working files of a run, last those that say whose they are."""
    refuse_links(output)
    state = Output(output).state.path
    if storage.is_local(state):
        for name in _children(state):
            path = storage.join(state, name)
            if os.path.isdir(path):
                shutil.rmtree(path, ignore_errors=True)
            elif name not in MARKERS:
                storage.remove_file(path)
    else:
        storage.remove_tree(state, but=MARKERS)
    for name in MARKERS:
        storage.remove_file(storage.join(state, name))
    storage.remove_empty_folder(state)
