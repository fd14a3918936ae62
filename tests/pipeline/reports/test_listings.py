from pathlib import Path

import pytest

from corpusmill.reports.comparison import GAINED, Comparison, compare
from corpusmill.reports.corpus import read_manifest
from corpusmill.reports.listings import (
    comparison_as_json,
    describe_rows,
    render_comparison,
    render_ids,
    render_sample,
)
from tests.support import rows

pytestmark = pytest.mark.beam


def test_documents_come_with_their_texts_and_those_of_their_partners(demo_output: Path) -> None:
    audit = [row for row in rows(demo_output, "audit") if row["decision"] in ("duplicate", "filtered")]
    found = describe_rows(str(demo_output), read_manifest(str(demo_output)), audit)
    assert [row["id"] for row in found] == [row["id"] for row in audit]
    for row in found:
        assert row["text"] is not None
        assert (row["partner_text"] is not None) == (row["decision"] == "duplicate")


def test_a_sample_names_the_rule_the_place_and_the_partner() -> None:
    document = {
        "id": "a\x1b",
        "source": "in.jsonl",
        "offset": 7,
        "decision": "duplicate",
        "reason": "dedup.near",
        "similarity": 0.91,
        "text": "word " * 100,
        "partner_id": "b",
        "partner_text": "The kept one.",
    }
    shown = render_sample([document, {**document, "text": None, "partner_id": None, "similarity": None}]).plain
    lines = shown.split("\n")
    assert lines[0] == "a<U+001B>"
    assert lines[1] == "  dedup.near, similarity 0.9100, from in.jsonl at 7"
    assert lines[2].endswith("…")
    assert lines[3] == "  kept: b: The kept one."
    assert "(its text is in no file any more)" in shown
    narrow = render_sample([document], width=40)
    assert max(line.cell_len for line in narrow.split("\n")) <= 40


def test_ids_are_a_line_each_and_say_how_many_more_there_are() -> None:
    found = [{"id": "a", "reason": None, "decision": "kept", "source": "in.jsonl"}]
    assert render_ids(found, 1).plain == "a  kept  in.jsonl"
    assert render_ids(found, 1001).plain.endswith("… and 1,000 more; --limit shows more")


def test_what_differs_is_drawn_and_given_as_json(demo_output: Path) -> None:
    own = (str(demo_output), read_manifest(str(demo_output)))
    same = compare(own, own)
    assert render_comparison(same).plain.endswith("No document differs.")
    found = Comparison({"both": 2, "first only": 1, "second only": 0}, kept=1)
    found.counts[GAINED] = 1
    found.rules[GAINED] = same.counts.__class__({"dedup.near": 1})
    found.examples[GAINED] = {"dedup.near": [{"id": "a", "source": "in.jsonl", "offset": 7}]}
    shown = render_comparison(found).plain
    assert "2 documents in both inputs, 1 in the first only" in shown
    assert "1 gained, by what removed them before:\n  1  dedup.near\n     a  in.jsonl at 7" in shown
    assert comparison_as_json(found)["gained"] == {
        "documents": 1,
        "rules": {"dedup.near": 1},
        "examples": {"dedup.near": [{"id": "a", "source": "in.jsonl", "offset": 7}]},
    }
