from pathlib import Path

import pytest

from corpusmill.reports.comparison import CHANGED, GAINED, LOST, compare
from corpusmill.reports.corpus import read_manifest
from tests.support import DEMO, decisions, run_corpus

pytestmark = pytest.mark.beam


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("other") / "out"
    run_corpus(DEMO, out, "dedup.threshold=0.95", "normalize.enabled=false", "filter.min_chars=300")
    return out


def test_what_differs_is_what_the_audits_say(demo_output: Path, other: Path) -> None:
    one, two = decisions(demo_output), decisions(other)
    gained = {name for name in one if one[name][0] != "kept" and two[name][0] == "kept"}
    lost = {name for name in one if one[name][0] == "kept" and two[name][0] != "kept"}
    assert gained
    assert lost
    pair = [(str(out), read_manifest(str(out))) for out in (demo_output, other)]
    for part_rows in (1000, 5):
        found = compare(pair[0], pair[1], examples=100, part_rows=part_rows)
        assert found.documents == {"both": 44, "first only": 0, "second only": 0}
        assert (found.counts[GAINED], found.counts[LOST]) == (len(gained), len(lost))
        named = {row["id"] for rows in found.examples[GAINED].values() for row in rows}
        assert named == gained
        assert sum(found.rules[LOST].values()) == len(lost)
        assert found.kept + found.counts[CHANGED] + len(lost) == 30


def test_an_output_does_not_differ_from_itself(demo_output: Path) -> None:
    own = (str(demo_output), read_manifest(str(demo_output)))
    found = compare(own, own)
    assert (found.kept, sum(found.counts.values()), found.rules) == (30, 0, {})
