"""A run that is killed in any stage goes on and ends in the bytes of a run that was not disturbed."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from corpusmill.config import load_config
from corpusmill.inputs.benchmarks import load_benchmarks
from corpusmill.inputs.lists import load_lists
from corpusmill.runs.failures import describe_full_disk
from corpusmill.runs.run_folder import OutputError
from corpusmill.transforms.layout import RESULTS
from tests.quality_texts import SENTENCES
from tests.support import check_accounts, digests, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

QUESTION = (
    "Which of the two ferries that leave the old pier at nine is the first to reach the other bank of the river, if "
    "one of them waits ten minutes for the post?"
)
DOCUMENTS = 12


class KilledError(Exception):
    """Ends a run where a signal would."""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of every kind of decision, a benchmark, a list of hosts and one of words."""
    pytest.importorskip("pycld2")
    folder = tmp_path_factory.mktemp("killed")
    english, german = " ".join(SENTENCES["eng"]), " ".join(SENTENCES["deu"])
    frame = "\n".join(SENTENCES["fra"])
    texts = [
        english,
        german,
        f"{english} {QUESTION}",
        "too short",
        f"{english} blast it",
        english.replace("baker", "miller"),
        f"{frame}\n\n{german.upper()}",
        f"{frame}\n\n{english[::-1]}",
    ]
    records = [
        {
            "id": f"d{row}",
            "text": texts[row % len(texts)],
            "url": f"https://{'dice' if row == 9 else 'a'}.example/{row}",
        }
        for row in range(DOCUMENTS)
    ]
    for part in range(2):
        write_jsonl(folder / "in" / f"{part}.jsonl", records[part::2])
    write_jsonl(folder / "evals" / "river.jsonl", [{"id": "ferry", "question": QUESTION}])
    (folder / "domains").write_text("dice.example\n")
    (folder / "words").write_text("blast it\n")
    return folder


def _sets(places: Path) -> list[str]:
    return [
        "input.split_bytes=1500",
        "input.batch_bytes=1024",
        "output.shard_size=2000",
        "output.copies=true",
        "filter.presets=[gopher]",
        "filter.gopher.min_stop_words=null",
        "filter.gopher.max_mean_word_length=null",
        "language.enabled=true",
        "language.min_score=0.3",
        "dedup.within=language",
        "normalize.enabled=false",
        "boilerplate.enabled=false",
        "dedup.paragraphs.keep=first",
        f"decontaminate.files=['{places}/evals/*.jsonl']",
        f"filter.domain_lists=['{places}/domains']",
        f"filter.word_lists=['{places}/words']",
    ]


def _run(places: Path, out: Path) -> dict[str, Any]:
    return run_corpus(places / "in", out, *_sets(places))


@pytest.fixture(scope="module")
def undisturbed(places: Path) -> dict[str, str]:
    _run(places, places / "out")
    check_accounts(places / "out", DOCUMENTS)
    return digests(places / "out", *RESULTS)


def _disturb(
    monkeypatch: pytest.MonkeyPatch, folder: str, files: int, error: Exception, *, after: bool = False
) -> None:
    """Fail at the file of a folder with this number, before or after it gets its name."""
    left = files

    def replace(temporary: str, path: str) -> None:
        nonlocal left
        left -= Path(path).parent.match(folder)
        if left or after:
            os.rename(temporary, path)
        if not left:
            left = -1
            raise error

    monkeypatch.setattr(os, "replace", replace)


class Second:
    """A run that is begun while another one writes its scores."""

    def __init__(self, places: Path, out: Path) -> None:
        self._places, self._out = places, out
        self.refusal: str | None = None

    def replace(self, temporary: str, path: str) -> None:
        """Begin it when the first file of scores is there."""
        os.rename(temporary, path)
        if self.refusal is None and Path(path).parent.match("_state/scores"):
            try:
                _run(self._places, self._out)
            except OutputError as error:
                self.refusal = str(error)


