"""A finished output of which a file is missing or cut is refused with its name, by a run and by all that read it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import corpusmill
from corpusmill.commands.inspection import diff as compare
from corpusmill.commands.inspection import explain, ids, report, sample
from corpusmill.config import Config
from corpusmill.inputs.against import load_earlier
from corpusmill.reports.corpus import read_manifest
from corpusmill.reports.page import render_page
from corpusmill.runs.export import export
from corpusmill.runs.listed_files import describe_gaps, sizes_of
from corpusmill.runs.output_folder import OutputError
from corpusmill.runs.refilter import refilter
from corpusmill.runs.rethreshold import rethreshold
from corpusmill.transforms.kernels.errors import CorpusmillError
from corpusmill.transforms.layout import RESULTS
from tests.support import digests, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

SETS = ("filter.presets=[gopher]", "filter.gopher.min_words=20", "output.shard_size=2KiB", "input.split_bytes=8000")


def _records() -> list[dict[str, object]]:
    words = [f"{a}{b}" for a in ("ba", "ke", "lo", "mi") for b in ("nan", "rit", "sel", "tom")]
    texts = [f"The {words[n % 16]} of the {words[n // 3 % 16]} and {n} that be with them. " * 9 for n in range(60)]
    return [{"id": f"d{n}", "text": text} for n, text in enumerate([*texts, *texts[:20], *["Too short."] * 5])]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    inputs = write_jsonl(folder / "in.jsonl", [*_records(), {"id": "bad"}])
    manifest = run_corpus(inputs, folder / "out", *SETS)
    assert set(manifest["files"]) == set(RESULTS)
    return folder


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished / "out", tmp_path / "out")
    return tmp_path / "out"


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _fail(*_: object) -> None:
    raise RuntimeError("killed")


def test_a_whole_output_has_no_gaps(finished: Path) -> None:
    out = str(finished / "out")
    manifest = read_manifest(out)
    assert describe_gaps(out, manifest) == ""
    assert manifest["sizes"] == sizes_of(out, manifest["files"])
    assert describe_gaps(out, {**manifest, "sizes": {}}) == ""


@pytest.mark.parametrize("folder", RESULTS)
def test_a_run_given_again_names_what_is_missing_or_cut_and_overwrite_makes_it_again(
    finished: Path, copy: Path, folder: str
) -> None:
    inputs = finished / "in.jsonl"
    assert run_corpus(inputs, copy, *SETS) == read_manifest(str(copy))
    path = min((copy / folder).iterdir())
    _cut(path)
    with pytest.raises(OutputError, match=rf"{folder}/{path.name}' has [\d,]+ bytes, but [\d,]+ were written.*--overw"):
        run_corpus(inputs, copy, *SETS)
    path.unlink()
    with pytest.raises(OutputError, match=rf"{folder}/{path.name}' is missing.*--overwrite"):
        run_corpus(inputs, copy, *SETS)
    shutil.rmtree(copy / folder)
    with pytest.raises(OutputError, match=rf"{folder}/{path.name}' is missing.*--overwrite"):
        run_corpus(inputs, copy, *SETS)
    (copy / "_state").mkdir()  # as an attempt leaves it that was killed before the last step
    with pytest.raises(OutputError, match=rf"{folder}/{path.name}' is missing.*--overwrite"):
        run_corpus(inputs, copy, *SETS)


def test_learned_lines_may_be_edited_but_not_be_gone(tmp_path: Path) -> None:
    pages = [
        {"id": f"p{n}", "text": f"Home | About\nPage {n} of {'mice' * n}.", "url": f"https://a.example/{n}"}
        for n in range(4)
    ]
    inputs, out = write_jsonl(tmp_path / "in.jsonl", pages), tmp_path / "out"
    run_corpus(inputs, out)
    lines = out / "learned_lines.parquet"
    lines.write_bytes(b"edited")
    run_corpus(inputs, out)
    lines.unlink()
    with pytest.raises(OutputError, match=r"learned_lines.parquet' is missing.*--overwrite"):
        run_corpus(inputs, out)


def test_overwrite_makes_a_cut_output_again(finished: Path, copy: Path) -> None:
    for folder in RESULTS:
        _cut(min((copy / folder).iterdir()))
    shutil.rmtree(copy / "pairs")
    with pytest.raises(OutputError, match="and 8 more files are not as they were written; restore it"):
        run_corpus(finished / "in.jsonl", copy, *SETS)
    run_corpus(finished / "in.jsonl", copy, *SETS, overwrite=True)
    assert digests(copy, *RESULTS) == digests(finished / "out", *RESULTS)


READERS: dict[str, Callable[[str], object]] = {
    "diff": lambda out: compare(out, out),
    "explain": lambda out: explain(out, "d1"),
    "export": lambda out: export(out, f"{out}-export"),
    "ids": lambda out: ids(out, "d1"),
    "page": render_page,
    "read": corpusmill.read,
    "refilter": lambda out: refilter(out, ["filter.gopher.min_words=30"], f"{out}-refiltered"),
    "report": report,
    "rethreshold": lambda out: rethreshold(out, 0.9, f"{out}-higher"),
    "sample": sample,
    "--against": lambda out: load_earlier([out], Config(), f"{out}-new", f"{out}-new/_state"),
}
OF_THE_CORPUS_ALONE = ("export", "read", "--against")


@pytest.mark.parametrize("reader", READERS)
def test_what_reads_an_output_names_what_is_missing_or_cut(finished: Path, copy: Path, reader: str) -> None:
    folders = ["corpus"] if reader in OF_THE_CORPUS_ALONE else RESULTS
    READERS[reader](str(finished / "out"))
    for folder in folders:
        path = max((copy / folder).iterdir())
        whole = path.read_bytes()
        _cut(path)
        with pytest.raises(CorpusmillError, match=rf"{folder}/{path.name}' has .* bytes, but .*--overwrite"):
            READERS[reader](str(copy))
        path.unlink()
        with pytest.raises(CorpusmillError, match=rf"{folder}/{path.name}' is missing.*--overwrite"):
            READERS[reader](str(copy))
        path.write_bytes(whole)
    assert not list(copy.parent.glob("out-*"))


def test_a_refilter_that_is_killed_behind_its_manifest_is_ended_and_one_that_is_not_whole_is_named(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, made = str(finished / "out"), tmp_path / "made"
    monkeypatch.setattr("corpusmill.runs.remake.write_views", _fail)
    with pytest.raises(RuntimeError, match="killed"):
        refilter(out, ["filter.gopher.min_words=30"], str(made))
    assert (made / "_state").is_dir()
    monkeypatch.undo()
    refilter(out, ["filter.gopher.min_words=30"], str(made))
    assert (made / "report.html").exists()
    assert not (made / "_state").exists()
    shutil.rmtree(made / "audit")
    with pytest.raises(OutputError, match=r"audit/.* is missing.*--overwrite"):
        refilter(out, ["filter.gopher.min_words=30"], str(made))
    refilter(out, ["filter.gopher.min_words=30"], str(made), overwrite=True)
    assert read_manifest(str(made))["files"]["audit"]
