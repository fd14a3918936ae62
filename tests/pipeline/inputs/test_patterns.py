"""Which files a pattern means."""

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpusmill.inputs.patterns import InputError, local_files
from corpusmill.inputs.plan import Plan, plan_splits
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.splits import JSONL, Part, Split, printable_path

DEFAULT = InputSettings()


def names(plan: Plan) -> list[str]:
    return [os.path.basename(part.path) for split in plan.splits for part in split.parts]


def touch(folder: Path, *files: str) -> None:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_loops_of_links_end(tmp_path: Path) -> None:
    touch(tmp_path, "sub/a.jsonl")
    os.symlink(".", tmp_path / "sub" / "self")
    os.symlink("..", tmp_path / "sub" / "up")
    os.symlink("loop.jsonl", tmp_path / "loop.jsonl")
    os.symlink("nowhere", tmp_path / "dangling.jsonl")
    expected = ["dangling.jsonl", "loop.jsonl", "a.jsonl"]
    assert names(plan_splits([str(tmp_path)], DEFAULT)) == expected
    assert sorted(names(plan_splits([f"{tmp_path}/**/*"], DEFAULT))) == sorted(expected)
    assert names(plan_splits([f"{tmp_path}/*"], DEFAULT)) == expected[:2]


def test_an_existing_path_is_taken_literally(tmp_path: Path) -> None:
    touch(tmp_path, "[ab]*.jsonl", "a.jsonl", "b.jsonl")
    assert names(plan_splits([f"{tmp_path}/[ab]*.jsonl"], DEFAULT)) == ["[ab]*.jsonl"]
    assert names(plan_splits([f"{tmp_path}/[ab].jsonl"], DEFAULT)) == ["a.jsonl", "b.jsonl"]
    assert names(plan_splits([f"{tmp_path}/[!a]?jsonl"], DEFAULT)) == ["b.jsonl"]


def test_double_stars_reach_all_depths(tmp_path: Path) -> None:
    touch(tmp_path, "a.jsonl", "x/b.jsonl", "x/y/c.jsonl", "x/y/d.txt", ".h/e.jsonl")
    assert names(plan_splits([f"{tmp_path}/**/*.jsonl"], DEFAULT)) == ["a.jsonl", "b.jsonl", "c.jsonl"]
    assert names(plan_splits([f"{tmp_path}/x/**/c.jsonl"], DEFAULT)) == ["c.jsonl"]
    assert names(plan_splits([f"{tmp_path}/*/*.jsonl"], DEFAULT)) == ["b.jsonl"]
    assert names(plan_splits([f"{tmp_path}/.h/*"], DEFAULT)) == ["e.jsonl"]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.binary(min_size=1, max_size=6).filter(lambda b: b not in (b".", b"..") and not set(b) & {0, 47}), max_size=6
    )
)
def test_names_of_any_bytes_are_found(tmp_path: Path, found: list[bytes]) -> None:
    folder = os.fsencode(tmp_path)
    for old in os.listdir(folder):
        os.unlink(os.path.join(folder, old))
    for name in found:
        with open(os.path.join(folder, name), "wb"):
            pass
    visible = sorted({name for name in found if not name.startswith(b".")})
    if visible:
        paths = local_files(f"{tmp_path}/?*")  # "*" alone may be the name of one of them, which is then meant
        assert [os.fsencode(os.path.basename(path)) for path in paths] == visible
        for path in paths:
            split = Split(0, (Part(path, JSONL),), 0)
            assert Split.from_json(json.loads(json.dumps(split.to_json()))) == split
            printable_path(path).encode()
            assert not re.search(r"[\x00-\x1f]", printable_path(path))
    else:
        with pytest.raises(InputError):
            local_files(f"{tmp_path}/*")


def test_paths_may_be_relative_urls_or_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a b.jsonl")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert local_files("*.jsonl") == ["a b.jsonl"]
    assert local_files("**/*.jsonl") == ["a b.jsonl"]
    assert local_files(".") == ["./a b.jsonl"]
    assert local_files("~/a*") == [str(tmp_path / "a b.jsonl")]
    assert names(plan_splits([f"file://{tmp_path}/a%20b.jsonl"], DEFAULT)) == ["a b.jsonl"]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("nothing*", "'nothing\\*' matches no file; quote"),
        ("nothing.jsonl", "does not exist; check the spelling"),
        ("empty", "directory without files"),
        ("nowhere://a/b", "nowhere://a/b"),
    ],
)
def test_a_pattern_that_matches_nothing_is_an_error_that_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    touch(tmp_path, "there.jsonl")
    with pytest.raises(InputError, match=message):
        plan_splits(["there.jsonl", pattern], DEFAULT)
