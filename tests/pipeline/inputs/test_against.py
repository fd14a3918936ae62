"""Runs against earlier corpora, and the index that makes them cheap."""

import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rich.console import Console

from corpusmill.config import ConfigError
from corpusmill.reports.document_history import Story, render_story
from corpusmill.reports.lookup import find_document
from corpusmill.reports.summary import print_summary
from corpusmill.runs.run_folder import OutputError
from tests.support import check_accounts, decisions, digests, rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

SETS = (
    "boilerplate.enabled=false",
    "dedup.recall=0.999999",
    "dedup.num_perm=256",
    "input.split_bytes=2000",
    "output.shard_size=2000",
)
LINES = [
    "The ferry leaves the harbour at seven and comes back with the mail and two sleepy gulls on its roof.",
    "Nobody at the quay remembers who painted the lighthouse green, but everybody has an opinion on it.",
    "When the fog comes in, the bell of the chapel tells the boats which way the stones are lying.",
    "My aunt sells smoked eel from a blue hut and counts her change in the coins of three countries.",
    "In winter the sand blows over the road until the bus drives on the beach as if it had always done so.",
    "They say that the keeper wrote a book about clouds and that it was printed upside down by mistake.",
]


def document(name: str, first: int, *, edit: int = 0) -> dict[str, Any]:
    """Thirty sentences that begin at some place of the round, each with a number; `edit` of them are changed."""
    words = [f"{LINES[(first + k * 5) % 6]} {first}x{k}." for k in range(6)]
    for k in range(edit):
        words[k] = words[k].replace(f"{first}x{k}", f"edit{k}")
    return {"id": name, "text": " ".join(words)}


A = [document("a0", 0), document("a1", 1), document("a1-near", 1, edit=1), document("a2", 2)]
B = [document("b-a1", 1), document("b-near", 2, edit=1), document("b3", 3), document("b4", 4)]
C = [document("c-b3", 3), document("c-a0", 0, edit=1), document("c5", 5), document("c5-copy", 5)]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chain")
    inputs = {name: write_jsonl(folder / f"{name}.jsonl", found) for name, found in (("a", A), ("b", B), ("c", C))}
    run_corpus(inputs["a"], folder / "a", *SETS)
    run_corpus(inputs["b"], folder / "b", *SETS, against=(folder / "a",))
    before = digests(folder / "a", "corpus", "index", "audit"), digests(folder / "b", "corpus", "index", "audit")
    run_corpus(inputs["c"], folder / "c", *SETS, against=(folder / "a", folder / "b"))
    run_corpus([inputs["a"], inputs["b"], inputs["c"]], folder / "all", *SETS)
    assert before == (
        digests(folder / "a", "corpus", "index", "audit"),
        digests(folder / "b", "corpus", "index", "audit"),
    )
    return folder


def test_a_chain_of_runs_decides_as_one_run_over_all(chain: Path) -> None:
    apart = {name: found for run in ("a", "b", "c") for name, found in decisions(chain / run).items()}
    assert apart == decisions(chain / "all")
    assert {name for name, found in apart.items() if found[0] == "kept"} == {"a0", "a1", "a2", "b3", "b4", "c5"}
    for run in ("a", "b", "c"):
        check_accounts(chain / run, 4)


def test_the_audit_names_the_earlier_corpus_that_holds_the_partner(chain: Path) -> None:
    found = {row["id"]: (row["partner_id"], row["partner_corpus"], row["reason"]) for row in rows(chain / "c", "audit")}
    assert found == {
        "c-b3": ("b3", str(chain / "b"), "dedup.exact"),
        "c-a0": ("a0", str(chain / "a"), "dedup.near"),
        "c5": (None, None, None),
        "c5-copy": ("c5", None, "dedup.exact"),
    }
    (row,) = find_document(str(chain / "c"), "c-b3")
    assert str(chain / "b") in render_story(Story(row)).plain


def test_the_manifest_names_the_earlier_corpora(chain: Path) -> None:
    manifest = json.loads((chain / "c" / "manifest.json").read_text())
    assert [(entry["path"], entry["documents"]) for entry in manifest["against"]] == [
        (str(chain / "a"), 3),
        (str(chain / "b"), 2),
    ]


