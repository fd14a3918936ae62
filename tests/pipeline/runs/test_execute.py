import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from corpusmill.reports.corpus import CorpusError, read_corpus
from corpusmill.runs.run_folder import OutputError
from corpusmill.transforms.layout import RESULTS
from tests.support import DEMO, check_accounts, decisions, digests, repairs, rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

KITES = "Forty kites over the sea wall 💥💥💥"


OFF = ("min_mean_word_length", "max_mean_word_length", "max_hash_ratio", "max_ellipsis_ratio", "max_bullet_lines",
       "max_ellipsis_lines", "min_letter_words", "min_stop_words")  # fmt: skip
IN_PIECES = (
    "input.split_bytes=2048",
    "input.batch_bytes=1024",
    "output.shard_size=2000",
    "output.keep_state=true",
    "input.keep_columns={year: int64}",
    "filter.presets=[gopher]",  # with limits that all documents keep, so that there are scores
    "filter.gopher.min_words=1",
    *(f"filter.gopher.{name}=null" for name in OFF),
)


@pytest.fixture(scope="module")
def demo(demo_output: Path) -> Path:
    return demo_output


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo in many splits, batches and shards, by one process, with a kept column and scores."""
    out = tmp_path_factory.mktemp("pieces") / "out"
    run_corpus(DEMO, out, *IN_PIECES)
    return out


def test_the_demo_accounts_for_every_record(demo: Path) -> None:
    check_accounts(demo, 44)
    manifest = json.loads((demo / "manifest.json").read_text())
    assert manifest["documents"] == {"in": 44, "kept": 30, "duplicate": 8, "filtered": 3, "rejected": 3}


def test_the_model_case_comes_out_as_its_author_wrote_it(demo: Path) -> None:
    (text,) = [row["text"] for row in rows(demo, "corpus") if row["id"] == "blog/kites"]
    lines = text.split("\n")
    assert lines[0] == KITES
    assert lines[-1].endswith("the tea van takes no cards.")
    assert "“They think it’s an invasion,” said Marta" in text
    assert decisions(demo)["blog/kites-copy"] == ("duplicate", "dedup.exact", "blog/kites")
    assert decisions(demo)["blog/kites-rewritten"] == ("duplicate", "dedup.near", "blog/kites")


def test_lines_that_one_site_has_on_its_pages_are_learned_and_go(demo: Path) -> None:
    texts = {row["id"]: row["text"] for row in rows(demo, "corpus") if row["id"].startswith("gazette/")}
    assert len(texts) == 3
    assert not [name for name, text in texts.items() if "Lost and found" in text or "Write to the pier" in text]
    assert texts["gazette/two-lamps"].endswith("since he is still the mayor.")
    learned = pq.read_table(demo / "learned_lines.parquet").to_pylist()
    assert {row["host"] for row in learned if row["sample"] == "Lost and found"} == {"piergazette.example"}


def test_copies_meet_after_repair_whatever_their_damage(demo: Path) -> None:
    found = decisions(demo)
    assert found["blog/bread-latin1"][2] == "blog/bread"
    assert found["blog/bread-cyrillic-codepage"][2] == "blog/bread"


def test_reports_that_differ_in_their_figures_are_not_copies(demo: Path) -> None:
    assert {decisions(demo)[f"news/quarter-{quarter}"][0] for quarter in (1, 2, 3)} == {"kept"}


def test_the_audit_names_lines_repairs_and_encodings(demo: Path) -> None:
    audit = {row["id"]: row for row in rows(demo, "audit")}
    kites = audit["blog/kites"]
    assert repairs(kites)["encoding.repair-mojibake"] == 1
    assert [line["text"] for line in kites["removed_lines"]][-1] == "Get link"
    assert kites["lines_removed"] == len(kites["removed_lines"]) == 2
    koi8 = next(row for name, row in audit.items() if name.endswith("koi8-r.txt"))
    assert koi8["encoding"].lower().startswith("koi8")


def test_kept_columns_are_typed_and_the_rest_is_json(pieces: Path) -> None:
    frame = read_corpus(str(pieces)).set_index("id")
    assert frame.loc["blog/kites", "year"] == 2024
    assert json.loads(str(frame.loc["blog/kites", "metadata"]))["url"].startswith("https://tidewall")
    assert pd.isna(frame.loc[next(name for name in frame.index if name.endswith("ascii.txt")), "year"])


def test_pandas_reads_the_corpus_folder_as_it_is(pieces: Path) -> None:
    frame = pd.read_parquet(pieces / "corpus")
    assert list(frame.columns) == ["id", "text", "source", "metadata", "year"]
    assert len(frame) == 30


def test_rejected_records_say_what_is_wrong(demo: Path) -> None:
    reasons = {row["reason"]: row for row in rows(demo, "rejected")}
    assert set(reasons) == {"read.bad-json", "read.no-text", "read.not-an-object"}
    assert all(row["error"] for row in reasons.values())


def test_parts_have_one_schema_and_source_rows_count_through_a_file_that_is_split(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"id": str(k), "text": f"document {k} " * 50} for k in range(60)])
    sets = ("input.split_bytes=4096", "output.shard_size=5000", "dedup.enabled=false")
    manifest = run_corpus(inputs, tmp_path / "out", *sets)
    assert manifest["input"]["splits"] > 5
    assert [row["source_row"] for row in rows(tmp_path / "out", "audit")] == list(range(60))
    files = manifest["files"]["corpus"]
    assert len(files) > 3
    schemas = [pq.read_schema(tmp_path / "out" / "corpus" / name) for name in files]
    assert all(schema.equals(schemas[0], check_metadata=True) for schema in schemas)
    assert {b"corpusmill.version", b"corpusmill.config", b"corpusmill.signature"} <= set(schemas[0].metadata)
    sizes = [sum(len(row["text"].encode()) for row in rows_of(tmp_path / "out" / "corpus" / name)) for name in files]
    assert min(sizes) > 0
    assert max(sizes) < 6000
    check_accounts(tmp_path / "out", 60)
    assert [row["id"] for row in rows(tmp_path / "out", "corpus")] == [str(k) for k in range(60)]


def rows_of(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


def test_an_input_of_which_nothing_is_kept_still_gives_a_corpus_that_loads(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": " "}, {"id": "b", "text": "\n"}])
    run_corpus(inputs, tmp_path / "out")
    assert len(pd.read_parquet(tmp_path / "out" / "corpus")) == 0
    assert len(read_corpus(str(tmp_path / "out"))) == 0
    check_accounts(tmp_path / "out", 2)


@pytest.mark.parametrize(
    "beam",
    [
        ("--direct_num_workers=2", "--direct_running_mode=multi_threading"),
        ("--direct_num_workers=2", "--direct_running_mode=multi_processing"),
    ],
    ids=["threads", "processes"],
)
def test_the_output_does_not_depend_on_the_workers(pieces: Path, tmp_path: Path, beam: tuple[str, ...]) -> None:
    run_corpus(DEMO, tmp_path / "out", *IN_PIECES, beam=beam)
    assert digests(tmp_path / "out", *RESULTS) == digests(pieces, *RESULTS)
    assert all(len(digests(pieces, name)) > 2 for name in ("corpus", "scores"))


def test_the_decisions_do_not_depend_on_how_the_input_is_cut(demo_output: Path, pieces: Path) -> None:
    wanted = ("id", "decision", "reason", "partner_id", "similarity", "chars_in", "chars_out", "source_row", "offset")
    whole, cut = ([{name: row[name] for name in wanted} for row in rows(out, "audit")] for out in (demo_output, pieces))
    assert whole == cut
    texts = [[(row["id"], row["text"], row["source"]) for row in rows(out, "corpus")] for out in (demo_output, pieces)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("stage", ["normalize", "boilerplate", "dedup"])
def test_a_stage_can_be_switched_off(tmp_path: Path, stage: str) -> None:
    run_corpus(DEMO, tmp_path / "out", f"{stage}.enabled=false")
    audit = rows(tmp_path / "out", "audit")
    rules = {rule for row in audit for rule in repairs(row)}
    seen = {
        "normalize": bool(rules),
        "boilerplate": any(row["removed_lines"] for row in audit),
        "dedup": any(row["decision"] == "duplicate" for row in audit),
    }
    assert seen == {name: name != stage for name in seen}


def test_a_finished_run_is_not_done_again(demo_output: Path) -> None:
    before = digests(demo_output, *RESULTS)
    written = (demo_output / "manifest.json").stat().st_mtime_ns
    assert run_corpus(DEMO, demo_output) == json.loads((demo_output / "manifest.json").read_text())
    assert digests(demo_output, *RESULTS) == before
    assert (demo_output / "manifest.json").stat().st_mtime_ns == written


def test_another_configuration_does_not_overwrite(demo_output: Path) -> None:
    before = digests(demo_output, *RESULTS)
    with pytest.raises(OutputError, match=r"another configuration.*--overwrite"):
        run_corpus(DEMO, demo_output, "dedup.threshold=0.9")
    assert digests(demo_output, *RESULTS) == before


def test_a_corpus_that_is_not_complete_is_not_read(demo_output: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_output, tmp_path / "out")
    next((tmp_path / "out" / "corpus").glob("*.parquet")).unlink()
    with pytest.raises(CorpusError, match="missing"):
        read_corpus(str(tmp_path / "out"))
    (tmp_path / "out" / "manifest.json").unlink()
    with pytest.raises(CorpusError, match="not the output of a finished run"):
        read_corpus(str(tmp_path / "out"))


def test_working_files_are_removed_when_a_run_has_ended_well(demo_output: Path, pieces: Path) -> None:
    assert sorted(path.name for path in demo_output.iterdir()) == [
        "README.md",
        "audit",
        "corpus",
        "index",
        "learned_lines.parquet",
        "manifest.json",
        "pairs",
        "rejected",
        "removed",
        "report.html",
        "statistics",
    ]
    assert (pieces / "_state").is_dir()
