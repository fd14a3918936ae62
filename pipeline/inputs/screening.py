"""Input files that a run of corpusmill has written: which are left out, which may be read, which end the run."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from corpusmill.inputs.path_identity import place_of
from corpusmill.inputs.patterns import InputError
from corpusmill.runs.output_folder import OutputError, load_manifest, look_at
from corpusmill.transforms import storage
from corpusmill.transforms.layout import CORPUS, LEARNED_LINES, MANIFEST, OWN, RESULTS, RUN, Output

_LOG = logging.getLogger("corpusmill")
_NAMED = 3


@dataclass
class Screening:
    """Looks at the files that the patterns of one command match, pattern by pattern.

    Attributes:
        output: The output folder; "" without one.
        files: Other files that the command writes.
    """

    output: str = ""
    files: Sequence[str] = ()
    _places: dict[str, str] = field(default_factory=dict)
    _outputs: dict[str, str] = field(default_factory=dict)
    _own: frozenset[str] | None = None

    def place(self, path: str) -> str:
        """Return the one form of a file's path: its folder without links, its name as it is.

        A link to a file is a file of its own, as in `ls`; a link to a folder leads to the same files.
        """
        folder, name = _split(path)
        if folder not in self._places:
            self._places[folder] = place_of(folder or (os.sep if path.startswith(os.sep) else os.curdir))
        return f"{self._places[folder].rstrip('/')}/{name}"

    def screen(self, pattern: str, paths: Sequence[str]) -> list[str]:
        """Return those of the files that a pattern matches that are to be read.

        Args:
            pattern: As it was given.
            paths: What it matches.

        Raises:
            InputError: The pattern names the output of a run as a whole, or files that the command would replace.
        """
        for file in self.files:
            if any(place_of(path) == place_of(file) for path in paths):
                raise InputError(f"input {pattern!r} matches the output {file!r} itself; name another output")
        mine = [path for path in paths if self.output and self._is_where_the_run_writes(path)]
        if mine:
            self._refuse_what_is_not_ours(pattern, mine)
            if len(mine) == len(paths):
                raise InputError(
                    f"input {pattern!r} matches only what a run has written to its own output {self.output!r}; name "
                    "its sources, or another output"
                )
            _LOG.info("%d files that a run has written to %s are no input; they are left out", len(mine), self.output)
        left_out = set(mine)
        read = [path for path in paths if path not in left_out]
        self._refuse_whole_outputs(pattern, read)
        return read

    def _is_where_the_run_writes(self, path: str) -> bool:
        place, output = self.place(path), self._place_of_output()
        if place.startswith(f"{output}/"):
            first = place[len(output) + 1 :].split("/", 1)[0]
            return first in OWN
        # A link to a file that the run writes.
        real = place_of(path) if storage.is_local(path) and os.path.islink(path) else ""
        return real.startswith(f"{output}/") and any(real.startswith(f"{output}/{name}/") for name in RESULTS)

    def _place_of_output(self) -> str:
        if "" not in self._outputs:
            self._outputs[""] = place_of(self.output)
        return self._outputs[""]

    def _refuse_what_is_not_ours(self, pattern: str, paths: Sequence[str]) -> None:
        """Raise if a file that the run would replace, or would not read, is not a run's."""
        if self._own is None:
            try:
                remains = look_at(self.output)
            except OutputError as error:
                raise InputError(str(error)) from None
            self._own = frozenset(self.place(path) for path in remains.own)
        folders = {f"{self._place_of_output()}/{name}" for name in RESULTS}
        # Manifest, learned lines and working files are looked at when the output is opened.
        foreign = [
            path for path in paths if _split(self.place(path))[0] in folders and self.place(path) not in self._own
        ]
        if foreign:
            raise InputError(
                f"input {pattern!r} matches files in the output {self.output!r}, where this run would write, that no "
                f"run has left there: {_named(foreign)}. Move them away, or name another output"
            )

    def _refuse_whole_outputs(self, pattern: str, paths: Iterable[str]) -> None:
        """Raise if the files are more than one of the folders of an earlier output."""
        found: dict[str, set[str]] = {}
        for path in paths:
            folder, name = _split(path)
            above, last = _split(folder)
            if "=" in last:  # the folder of a value
                above, last = _split(above)
            if last in RESULTS:
                found.setdefault(above, set()).add(last)
            elif name in {MANIFEST, LEARNED_LINES}:
                found.setdefault(folder, set()).add(name)
        for output, names in found.items():
            begun = self._is_begun(output)
            if len(names) == 1 and names <= {*RESULTS, LEARNED_LINES} and not begun:
                continue  # one folder, named as such
            if begun or self._is_output(output):
                what = "an unfinished run's output" if begun else "an earlier run's output"
                why = "which is no corpus yet" if begun else "with its removed duplicates and its tables"
                corpus = Output(output).folder(CORPUS)
                remedy = f"finish that run first, then give --input {corpus}" if begun else f"give --input {corpus}"
                raise InputError(
                    f"input {pattern!r} takes in {what}, {output or os.curdir!r}, {why}; {remedy} for its corpus, or "
                    "inputs that leave it out"
                )

    def _is_begun(self, output: str) -> bool:
        found = Output(output)
        return storage.exists(found.state.folder(RUN)) and not storage.exists(found.manifest)

    def _is_output(self, output: str) -> bool:
        try:
            return load_manifest(output) is not None
        except OutputError:
            return False  # some other program's manifest.json


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def _named(paths: Sequence[str]) -> str:
    more = len(paths) - _NAMED
    return ", ".join(map(repr, paths[:_NAMED])) + (f" and {more} more" if more > 0 else "")
