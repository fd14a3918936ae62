"""Nothing is written among the files of another output: its folders hold what its manifest lists, and nothing else."""

from __future__ import annotations

from corpusmill.inputs.path_identity import place_of
from corpusmill.runs.output_folder import OutputError, load_manifest
from corpusmill.transforms import storage
from corpusmill.transforms.layout import RESULTS, RUN, STATE, Output


def refuse_inside_output(path: str) -> None:
    """Make sure that what is to be written lies in no folder of results or working files of a run.

    Args:
        path: A file or folder, which need not exist.

    Raises:
        OutputError: It does.
    """
    place = place_of(path)
    while place:
        above, _, name = place.rpartition("/")
        if name in {*RESULTS, STATE} and _is_output(above):
            raise OutputError(f"{path!r} lies in {place!r}, among the files of a run; name another place")
        place = above


def _is_output(folder: str) -> bool:
    if storage.exists(Output(folder).state.folder(RUN)):
        return True
    try:
        return load_manifest(folder) is not None
    except OutputError:
        return False  # some other program's manifest.json
