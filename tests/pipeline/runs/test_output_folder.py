"""Nothing is removed that a run has not left, however the paths are written; what is in the way is named."""

import errno
import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import ConfigError, load_config
from corpusmill.inputs.patterns import InputError
from corpusmill.request import Request
from corpusmill.runs.learning import learn_lines
from corpusmill.runs.output_folder import OutputError, Remains, clear, look_at, refuse_overlap
from corpusmill.runs.output_folder import Sources as Read
from corpusmill.runs.rethreshold import rethreshold
from tests.support import DEFAULTS, digests, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

TEXTS = [
    "The ferry leaves at seven and comes back with the mail and two sleepy gulls on its roof.",
    "Nobody at the quay remembers who painted the lighthouse green, but everybody has an opinion.",
    "The ferry leaves at seven and comes back with the mail and two sleepy gulls on its roof.",
]
RECORDS = [{"id": str(k), "text": text} for k, text in enumerate(TEXTS)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    run_corpus(write_jsonl(folder / "in.jsonl", RECORDS), folder / "out")
    return folder / "out"


@pytest.fixture
def out(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(finished, tmp_path / "out")
    write_jsonl(tmp_path / "in.jsonl", RECORDS)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "out"


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def cli(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("target", "how"),
    [
        ("./out", "is"),
        ("out/", "is"),
        ("link", "is"),
        ("ABSOLUTE", "is"),
        ("out/again", "lies in"),
        ("link/corpus", "lies in"),
        (".", "contains"),
    ],
)
def test_rethreshold_never_writes_into_the_run_that_it_reads(out: Path, target: str, how: str) -> None:
    os.symlink("out", "link")
    before = everything(out)
    target = str(out) if target == "ABSOLUTE" else target
    shown = cli("rethreshold", "out", "--threshold", "0.9", "--output", target, "--overwrite", code=2)
    assert f"the output {target!r} {how} 'out', the run that it is made from, which a run only reads" in shown
    assert everything(out) == before


@pytest.mark.parametrize("output", ["out/next", ".", "./out"])
def test_a_run_never_writes_into_an_earlier_output(out: Path, output: str) -> None:
    before = everything(out)
    with pytest.raises((OutputError, ConfigError), match=r"which a run only reads|output folder itself"):
        run_corpus(Path("in.jsonl"), Path(output), against=(Path("out"),), overwrite=True)
    assert everything(out) == before


def test_overwrite_replaces_what_a_run_has_left_and_that_only(out: Path) -> None:
    (out / "notes.txt").write_text("mine")
    (out / "corpus" / "_SUCCESS").touch()
    run_corpus(Path("in.jsonl"), out, "dedup.threshold=0.9", overwrite=True)
    assert (out / "notes.txt").read_text() == "mine"
    assert (out / "corpus" / "_SUCCESS").exists()
    assert json.loads((out / "manifest.json").read_text())["config"]["dedup"]["threshold"] == 0.9


def _new_file(out: Path) -> str:
    (out / "corpus" / "more.jsonl").write_text("{}")
    return "corpus/more.jsonl"


def _folder(out: Path) -> str:
    (out / "audit" / "mine").mkdir()
    return "audit/mine"


def _part_of_another_run(out: Path) -> str:
    shutil.copy(next((out / "corpus").iterdir()), out / "corpus" / "part-00007-of-00009.parquet")
    return "corpus/part-00007-of-00009.parquet"


def _edited_part(out: Path) -> str:
    path = next((out / "corpus").iterdir())
    pq.write_table(pq.read_table(path).replace_schema_metadata(None), path)
    return f"corpus/{path.name}"


def _link_to_a_part(out: Path) -> str:
    path = next((out / "corpus").iterdir())
    path.rename(out.parent / "elsewhere.parquet")
    path.symlink_to(out.parent / "elsewhere.parquet")
    return f"corpus/{path.name}"


def _edited_lines(out: Path) -> str:
    pq.write_table(pa.table({"host": ["a.example"], "sample": ["Mine"]}), out / "learned_lines.parquet")
    return "learned_lines.parquet"


def _strange_state(out: Path) -> str:
    (out / "_state").mkdir()
    (out / "_state" / "diary.txt").write_text("mine")
    return "_state"


@pytest.mark.parametrize(
    "change",
    [_new_file, _folder, _part_of_another_run, _edited_part, _link_to_a_part, _edited_lines, _strange_state],
    ids=lambda change: change.__name__[1:],
)
def test_what_no_run_has_left_is_named_and_nothing_is_removed(out: Path, change: Callable[..., Any]) -> None:
    name = change(out)
    before = everything(out)
    shown = cli("run", DEFAULTS, "--input", "in.jsonl", "--output", out, "--overwrite", code=2)
    assert f"holds files that no run of corpusmill wrote, or that were changed since: '{out}/{name}'" in shown
    assert "Nothing was removed; move them away, or name another folder" in shown
    assert everything(out) == before


@pytest.mark.parametrize("name", ["_state", "corpus", "manifest.json", "learned_lines.parquet", "_state/staged"])
@pytest.mark.parametrize("overwrite", [(), ("--overwrite",)], ids=["", "overwrite"])
def test_a_link_in_the_output_is_neither_followed_nor_removed(out: Path, name: str, overwrite: tuple[str, ...]) -> None:
    other = out.parent / "other"
    other.mkdir()
    (other / "run.json").write_text("{}")
    if (out / name).exists():
        shutil.move(out / name, other / "kept")
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).symlink_to(other)
    before = everything(other)
    shown = cli("run", DEFAULTS, "--input", "in.jsonl", "--output", out, *overwrite, code=2)
    assert f"'{out}/{name}' is a link to '{other}'" in shown
    assert "Remove the link, or name another output" in shown
    assert everything(other) == before
    assert (out / name).is_symlink()


@pytest.mark.usefixtures("out")
def test_an_output_that_is_reached_through_a_link_is_as_good_as_any() -> None:
    os.symlink("out", "link")
    run_corpus(Path("in.jsonl"), Path("link"), overwrite=True)
    assert Path("link").is_symlink()
    assert len(look_at("link").own) == len(look_at("out").own) > 2


def test_a_removal_that_was_cut_short_is_finished_by_the_next_run(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    removed: list[str] = []

    def stop_after_two(path: str) -> None:
        if len(removed) == 2:
            raise KeyboardInterrupt
        removed.append(path)
        os.unlink(path)

    with monkeypatch.context() as patch:
        patch.setattr("corpusmill.transforms.storage.remove_file", stop_after_two)
        with pytest.raises(KeyboardInterrupt):
            clear(str(out), look_at(str(out)))
    assert not (out / "manifest.json").exists(), "it looks complete"
    remains = look_at(str(out))
    assert remains.clearing
    assert not remains.foreign
    clear(str(out), remains)
    assert look_at(str(out)) == Remains()
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("key", ["boilerplate.learned.table", "boilerplate.rule_files"])
def test_a_file_that_the_configuration_names_is_not_replaced(out: Path, key: str) -> None:
    files = Read(files={key: ["./out/learned_lines.parquet"]})
    with pytest.raises(OutputError, match=rf"{key}: '\./out/learned_lines\.parquet' lies in the output .* copy it"):
        refuse_overlap(str(out), files)
    refuse_overlap(str(out), Read(files={key: ["lines.parquet"]}))


def test_an_output_that_is_a_file_or_may_not_be_looked_into_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in.jsonl").touch()
    for path in ("in.jsonl", "in.jsonl/out"):
        with pytest.raises(
            OutputError, match=rf"cannot look into '{tmp_path}/in.jsonl': Not a directory; name another"
        ):
            look_at(str(tmp_path / path))

    def closed(_: str) -> list[str]:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("corpusmill.runs.output_folder.result_names", closed)
    with pytest.raises(OutputError, match=rf"cannot look into '{tmp_path}': Permission denied; name another output"):
        look_at(str(tmp_path / "out"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is damaged: it is not JSON"),
        ("[" * 100_000, "is damaged: it is not JSON (it is nested too deeply)"),
        ("[]", "is not a manifest of corpusmill"),
        ('{"name": "some other tool"}', "is not a manifest of corpusmill"),
        ('{"identity": {}, "documents": [], "files": {}, "config": {}, "metadata": {}}', "'documents' is missing"),
    ],
)
def test_a_broken_manifest_gets_a_message_from_every_command(out: Path, content: str, message: str) -> None:
    (out / "manifest.json").write_text(content)
    before = everything(out)
    run = ("run", DEFAULTS, "--input", "in.jsonl", "--output")
    for command in (
        ("report", out),
        ("explain", out, "0"),
        ("rethreshold", out, "--threshold", "0.9", "--output", "new"),
        (*run, out),
        (*run, out, "--overwrite"),
        (*run, "new", "--against", out),
    ):
        assert message in cli(*command, code=2)
    assert everything(out) == before


# What a pattern matches that a run has written.


def test_input_files_in_the_output_are_named_and_stay(out: Path) -> None:
    (out / "corpus" / "mine.jsonl").write_text('{"id": "a", "text": "x"}\n')
    before = everything(out)
    for overwrite in ((), ("--overwrite",)):
        for pattern in (".", "out/corpus/*.jsonl", out / "corpus" / "mine.jsonl"):
            shown = cli("run", DEFAULTS, "--input", pattern, "--output", "out", *overwrite, code=2)
            assert "that no run has left there: " in shown
            assert "corpus/mine.jsonl'. Move them away, or name another output" in shown
    assert everything(out) == before


def test_what_the_run_itself_has_written_is_left_out_and_said(out: Path, caplog: pytest.LogCaptureFixture) -> None:
    run_corpus(Path("in.jsonl"), out, overwrite=True)
    before = digests(out, "*")
    with caplog.at_level("INFO", "corpusmill"):
        run_corpus(Path(), out)
    assert "files that a run has written to" in caplog.text
    assert "complete already" in caplog.text
    assert digests(out, "*") == before


@pytest.mark.parametrize("pattern", ["out/corpus", "out", "./out/corpus/", "link"])
def test_an_input_of_nothing_but_the_output_is_refused(out: Path, pattern: str) -> None:
    os.symlink("out/corpus", "link")
    with pytest.raises(InputError, match="matches only what a run has written to its own output"):
        run_corpus(Path(pattern), out, overwrite=True)


@pytest.mark.usefixtures("out")
@pytest.mark.parametrize("pattern", ["out", "./out/", ".", "out/*/*.parquet", "link"])
def test_an_earlier_output_as_a_whole_is_no_input(pattern: str) -> None:
    os.symlink("out", "link")
    shown = cli("run", DEFAULTS, "--input", pattern, "--output", "new", code=2)
    assert f"input {pattern!r} takes in an earlier run's output" in shown
    assert "with its removed duplicates and its tables; give --input" in shown
    assert "out/corpus for its corpus" in shown or "link/corpus for its corpus" in shown
    assert not Path("new").exists()
    assert "takes in an earlier run's output" in cli("plan", DEFAULTS, "--input", pattern, code=2)


def test_an_unfinished_output_is_no_input(out: Path) -> None:
    (out / "_state").mkdir()
    (out / "manifest.json").rename(out / "_state" / "run.json")
    with pytest.raises(InputError, match=r"takes in an unfinished run's output.*finish that run first"):
        run_corpus(Path("out/corpus"), Path("new"))


@pytest.mark.usefixtures("out")
def test_one_folder_of_an_earlier_output_may_be_read() -> None:
    assert run_corpus(Path("out/corpus"), Path("new"))["documents"]["in"] == 2
    assert run_corpus(Path("out/removed"), Path("again"))["documents"]["in"] == 1


def test_a_folder_of_ones_own_that_is_called_like_a_folder_of_results_is_input(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "site" / "corpus" / "a.jsonl", RECORDS)
    write_jsonl(tmp_path / "site" / "pairs" / "b.jsonl", RECORDS)
    (tmp_path / "site" / "manifest.json").write_text('{"name": "a web app", "text": "x"}')
    assert run_corpus(tmp_path / "site", tmp_path / "out")["documents"]["in"] == 7


# Learning alone.


def _learn(output: str, *, overwrite: bool = False, sets: tuple[str, ...] = ()) -> pa.Table:
    request = Request(load_config(None, sets), ["in.jsonl"], output, overwrite=overwrite)
    return learn_lines(request, Console(file=io.StringIO()))


@pytest.mark.parametrize("overwrite", [False, True])
def test_learning_leaves_a_folder_that_is_there_as_it_is(out: Path, overwrite: bool) -> None:
    for folder in (Path("x.work"), Path("y.work")):
        shutil.copytree(out, folder)
    (Path("x.work") / "diary.txt").write_text("mine")
    before = everything(Path("x.work"))
    for name in ("x", "y"):
        with pytest.raises(OutputError, match=rf"'{name}\.work', the folder for the working files, already exists"):
            _learn(name, overwrite=overwrite)
    assert everything(Path("x.work")) == before


@pytest.mark.usefixtures("out")
def test_learning_writes_a_file_without_a_folder_and_leaves_nothing_else() -> None:
    _learn("lines.parquet")
    assert sorted(os.listdir()) == ["in.jsonl", "lines.parquet", "out"]


@pytest.mark.usefixtures("out")
def test_learning_does_not_replace_what_it_reads() -> None:
    with pytest.raises(InputError, match=r"matches the output './in\.jsonl' itself; name another output"):
        _learn("./in.jsonl", overwrite=True)
    with pytest.raises(OutputError, match="is a folder; name a file"):
        _learn("out", overwrite=True)
    _learn("lines.parquet")
    with pytest.raises(OutputError, match=r"boilerplate\.learned\.table: 'lines\.parquet' is the output itself"):
        _learn("./lines.parquet", overwrite=True, sets=("boilerplate.learned.table=lines.parquet",))


@pytest.mark.usefixtures("out")
def test_rethreshold_obeys_the_same_check() -> None:
    rethreshold("out", 0.9, "new")
    Path("new/corpus/mine.txt").write_text("mine")
    before = everything(Path("new"))
    with pytest.raises(OutputError, match="no run of corpusmill wrote"):
        rethreshold("out", 0.95, "new", overwrite=True)
    assert everything(Path("new")) == before
    Path("new/corpus/mine.txt").unlink()
    assert rethreshold("out", 0.95, "new", overwrite=True)["config"]["dedup"]["threshold"] == 0.95
