import json
import shutil
from pathlib import Path

import pytest

from corpusmill.reports.corpus import CorpusError, check_files, read_corpus, read_corpus_table, read_manifest
from tests.support import rows

pytestmark = pytest.mark.beam


@pytest.fixture
def copy(demo_output: Path, tmp_path: Path) -> Path:
    shutil.copytree(demo_output, tmp_path / "out")
    return tmp_path / "out"


def test_a_corpus_is_its_documents_in_order(demo_output: Path) -> None:
    assert read_corpus_table(str(demo_output)).to_pylist() == rows(demo_output, "corpus")
    assert list(read_corpus(str(demo_output), ["id"])["id"]) == [row["id"] for row in rows(demo_output, "corpus")]
    with pytest.raises(CorpusError, match="the corpus has no column 'txt'; it has id"):
        read_corpus_table(str(demo_output), ["txt"])


def test_a_folder_without_a_manifest_is_no_output(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="give its command again to finish it"):
        read_manifest(str(tmp_path))
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(CorpusError, match="not a manifest of corpusmill"):
        read_manifest(str(tmp_path))
    with pytest.raises(CorpusError, match="there is no filesystem for nowhere://"):
        read_manifest("nowhere://a")


def test_a_file_that_is_damaged_or_missing_is_named(copy: Path) -> None:
    manifest = read_manifest(str(copy))
    check_files(str(copy), manifest, "corpus", "audit")
    (part,) = (copy / "corpus").iterdir()
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    check_files(str(copy), manifest, "audit")
    with pytest.raises(CorpusError, match="is damaged: it does not hold what was written"):
        check_files(str(copy), manifest, "corpus")
    part.unlink()
    with pytest.raises(
        CorpusError, match="is missing, but the manifest names it; restore it, or make the output again"
    ):
        read_corpus_table(str(copy))
    assert read_manifest(str(copy), ("audit",)) == manifest


def test_files_of_another_run_are_not_taken_for_the_corpus(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["metadata"]["corpusmill.config"] = "another"
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CorpusError, match="belongs to a different run"):
        read_corpus_table(str(copy))


def test_documents_are_counted(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["documents"]["kept"] += 1
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CorpusError, match="holds 30 documents, the manifest says 31"):
        read_corpus_table(str(copy))
