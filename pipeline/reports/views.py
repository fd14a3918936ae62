"""What a finished run leaves to be read: the report page and the dataset card."""

from __future__ import annotations

from typing import Any

from corpusmill.reports.card import write_card
from corpusmill.reports.page import write_page


def write_views(output: str, manifest: dict[str, Any], state: str) -> None:
    """Write the report page and the dataset card of a finished run, as its configuration says.

    Args:
        output: Its output folder.
        manifest: Its manifest.
        state: Folder for working files, on the same filesystem.
    """
    settings = manifest["config"]["output"]
    if settings.get("report"):
        write_page(output, state)
    if settings.get("card"):
        write_card(output, manifest, state)
