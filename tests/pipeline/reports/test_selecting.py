from pathlib import Path

import pytest

from corpusmill.reports.corpus import read_manifest
from corpusmill.reports.lookup import LookupFailedError
from corpusmill.reports.selecting import find_ids, known_rules, sample_rows
from tests.support import repairs, rows

pytestmark = pytest.mark.beam


def drawn(out: Path, reason: str | None, count: int = 1000, seed: int = 0) -> list[str]:
    return [row["id"] for row in sample_rows(str(out), read_manifest(str(out)), reason, count, seed)]


def test_a_sample_is_under_its_reason(demo_output: Path) -> None:
    audit = rows(demo_output, "audit")
    assert drawn(demo_output, "duplicate") == [row["id"] for row in audit if row["decision"] == "duplicate"]
    assert drawn(demo_output, "dedup") == drawn(demo_output, "duplicate")
    assert drawn(demo_output, "dedup.near") == [row["id"] for row in audit if row["reason"] == "dedup.near"]
    rule = "encoding.repair-mojibake"
    assert drawn(demo_output, rule) == [row["id"] for row in audit if rule in repairs(row)]
    with pytest.raises(LookupFailedError, match=r"is under 'dedup.none'; there are kept, duplicate"):
        drawn(demo_output, "dedup.none")


def test_a_seed_draws_the_same_documents_in_input_order(demo_output: Path) -> None:
    every = drawn(demo_output, None)
    assert len(every) == 44
    one = drawn(demo_output, None, 10, seed=1)
    assert one == drawn(demo_output, None, 10, seed=1)
    assert one != drawn(demo_output, None, 10, seed=2)
    assert one == [name for name in every if name in set(one)][:10]


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [("KITES-C", ["blog/kites-copy"]), ("blog/kites*y", ["blog/kites-copy"]), ("blog/k?tes", ["blog/kites"])],
)
def test_ids_are_found_by_a_part_or_a_pattern(demo_output: Path, pattern: str, wanted: list[str]) -> None:
    found, total = find_ids(str(demo_output), read_manifest(str(demo_output)), pattern, 10)
    assert ([row["id"] for row in found], total) == (wanted, len(wanted))


def test_a_limit_bounds_what_is_returned_not_what_is_counted(demo_output: Path) -> None:
    found, total = find_ids(str(demo_output), read_manifest(str(demo_output)), "*", 3)
    assert (len(found), total) == (3, 44)
    with pytest.raises(LookupFailedError, match=r"near ones are .*blog/kites"):
        find_ids(str(demo_output), read_manifest(str(demo_output)), "blog/kitez", 3)


def test_the_rules_are_those_that_found_something(demo_output: Path) -> None:
    manifest = read_manifest(str(demo_output))
    assert {"dedup.near", "encoding.repair-mojibake", "boilerplate.share-block"} <= set(known_rules(manifest))
    assert known_rules({"reasons": {"b": 1}, "repairs": {"a": 1}, "lines_removed": {"b": 2}}) == ["a", "b"]
