"""`output.partition_by`: folders of the corpus that readers of Hive folders take for a column."""

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest

import corpusmill
from corpusmill.config import ConfigError, load_config
from corpusmill.reports.comparison import compare
from corpusmill.reports.corpus import read_manifest
from corpusmill.reports.texts import Key, find_texts
from corpusmill.runs.accounts import AccountingError
from corpusmill.runs.export import export
from corpusmill.runs.finished_shards import FinishedShard
from corpusmill.runs.output_files import output_files
from corpusmill.runs.output_folder import OutputError
from corpusmill.runs.refilter import refilter
from corpusmill.runs.remake import config_of
from corpusmill.runs.rethreshold import rethreshold
from corpusmill.transforms.kernels.errors import DataRefusedError
from tests.families import corpus
from tests.support import rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

ODD = ["eng", None, "a/b", "..", "", "two\nlines", "50%", "größer als", "a=b", "12", "x" * 240]
SETS = (
    "boilerplate.enabled=false",
    "input.split_bytes=3000",
    "output.shard_size=2500",
    "output.row_group_size=2000",
    "input.keep_columns={kind: string}",
    "output.partition_by=kind",
    "dedup.threshold=0.6",
)


def _digests(out: Path) -> dict[str, str]:
    parts = sorted(path for path in out.rglob("part-*") if path.is_file())
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in parts}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("partitions")
    documents = corpus(4, 120)
    for number, document in enumerate(documents):
        document["kind"] = ODD[number * len(ODD) // len(documents)]
    run_corpus(write_jsonl(folder / "in.jsonl", documents), folder / "out", *SETS)
    return folder / "in.jsonl", folder / "out", documents


def test_readers_of_hive_folders_give_every_value_back(made: tuple[Path, Path, list[dict[str, Any]]]) -> None:
    duckdb, pl = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    _, out, documents = made
    kinds = {document["id"]: document["kind"] for document in documents}
    kept = [row["id"] for row in rows(out, "audit") if row["decision"] == "kept"]
    expected = sorted((name, kinds[name]) for name in kept)
    assert {kinds[name] for name in kept} == set(ODD)
    folder = str(out / "corpus")
    read = {
        "pyarrow": pads.dataset(folder, partitioning="hive").to_table(["id", "kind"]).to_pylist(),
        "duckdb": duckdb.connect()
        .sql(
            f"select id, kind from read_parquet('{folder}/*/*.parquet', hive_partitioning=true, hive_types_autocast=0)"
        )
        .to_arrow_table()
        .to_pylist(),
        "polars": pl.read_parquet(folder, hive_partitioning=True).select("id", "kind").to_dicts(),
        "corpusmill": corpusmill.read(str(out))[["id", "kind"]].astype(object).to_dict("records"),
        "pandas": pd.read_parquet(folder, partitioning=pads.HivePartitioning.discover())[["id", "kind"]].to_dict(
            "records"
        ),
    }
    for reader, found in read.items():
        values = sorted((row["id"], row["kind"] if isinstance(row["kind"], str) else None) for row in found)
        assert values == expected, reader
    for path in (out / "corpus").rglob("*.parquet"):
        assert "kind" not in pq.read_schema(path).names
        assert unquote(path.parent.name.partition("=")[2]) in [*map(str, ODD), "__HIVE_DEFAULT_PARTITION__"]


def test_bytes_follow_from_the_input_alone(made: tuple[Path, Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    inputs, out, _ = made
    assert len({path.name for path in (out / "corpus").rglob("*.parquet")}) > 2
    run_corpus(inputs, tmp_path / "again", *SETS, "run.workers=2", "run.mode=threads")
    assert _digests(tmp_path / "again") == _digests(out)


def test_looking_finds_the_text_of_each_document(made: tuple[Path, Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    _, out, documents = made
    manifest = read_manifest(str(out))
    texts = {row["id"]: row["text"] for row in rows(out, "removed")}
    texts |= dict(corpusmill.read(str(out), ["id", "text"]).to_numpy().tolist())
    keys = [Key(row["id"], row["source"], row["offset"]) for row in rows(out, "audit")]
    found = find_texts(str(out), manifest["files"], keys)
    assert {key.id: text for key, text in found.items()} == texts
    assert export(str(out), str(tmp_path / "texts"), "jsonl") == manifest["documents"]["kept"]
    lines = [
        json.loads(line)
        for path in sorted((tmp_path / "texts").rglob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    assert {line["id"]: line["kind"] for line in lines} == {
        document["id"]: document["kind"] for document in documents if document["id"] in {line["id"] for line in lines}
    }
    assert "path: corpus/*/*.parquet" in (out / "README.md").read_text(encoding="utf-8")


def test_a_higher_threshold_gives_what_a_fresh_run_gives(
    made: tuple[Path, Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    inputs, out, _ = made
    low = read_manifest(str(out))
    again = rethreshold(str(out), 0.6, str(tmp_path / "same"))
    assert again["documents"] == low["documents"]
    assert list(_digests(tmp_path / "same")) == list(_digests(out))
    high = rethreshold(str(out), 0.95, str(tmp_path / "made"))
    fresh = run_corpus(inputs, tmp_path / "fresh", *SETS, "dedup.threshold=0.95")
    assert high["documents"] == fresh["documents"]
    assert high["documents"]["kept"] > low["documents"]["kept"]
    assert rows(tmp_path / "made", "audit") == rows(tmp_path / "fresh", "audit")
    corpora = [sorted(corpusmill.read(str(tmp_path / name), ["id", "text", "kind"]).fillna("").values.tolist())
               for name in ("made", "fresh")]  # fmt: skip
    assert corpora[0] == corpora[1]
    outputs = [(str(tmp_path / name), read_manifest(str(tmp_path / name))) for name in ("made", "fresh")]
    assert compare(outputs[0], outputs[1]).counts.total() == 0


def test_a_later_run_is_made_against_it(made: tuple[Path, Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    inputs, out, documents = made
    manifest = run_corpus(inputs, tmp_path / "later", *SETS, "dedup.within=kind", against=(out,))
    assert manifest["documents"]["kept"] == sum(
        1 for row in rows(tmp_path / "later", "audit") if row["decision"] == "kept"
    )
    kept = {row["id"] for row in rows(out, "audit") if row["decision"] == "kept"}
    partners = {row["id"]: row for row in rows(tmp_path / "later", "audit") if row["id"] in kept}
    places = {row["id"]: (row["source"], row["offset"]) for row in rows(out, "audit")}
    for name, row in partners.items():
        assert (row["reason"], row["partner_id"], row["partner_corpus"]) == ("dedup.exact", name, str(out))
        assert (row["partner_source"], row["partner_offset"]) == places[name]
    assert len(documents) == len(rows(tmp_path / "later", "audit"))


def test_too_many_values_end_the_run_and_it_goes_on_when_more_are_allowed(
    made: tuple[Path, Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    inputs, out, _ = made
    with pytest.raises(
        DataRefusedError, match=r"more than 1 of the values of the column 'kind' \(output\.max_partitions\)"
    ):
        run_corpus(inputs, tmp_path / "again", *SETS, "output.max_partitions=1")
    with pytest.raises(DataRefusedError, match=r"'kind' has 11 values, and output\.max_partitions allows 10"):
        run_corpus(inputs, tmp_path / "again", *SETS, "output.max_partitions=10")
    again = tmp_path / "again"
    run_corpus(inputs, again, *SETS, "output.max_partitions=11")
    assert _digests(again) == _digests(out)
    foreign = again / "corpus" / "kind=eng" / "mine.txt"
    foreign.write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match=r"files that no run of corpusmill wrote.*mine\.txt"):
        run_corpus(inputs, again, "boilerplate.enabled=false", overwrite=True)
    foreign.unlink()
    run_corpus(inputs, again, "boilerplate.enabled=false", overwrite=True)
    assert [path.name for path in (again / "corpus").iterdir()] == ["part-00000-of-00001.parquet"]


def test_a_value_that_names_no_folder_ends_the_run(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"text": "A boat on the water.", "kind": "ü" * 50}])
    with pytest.raises(DataRefusedError, match="makes a folder name of 305 bytes, and filesystems take 255"):
        run_corpus(inputs, tmp_path / "out", *SETS)


def test_an_empty_corpus_has_a_file_without_a_folder(tmp_path: Path) -> None:
    run_corpus(write_jsonl(tmp_path / "in.jsonl", [{"text": " "}]), tmp_path / "out", *SETS)
    assert [path.name for path in (tmp_path / "out" / "corpus").iterdir()] == ["part-00000-of-00001.parquet"]
    assert corpusmill.read(str(tmp_path / "out"))["kind"].tolist() == []


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (("output.partition_by=lang",), r"names the column 'lang', which the corpus does not have.*keep_columns"),
        (("output.partition_by=score", "input.keep_columns={score: double}"), r"of type double, whose values name no"),
        (("output.partition_by=language",), r"come with language\.enabled=true"),
    ],
)
def test_a_column_that_cannot_name_folders_is_refused(sets: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(None, sets)


LIMITS = ("filter.gopher.min_words=25", "filter.gopher.min_words=38")
SCORED = (
    *SETS,
    "filter.presets=[gopher]",
    "filter.gopher={min_mean_word_length: null, max_mean_word_length: null, min_stop_words: null}",
    "dedup.within=kind",
)


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """An input, and its outputs by the looser and by the stricter limit."""
    folder = tmp_path_factory.mktemp("scored")
    documents = corpus(4, 60)
    for number, document in enumerate(documents):
        document["kind"] = ("eng", "a/b", "12", "x y")[number // 15]
        if number // 15 == 3:
            document["text"] = " ".join(document["text"].split()[:30])
    inputs = write_jsonl(folder / "in.jsonl", documents)
    outs = [folder / "loose", folder / "strict"]
    for out, limit in zip(outs, LIMITS, strict=True):
        run_corpus(inputs, out, *SCORED, "output.shard_size=1000000", limit)
    return inputs, outs


def test_other_limits_of_scores_give_the_bytes_of_a_fresh_run(scored: tuple[Path, list[Path]], tmp_path: Path) -> None:
    _, (loose, strict) = scored
    assert len(list((loose / "corpus").iterdir())) > len(list((strict / "corpus").iterdir())) > 1
    for before, after, limit in ((loose, strict, LIMITS[1]), (strict, loose, LIMITS[0])):
        made = tmp_path / after.name
        manifest = refilter(str(before), [limit], str(made))
        assert _digests(made) == _digests(after)
        fresh = read_manifest(str(after))
        assert (manifest["files"], manifest["checksums"]) == (fresh["files"], fresh["checksums"])
        assert not (made / "_state").exists()
    nothing = refilter(str(loose), ["filter.gopher.min_words=9999"], str(tmp_path / "nothing"))
    assert nothing["documents"]["kept"] == 0
    refilter(str(tmp_path / "nothing"), [LIMITS[1]], str(tmp_path / "back"))
    assert _digests(tmp_path / "back") == _digests(strict)


def test_conditions_read_the_column_of_the_folders(scored: tuple[Path, list[Path]], tmp_path: Path) -> None:
    _, (loose, _) = scored
    made = refilter(str(loose), ["filter.columns={kind: '!= a/b'}"], str(tmp_path / "made"))
    folders = [sorted(path.name for path in (out / "corpus").iterdir()) for out in (loose, tmp_path / "made")]
    assert folders == [["kind=12", "kind=a%2Fb", "kind=eng", "kind=x%20y"], ["kind=12", "kind=eng", "kind=x%20y"]]
    back = refilter(str(tmp_path / "made"), ["filter.columns={}"], str(tmp_path / "back"))
    assert back["documents"]["kept"] > made["documents"]["kept"]
    assert _digests(tmp_path / "back") == _digests(loose)


def test_more_folders_than_allowed_are_refused_where_documents_come_back(
    scored: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    inputs, _ = scored
    few = tmp_path / "few"
    run_corpus(inputs, few, *SCORED, "output.shard_size=1000000", LIMITS[1], "output.max_partitions=3")
    with pytest.raises(DataRefusedError, match=r"more than 3 of .* 'kind'.*refilter cannot change that"):
        refilter(str(few), [LIMITS[0]], str(tmp_path / "made"))
    assert not (tmp_path / "made" / "manifest.json").exists()


def test_a_folder_that_is_missing_is_told(scored: tuple[Path, list[Path]]) -> None:
    _, (loose, _) = scored
    manifest = read_manifest(str(loose))
    names = {**manifest["files"], "corpus": manifest["files"]["corpus"][1:]}
    shard = FinishedShard(output_files(str(loose), config_of(manifest), {}), names, names["audit"][0], None)
    with pytest.raises(AccountingError, match=r"the audit lists folders that corpus/ does not have"):
        list(shard.rows())


KILLED_AT = [(2, True), (9, False)]
"""The file of a folder of the corpus that an attempt writes as its last, and whether it has got its name."""

KILLED_RUN = """
import os, signal, sys
from corpusmill.cli import main

left, after = int(sys.argv.pop(1)), sys.argv.pop(1) == "True"
rename = os.replace

def replace(temporary, path):
    global left
    left -= "/corpus/kind=" in str(path)
    if left or after:
        rename(temporary, path)
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

os.replace = replace
main()
"""


def test_a_run_that_is_killed_among_its_folders_ends_in_the_same_bytes_after_the_same_command(
    made: tuple[Path, Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    source, undisturbed, _ = made
    sets = [word for setting in SETS for word in ("--set", setting)]
    command = ["run", str(source), "--output", str(tmp_path / "out"), *sets]
    folders: list[set[str]] = []
    for files, after in KILLED_AT:
        attempt = [sys.executable, "-c", KILLED_RUN, str(files), str(after), *command]
        done = subprocess.run(attempt, check=False, capture_output=True, text=True)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert not (tmp_path / "out" / "manifest.json").exists()
        folders.append({path.name for path in (tmp_path / "out" / "corpus").glob("kind=*")})
    assert folders[-1], "no attempt got as far as a folder"
    assert folders[-1] < {path.name for path in (undisturbed / "corpus").glob("kind=*")}
    run_corpus(source, tmp_path / "out", *SETS)
    assert _digests(tmp_path / "out") == _digests(undisturbed)
