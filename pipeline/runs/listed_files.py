"""Whether the files that a manifest lists are there, as long as they were written: listed, not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpusmill.runs.output_folder import OutputError
from corpusmill.transforms import storage
from corpusmill.transforms.layout import RESULTS, Output


def sizes_of(output: str, files: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    """Return folder -> name -> bytes of the files of a finished run.

    Args:
        output: The output folder.
        files: Folder -> names of its files.
    """
    found = {folder: storage.sizes_below(Output(output).folder(folder)) for folder in files}
    return {folder: {name: found[folder][name] for name in names} for folder, names in files.items()}


def describe_gaps(output: str, manifest: Mapping[str, Any], folders: Sequence[str] = RESULTS) -> str:
    """Say which files of a finished run are missing, or are longer or shorter than they were written; "" if none is.

    Args:
        output: The output folder.
        manifest: Its manifest.
        folders: Folders of results that are looked at.
    """
    gaps = []
    for folder in folders:
        names = manifest["files"].get(folder, ())
        sizes = manifest.get("sizes", {}).get(folder, {})
        found = storage.sizes_below(Output(output).folder(folder)) if names else {}
        for name in names:
            path, size = Output(output).file(folder, name), sizes.get(name)
            if name not in found:
                gaps.append(f"{path!r} is missing, but the manifest names it")
            elif size not in (None, found[name]):
                gaps.append(f"{path!r} has {found[name]:,} bytes, but {size:,} were written to it")
    lines = Output(output).learned_lines
    if manifest.get("learned_lines") is not None and not storage.exists(lines):
        gaps.append(f"{lines!r} is missing, but the manifest names it")
    more = len(gaps) - 1
    return f"{gaps[0]}{f', and {more:,} more files are not as they were written' if more else ''}" if gaps else ""


def require_whole(output: str, manifest: Mapping[str, Any]) -> None:
    """Make sure that a finished output, which a command is about to leave as it is, has all its files.

    Raises:
        OutputError: A file is missing, or is longer or shorter than it was written.
    """
    if gaps := describe_gaps(output, manifest):
        raise OutputError(
            f"the output {output!r} is of a finished run, but {gaps}; restore it, or give --overwrite to make the "
            "output again"
        )
