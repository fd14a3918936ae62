from pathlib import Path

import pytest

from corpusmill.reports.corpus import read_manifest
from corpusmill.reports.texts import FOLDERS, Key, find_texts, key_of, partner_of
from tests.support import rows

pytestmark = pytest.mark.beam


def test_a_key_may_leave_out_where_a_document_is_from() -> None:
    row = {"id": "a", "source": "in.jsonl", "offset": 7}
    assert key_of(row).matches(row)
    assert Key("a", None, None).matches(row)
    assert not Key("a", "in.jsonl", 8).matches(row)
    assert not Key("b", None, None).matches(row)


def test_every_document_that_a_file_holds_is_found(demo_output: Path) -> None:
    audit = rows(demo_output, "audit")
    found = find_texts(str(demo_output), read_manifest(str(demo_output))["files"], map(key_of, audit))
    for decision, folder in FOLDERS.items():
        wanted = rows(demo_output, folder)
        column = "excerpt" if decision == "rejected" else "text"
        own = [row for row in audit if row["decision"] == decision]
        assert [found[key_of(row)] for row in own] == [row[column] for row in wanted]
    assert len(found) == sum(row["decision"] in FOLDERS for row in audit)
    assert find_texts(str(demo_output), read_manifest(str(demo_output))["files"], []) == {}


def test_a_partner_is_named_by_its_row(demo_output: Path) -> None:
    audit = rows(demo_output, "audit")
    keys = {key_of(row) for row in audit if row["decision"] == "kept"}
    partners = [partner_of(row) for row in audit]
    assert {partner for partner in partners if partner} <= keys
    assert sum(partner is not None for partner in partners) == 8