KILLS = [  # (folder, the file of it that is written last, whether it has got its name)
    ("_state/lists", 2, False),
    ("_state/benchmarks", 3, True),
    ("_state/staged", 2, True),
    ("_state/scores", 2, False),
    ("_state/scored", 1, True),
    ("out/scores", 1, True),
]


def test_a_run_that_is_killed_in_every_stage_ends_in_the_same_bytes(
    places: Path, undisturbed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run, killed seven times: each attempt goes on where the one before it was ended."""
    out = tmp_path / "out"
    for folder, files, after in KILLS:
        _disturb(monkeypatch, folder, files, KilledError("killed"), after=after)
        with pytest.raises(Exception, match="killed"):
            _run(places, out)
        assert not (out / "manifest.json").exists()
    _disturb(monkeypatch, "out", 1, KilledError("killed behind the manifest"), after=True)
    with pytest.raises(KilledError):
        _run(places, out)
    assert not (out / "report.html").exists()
    assert (out / "_state").exists()
    monkeypatch.undo()
    _run(places, out)
    assert sorted(path.name for path in out.iterdir() if path.is_file()) == [
        "README.md",
        "manifest.json",
        "report.html",
    ]
    assert not (out / "_state").exists()
    assert digests(out, *RESULTS) == undisturbed
    check_accounts(out, DOCUMENTS)


def test_what_the_configuration_names_may_not_change_before_a_killed_run_goes_on(
    places: Path, undisturbed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a full disk and the end of a run: another run, and other contents and names of files."""
    out = tmp_path / "out"
    _disturb(monkeypatch, "_state/scores", 2, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    with pytest.raises(Exception, match="No space left") as full:
        _run(places, out)
    line = describe_full_disk(full.value, str(out))
    assert line.startswith(f"the disk is full: '{out}/_state/scores/"), line
    assert "give the same command again" in line
    monkeypatch.undo()

    benchmark, words = places / "evals" / "river.jsonl", places / "words"
    for path, what in ((benchmark, "other benchmarks"), (words, "other lists of hosts, addresses or words")):
        before = path.read_bytes()
        path.write_bytes(before.replace(b"it", b"them"))
        with pytest.raises(OutputError, match=f"an unfinished run with {what}; put the files back as they were"):
            _run(places, out)
        path.write_bytes(before)
    renamed = benchmark.rename(benchmark.with_stem("lake"))  # the audit names the benchmark of each item
    with pytest.raises(OutputError, match="an unfinished run with other benchmarks"):
        _run(places, out)
    renamed.rename(benchmark)

    second = Second(places, out)
    monkeypatch.setattr(os, "replace", second.replace)
    _run(places, out)
    monkeypatch.undo()
    assert second.refusal is not None
    assert "is in use by process" in second.refusal
    assert digests(out, *RESULTS) == undisturbed


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a\nb", r"a\nb"),
        (b"a*b?", "a*b?"),
        (b"a[1]", "a[1]"),
        (b"a\xff", r"a\xff"),
        (b"\x1b]0;x\x07", r"\x1b]0;x\x07"),
    ],
)
def test_files_of_any_name_are_benchmarks_and_lists(tmp_path: Path, name: bytes, shown: str) -> None:
    path = os.path.join(tmp_path, os.fsdecode(name + b".jsonl"))
    try:
        Path(path).write_bytes(json.dumps({"question": QUESTION}).encode())
    except OSError as error:
        pytest.skip(f"this filesystem has no such names: {error}")
    config = load_config(None, [f"decontaminate.files={json.dumps([path])}"])
    benchmarks = load_benchmarks(config)
    assert benchmarks is not None
    assert [report.benchmark for report in benchmarks.reports] == [shown]
    Path(path).write_text("dice.example\n")
    for key in ("domain_lists", "url_lists", "word_lists"):
        lists = load_lists(load_config(None, [f"filter.{key}={json.dumps([path])}"]))
        assert lists is not None
        assert lists.files[f"filter.{key}"] == (path,)
