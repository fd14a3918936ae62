from pathlib import Path

import pytest

from corpusmill.reports.page_data import SAMPLES, diff_lines, gather_page
from tests.support import rows

pytestmark = pytest.mark.beam


def test_the_page_counts_what_the_audit_holds(demo_output: Path) -> None:
    page = gather_page(str(demo_output))
    audit = rows(demo_output, "audit")
    assert page.lengths_in.sum() == sum(row["decision"] != "rejected" for row in audit)
    assert page.lengths_out.sum() == 30
    assert page.similarities.sum() == sum(row["similarity"] is not None for row in audit)
    assert page.chars["duplicate"] == sum(row["chars_in"] for row in audit if row["decision"] == "duplicate")
    assert sum(shard["documents"] for shard in page.shards) == 30
    assert {reason: len(examples) for reason, examples in page.rejected.items()} == {
        "read.bad-json": 1,
        "read.no-text": 1,
        "read.not-an-object": 1,
    }


def test_samples_show_what_a_rule_did_and_pairs_are_the_nearest(demo_output: Path) -> None:
    page = gather_page(str(demo_output))
    assert all(0 < len(samples) <= SAMPLES for samples in page.samples.values())
    (sample, *_) = page.samples["encoding.repair-mojibake"]
    assert {mark for mark, _ in sample.diff} == {"-", "+"}
    similarities = [pair["similarity"] for pair in page.pairs]
    assert similarities == sorted(similarities)
    assert all(pair["kept_text"] and pair["removed_text"] for pair in page.pairs)
    losses = [loss for loss, _ in page.losses]
    assert losses == sorted(losses, reverse=True)


def test_a_diff_holds_the_changed_lines_only() -> None:
    assert diff_lines("a\nb\nc", "a\nB\x1b\nc") == [("-", "b"), ("+", "B<U+001B>")]
    assert diff_lines("a", "a") == []
