"""A bit that was flipped, or a file that was cut, between two attempts of a run or after its end."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.request import Request
from corpusmill.runs.execute import submit
from corpusmill.runs.rethreshold import rethreshold
from corpusmill.runs.run_folder import OutputError
from corpusmill.transforms import sealed
from tests.support import check_accounts, digests, run_corpus, write_jsonl

Attempt = tuple[Path, Path, dict[str, str]]
"""Inputs, output, and the digests that it has to end in."""

pytestmark = pytest.mark.beam

RESULTS = ("corpus", "index", "audit", "rejected", "pairs", "removed")
SETS = ("input.split_bytes=3000", "input.batch_bytes=1500", "output.shard_size=6000", "output.keep_state=true")
FOOT = ["More from the Quay", "About our harbour office", "Berths and tides", "Terms of our moorings"]
WORDS = "keel mast rope tar oar sail buoy knot pier gull tide anchor".split()


def _page(number: int) -> dict[str, Any]:
    words = " ".join(f"{WORDS[(number * 5 + k * 7) % 12]}{number} x{k} the" for k in range(25)).capitalize() + "."
    return {
        "id": f"p{number}",
        "url": f"https://quay.example/{number}",
        "text": "\n".join([words, "", "Leave a comment", *FOOT]),
    }


def _pages() -> list[dict[str, Any]]:
    pages = [_page(k) for k in range(40)]
    near = [{**page, "id": f"{page['id']}-near", "text": page["text"].replace("x24", "y24")} for page in pages[::5]]
    return [*pages, *near, {**pages[3], "id": "copy"}]


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 16
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


@pytest.fixture(scope="module")
def attempt(tmp_path_factory: pytest.TempPathFactory) -> Attempt:
    """The inputs, an attempt that wrote every shard but no manifest, and the bytes that a run has to end in."""
    folder = tmp_path_factory.mktemp("attempt")
    inputs = write_jsonl(folder / "in.jsonl", _pages())
    submit(Request(load_config(None, SETS), [str(inputs)], str(folder / "out")))
    expected = digests(folder / "out", *RESULTS)
    assert {path.split("/")[0] for path in expected} == set(RESULTS) - {"rejected"}
    return inputs, folder / "out", expected


def _copy(attempt: Attempt, tmp_path: Path) -> Path:
    shutil.copytree(attempt[1], tmp_path / "out")
    return tmp_path / "out"


def _some(out: Path, folder: str, number: int = 1) -> Path:
    return sorted((out / folder).iterdir())[number]


KINDS = ("staged", "learned", "index", "bands", "packs", "pairs", "decisions")


@pytest.mark.parametrize("damage", [_flip, _cut])
def test_working_files_that_are_damaged_are_made_again(
    attempt: Attempt, tmp_path: Path, damage: Callable[..., Any]
) -> None:
    inputs, _, expected = attempt
    out = _copy(attempt, tmp_path)
    shutil.rmtree(out / "_state" / "shards")  # as if it had been killed before the first shard
    paths = [_some(out, f"_state/{kind}", -1) for kind in KINDS]
    for path in [*paths, *(out / "_state" / name for name in ("findings.json", "numbers.parquet", "earlier.json"))]:
        damage(path)
    run_corpus(inputs, out, *SETS)
    assert digests(out, *RESULTS) == expected
    assert [path for path in paths if not sealed.is_intact(str(path))] == []
    check_accounts(out, 49)


@pytest.mark.parametrize("damage", [_flip, _cut])
def test_shards_and_receipts_that_are_damaged_are_made_again(
    attempt: Attempt, tmp_path: Path, damage: Callable[..., Any]
) -> None:
    inputs, _, expected = attempt
    out = _copy(attempt, tmp_path)
    shards = len(list((out / "_state" / "shards").iterdir()))
    assert shards >= 3
    for folder, number in (("corpus", 0), ("audit", 1), ("_state/shards", 2)):
        damage(_some(out, folder, number))
    run_corpus(inputs, out, *SETS)
    assert digests(out, *RESULTS) == expected
    check_accounts(out, 49)


def test_a_damaged_shard_is_made_again_when_nothing_else_was_left_to_do(attempt: Attempt, tmp_path: Path) -> None:
    inputs, _, expected = attempt
    out = _copy(attempt, tmp_path)
    _flip(_some(out, "removed", 0))
    assert run_corpus(inputs, out, *SETS)["shuffles"]
    assert digests(out, *RESULTS) == expected


def test_without_knowing_which_run_it_was_nothing_is_touched(attempt: Attempt, tmp_path: Path) -> None:
    inputs = attempt[0]
    out = _copy(attempt, tmp_path)
    _flip(out / "_state" / "run.json")
    before = digests(out, *RESULTS)
    with pytest.raises(OutputError, match=r"run\.json' is damaged.*another output folder"):
        run_corpus(inputs, out, *SETS)
    assert digests(out, *RESULTS) == before


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    inputs = write_jsonl(folder / "in.jsonl", _pages())
    manifest = run_corpus(inputs, folder / "old", *SETS)
    for kind, names in manifest["files"].items():
        assert {name: sealed.checksum_of(str(folder / "old" / kind / name)) for name in names} == manifest["checksums"][
            kind
        ]
    return folder


@pytest.mark.parametrize("folder", ["pairs", "corpus", "removed", "index", "audit"])
def test_rethreshold_names_a_damaged_file(finished: Path, tmp_path: Path, folder: str) -> None:
    shutil.copytree(finished / "old", tmp_path / "old")
    path = _some(tmp_path / "old", folder, 0)
    _flip(path)
    with pytest.raises(ConfigError, match=rf"{folder}/{path.name}' is damaged.*--overwrite"):
        rethreshold(str(tmp_path / "old"), 0.9, str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
    path.unlink()
    with pytest.raises(ConfigError, match=rf"{folder}/{path.name}' is missing"):
        rethreshold(str(tmp_path / "old"), 0.9, str(tmp_path / "new"))


def test_a_run_against_a_damaged_or_shortened_index_names_it(finished: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(finished / "old", old)
    first, second = _some(old, "index", 0), _some(old, "index", 1)
    whole = first.read_bytes()
    _flip(first)
    with pytest.raises(ConfigError, match=rf"index/{first.name}' is damaged.*delete the folder .*/index'"):
        run_corpus(finished / "in.jsonl", tmp_path / "new", *SETS, against=(old,))
    first.write_bytes(second.read_bytes())
    manifest = old / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace('"checksums"', '"of_an_older_version"'))
    with pytest.raises(ConfigError, match=rf"index/{first.name}' holds \d+ rows, but its corpus .* \d+ documents"):
        run_corpus(finished / "in.jsonl", tmp_path / "new", *SETS, against=(old,))
    first.write_bytes(whole)
    corpus = _some(old, "corpus", 0)
    corpus.write_bytes(bytes(corpus.stat().st_size))
    with pytest.raises(ConfigError, match=rf"corpus/{corpus.name}' cannot be read"):
        run_corpus(finished / "in.jsonl", tmp_path / "new", *SETS, against=(old,))
