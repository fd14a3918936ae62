from pathlib import Path

import pytest

from corpusmill.reports import losses
from corpusmill.reports.corpus import read_manifest
from corpusmill.reports.losses import gather_losses
from tests.support import rows

pytestmark = pytest.mark.beam


def test_every_character_is_accounted_for(demo_output: Path) -> None:
    manifest = read_manifest(str(demo_output))
    found = gather_losses(str(demo_output), manifest)
    assert found is not None
    lost = found.duplicates + found.filtered + found.lines + found.repairs
    assert manifest["chars"]["in"] == manifest["chars"]["out"] + lost
    audit = rows(demo_output, "audit")
    assert found.duplicates == sum(row["chars_in"] for row in audit if row["decision"] == "duplicate")
    first = {row["reason"]: row["id"] for row in reversed(audit) if row["reason"]}
    assert {rule: example["id"] for rule, example in found.examples.items()} == first


def test_a_large_output_is_not_read(demo_output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "MAX_DOCUMENTS", 43)
    assert gather_losses(str(demo_output), read_manifest(str(demo_output))) is None