@pytest.mark.parametrize("way", ["no-index", "lost-index", "other-scheme"])
def test_an_index_that_cannot_be_used_is_computed_from_the_texts(
    chain: Path, tmp_path: Path, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    old = tmp_path / "a"
    sets: tuple[str, ...] = SETS
    if way == "no-index":
        run_corpus(chain / "a.jsonl", old, *SETS, "output.index=false")
        assert not (old / "index").exists()
    else:
        shutil.copytree(chain / "a", old)
        if way == "lost-index":
            shutil.rmtree(old / "index")
        else:
            sets = (*SETS, "dedup.seed=7")
    before = digests(old, "*")
    with caplog.at_level("INFO", logger="corpusmill"):
        run_corpus(chain / "b.jsonl", tmp_path / "b", *sets, against=(old,))
    assert "it is computed from its texts" in caplog.text
    assert decisions(tmp_path / "b") == decisions(chain / "b")
    assert digests(old, "*") == before


def test_another_earlier_corpus_is_another_run(chain: Path) -> None:
    before = digests(chain / "a", "*")
    with pytest.raises(OutputError, match="other earlier corpora"):
        run_corpus(chain / "a.jsonl", chain / "a", *SETS, against=(chain / "b",))
    assert digests(chain / "a", "*") == before


def test_what_is_no_finished_corpus_is_refused_with_a_remedy(chain: Path, tmp_path: Path) -> None:
    (tmp_path / "stopped").mkdir()
    with pytest.raises(ConfigError, match="give its command again"):
        run_corpus(chain / "b.jsonl", tmp_path / "b", *SETS, against=(tmp_path / "stopped",))
    run_corpus(chain / "a.jsonl", tmp_path / "report", *SETS, "output.corpus=false")
    with pytest.raises(ConfigError, match="without --report-only"):
        run_corpus(chain / "b.jsonl", tmp_path / "b", *SETS, against=(tmp_path / "report",))
    with pytest.raises(ConfigError, match="is the output folder itself"):
        run_corpus(chain / "b.jsonl", tmp_path / "b", *SETS, against=(tmp_path / "b",))
    with pytest.raises(ConfigError, match="given twice"):
        run_corpus(chain / "b.jsonl", tmp_path / "b", *SETS, against=(chain / "a", chain / "a"))
    with pytest.raises(ConfigError, match=r"dedup\.enabled"):
        run_corpus(chain / "b.jsonl", tmp_path / "b", *SETS, "dedup.enabled=false", against=(chain / "a",))
    shutil.copytree(chain / "a", tmp_path / "lost")
    shutil.rmtree(tmp_path / "lost" / "corpus")
    with pytest.raises(ConfigError, match=r"is missing.*--overwrite"):
        run_corpus(chain / "b.jsonl", tmp_path / "b", *SETS, against=(tmp_path / "lost",))
    assert not (tmp_path / "b").exists()


def test_the_summary_names_the_earlier_corpora_and_those_that_hold_a_family(chain: Path) -> None:
    stream = io.StringIO()
    print_summary(Console(file=stream, width=400), json.loads((chain / "c" / "manifest.json").read_text()), "c")
    a, b = str(chain / "a"), str(chain / "b")
    assert f"Compared with the earlier corpora {a} (3 documents), {b} (2 documents)" in stream.getvalue()
    assert "(in " in stream.getvalue().split("Largest duplicate families")[1]


def test_the_index_has_the_format_that_is_written_down(tmp_path: Path) -> None:
    """Known answers: a change here makes every index that is somewhere unusable, and needs another version."""
    documents = [
        {"id": "one", "text": "The quick brown fox jumps over the lazy dog."},
        {"id": "short", "text": "Hello, world"},
        {"id": "signs", "text": "...!"},
    ]
    inputs = write_jsonl(tmp_path / "in.jsonl", documents)
    run_corpus(inputs, tmp_path / "out", "boilerplate.enabled=false", "normalize.enabled=false")
    (path,) = (tmp_path / "out" / "index").iterdir()
    table = pq.read_table(path)
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert metadata["corpusmill.index"] == "2"
    assert metadata["corpusmill.signature"] == (
        "datasketch-affine32 num_perm=128 seed=1 bands=25 rows=5 shingle_size=5 max_shingles=2000000"
    )
    assert [(field.name, str(field.type)) for field in table.schema] == [
        ("id", "string"),
        ("text_hash", "fixed_size_binary[16]"),
        ("group_key", "fixed_size_binary[16]"),
        ("near", "bool"),
        ("band_keys", "fixed_size_binary[200]"),
    ]
    found = table.to_pylist()
    assert [row["id"] for row in found] == ["one", "short", "signs"]
    assert [row["near"] for row in found] == [True, False, False]
    hashes = [hashlib.blake2b(row["text"].encode(), digest_size=16).digest() for row in documents]
    assert [row["text_hash"] for row in found] == hashes
    assert [row["group_key"].hex() for row in found] == GROUP_KEYS
    assert found[0]["band_keys"][:16].hex() == BAND_KEYS
    assert found[1]["band_keys"] == bytes(200)


GROUP_KEYS = [
    "7fc1b15915a30fd5c4e226d6923601db",
    "d3faa23410e3a1369dd01ba1286826b6",
    "82027c16a4e6475c0e6c62741fca5d32",
]
BAND_KEYS = "d3c8f943950b8e4e5edea911b2ce3743"


# Without shrinking: an example takes seconds.
@settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=4, max_size=16), st.data())
def test_any_chain_decides_as_one_run(
    tmp_path_factory: pytest.TempPathFactory, picks: list[tuple[int, int]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("any")
    documents = [document(f"d{k}", first, edit=edit) for k, (first, edit) in enumerate(picks)]
    cut = data.draw(st.integers(1, len(documents) - 1))
    old = write_jsonl(folder / "old.jsonl", documents[:cut])
    new = write_jsonl(folder / "new.jsonl", documents[cut:])
    run_corpus(old, folder / "old", *SETS)
    run_corpus(new, folder / "new", *SETS, against=(folder / "old",))
    run_corpus([old, new], folder / "all", *SETS)
    assert decisions(folder / "old") | decisions(folder / "new") == decisions(folder / "all")
