"""Repeated paragraphs in whole runs."""

from pathlib import Path

import pytest

from corpusmill.config import ConfigError
from corpusmill.runs.rethreshold import rethreshold
from tests.support import check_accounts, decisions, rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

SHARED = "All rights to the drawings on this page remain with the harbour museum and with the heirs of the painter."
OTHER = "Please tell the keeper if you find an error in one of the tables; he corrects them every spring by hand."
OWN = [
    "The first chapter is about the wind and how the old men on the pier gave each of its moods a name of its own.",
    "In the second year the fish stayed away, the nets dried on the wall and the children learned to mend bicycles.",
    "A letter from the capital announced a new railway, which was built as far as the next village and no further.",
]
SETS = ("boilerplate.enabled=false", "dedup.paragraphs.min_chars=40")


def _write(tmp_path: Path) -> Path:
    return write_jsonl(
        tmp_path / "in.jsonl",
        [
            {"id": "a", "text": f"{OWN[0]}\n\n{SHARED}\n\n{OWN[0][::-1]}"},
            {"id": "a-copy", "text": f"{OWN[0]}\n\n{SHARED}\n\n{OWN[0][::-1]}"},
            {"id": "b", "text": f"{OWN[1]}\n\n{SHARED.upper()}\n\n{OTHER}"},
            {"id": "only-shared", "text": SHARED},
            {"id": "c", "text": f"{OTHER}\n\n{OWN[2]}\n\nShort.\n\nShort."},
        ],
    )


@pytest.mark.parametrize("split_bytes", [1024, 1 << 20])
def test_copies_behind_the_first_document_go_and_are_audited_like_lines(tmp_path: Path, split_bytes: int) -> None:
    sets = (*SETS, "dedup.paragraphs.keep=first", f"input.split_bytes={split_bytes}", "input.batch_bytes=1024")
    manifest = run_corpus(_write(tmp_path), tmp_path / "out", *sets)
    check_accounts(tmp_path / "out", 5)
    assert decisions(tmp_path / "out")["a-copy"] == ("duplicate", "dedup.exact", "a")
    texts = {row["id"]: row["text"] for row in rows(tmp_path / "out", "corpus")}
    assert texts == {
        "a": f"{OWN[0]}\n\n{SHARED}\n\n{OWN[0][::-1]}",
        "b": f"{OWN[1]}\n\n{OTHER}",
        "only-shared": SHARED,  # nothing would be left
        "c": f"{OWN[2]}\n\nShort.\n\nShort.",
    }
    audit = {row["id"]: row for row in rows(tmp_path / "out", "audit")}
    assert audit["b"]["removed_lines"] == [{"line": 2, "rule": "dedup.paragraph", "text": SHARED.upper()}]
    assert (audit["b"]["lines_removed"], audit["b"]["chars_out"]) == (1, len(texts["b"]))
    assert manifest["lines_removed"] == {"dedup.paragraph": 2}
    # The index goes with the texts as they are written.
    again = run_corpus(_write_texts(tmp_path, texts), tmp_path / "again", *SETS, against=(tmp_path / "out",))
    assert again["documents"]["duplicate"] == len(texts)
    assert again["reasons"] == {"dedup.exact": len(texts)}


def _write_texts(tmp_path: Path, texts: dict[str, str]) -> Path:
    return write_jsonl(tmp_path / "texts.jsonl", [{"id": f"t-{name}", "text": text} for name, text in texts.items()])


def test_all_copies_go_if_none_is_to_stay(tmp_path: Path) -> None:
    run_corpus(_write(tmp_path), tmp_path / "out", *SETS, "dedup.paragraphs.keep=none")
    texts = {row["id"]: row["text"] for row in rows(tmp_path / "out", "corpus")}
    assert texts == {
        "a": f"{OWN[0]}\n\n{OWN[0][::-1]}",
        "b": OWN[1],
        "only-shared": SHARED,
        "c": f"{OWN[2]}\n\nShort.\n\nShort.",
    }
    with pytest.raises(ConfigError, match=r"dedup\.paragraphs"):
        rethreshold(str(tmp_path / "out"), 0.9, str(tmp_path / "new"))
