import json
from pathlib import Path

import pytest

from corpusmill.runs.manifest import _versions
from tests.support import rows

pytestmark = pytest.mark.beam


def test_the_manifest_says_what_the_files_hold(demo_output: Path) -> None:
    manifest = json.loads((demo_output / "manifest.json").read_text())
    audit, corpus = rows(demo_output, "audit"), rows(demo_output, "corpus")
    assert manifest["documents"]["in"] == len(audit)
    assert manifest["text_bytes"] == sum(len(row["text"].encode()) for row in corpus)
    assert manifest["chars"] == {
        "in": sum(row["chars_in"] for row in audit),
        "out": sum(len(row["text"]) for row in corpus),
    }
    removed = [line["rule"] for row in audit for line in row["removed_lines"] or ()]
    assert manifest["lines_removed"] == {rule: removed.count(rule) for rule in sorted(set(removed))}
    for folder, names in manifest["files"].items():
        assert [path.name for path in sorted((demo_output / folder).iterdir())] == names
        assert set(manifest["checksums"][folder]) == set(names)


def test_the_versions_are_those_of_the_libraries_that_decide_the_result() -> None:
    versions = _versions()
    assert {"apache-beam", "pyarrow", "ftfy", "emoji", "regex"} <= set(versions)
    assert all(versions.values())
