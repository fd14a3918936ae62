"""Looking one document up: the right partner, near ids, and nothing that a terminal would obey."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from corpusmill.reports.document_history import Story, render_story
from corpusmill.reports.lookup import LookupFailedError, find_document, find_partner_text
from tests.support import rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

KITES = "The kites rose over the harbour wall while the band was still packing its drums into the van."
BREAD = "Bake the bread until the crust sounds hollow, then leave it on the rack for an hour at least."


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lookup")
    inputs = write_jsonl(
        folder / "in.jsonl",
        [
            {"id": "same", "text": BREAD},
            {"id": "same", "text": KITES},
            {"id": "copy-of-kites", "text": KITES},
            {"id": "evil\x1b]0;owned\x07", "text": BREAD},
        ],
    )
    run_corpus(inputs, folder / "out")
    return folder / "out"


def test_the_partner_is_the_document_itself_where_ids_repeat(out: Path) -> None:
    (row,) = find_document(str(out), "copy-of-kites")
    first, second, *_ = rows(out, "audit")
    assert (row["partner_id"], row["partner_source"]) == ("same", second["source"])
    assert row["partner_offset"] == second["offset"] != first["offset"]
    assert find_partner_text(str(out), row) == KITES


def test_an_unknown_id_offers_near_ones(out: Path) -> None:
    with pytest.raises(LookupFailedError, match="did you mean 'copy-of-kites'"):
        find_document(str(out), "copy-of-kite")
    with pytest.raises(LookupFailedError, match="did you mean 'copy-of-kites'"):
        find_document(str(out), "copy-off-kites")
    with pytest.raises(LookupFailedError, match="column id of audit"):
        find_document(str(out), "zebra")


def test_controls_in_ids_are_written_as_code_points(out: Path) -> None:
    (row,) = find_document(str(out), "evil\x1b]0;owned\x07")
    screen = io.StringIO()
    Console(file=screen, force_terminal=True, color_system=None).print(render_story(Story(row, ())))
    assert "\x1b" not in screen.getvalue()
    assert "<U+001B>" in screen.getvalue()
