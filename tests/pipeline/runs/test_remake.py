"""Another corpus from a finished run."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.runs.finished_shards import FinishedShard, complete_index
from corpusmill.runs.output_folder import OutputError
from corpusmill.runs.pair_decisions import Removals, decide
from corpusmill.runs.remake import Order, check, config_of, make, read_finished
from corpusmill.transforms.layout import RESULTS
from tests.families import corpus
from tests.pipeline.runs.finished import finished, order_of
from tests.support import check_accounts, digests, rows

DOCUMENTS = corpus(21, 40)


class Same:
    """The decisions of the run itself."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self.removals: Removals = decide(order.read_pairs(), order.config.dedup.threshold)
        self.keeps_nothing = False

    def decide(self, rows: pa.Table, first: int) -> pa.Table:
        del first
        return rows

    def index(self, decided: pa.Table, index: pa.Table, first: int) -> pa.Table:
        del first
        return complete_index(decided, index, self._order.keyed_by, self._order.keyed)

    def pairs(self, shard: FinishedShard, first: int, end: int) -> Iterator[pa.Table]:
        del first, end
        yield from shard.pairs()

    def figures(self) -> dict[str, Any]:
        return {"more": 1}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished(tmp_path_factory.mktemp("run"), DOCUMENTS, "input.split_bytes=3000", "output.shard_size=3000")


@pytest.mark.beam
def test_the_decisions_of_the_run_give_its_own_files_again(out: Path, tmp_path: Path) -> None:
    target = tmp_path / "made"
    order = Order(
        "remake", str(out), str(target), read_finished(str(out), "x"), order_of(out, target).config, {"of": "x"}
    )
    shutil.rmtree(target)
    before = digests(out, "*")
    made = make(order, lambda: Same(order), overwrite=False)
    assert digests(target, *RESULTS) == digests(out, *RESULTS)
    assert digests(out, "*") == before
    check_accounts(target, len(DOCUMENTS))
    run = order.manifest
    assert {name: made[name] for name in ("documents", "reasons", "chars", "text_bytes", "files", "checksums")} == {
        name: run[name] for name in ("documents", "reasons", "chars", "text_bytes", "files", "checksums")
    }
    assert (made["remake"], made["more"], made["run"]["runner"]) == ({"of": "x"}, 1, "remake")
    assert not Path(order_of(out, tmp_path / "other").target, "_state", "made_from.json").exists()

    def never() -> Same:
        raise AssertionError("it is there already")

    assert make(order, never, overwrite=False)["documents"] == made["documents"]
    other = replace(order, command="another")
    with pytest.raises(OutputError, match="holds another run; name another folder, or give --overwrite"):
        make(other, never, overwrite=False)
    assert make(other, lambda: Same(other), overwrite=True)["another"] == {"of": "x"}


@pytest.mark.beam
def test_a_folder_that_is_the_run_or_lies_in_it_is_refused(out: Path) -> None:
    for target in (out, out / "corpus", out.parent):
        manifest = read_finished(str(out), "x")
        order = Order("remake", str(out), str(target), manifest, config_of(manifest))
        with pytest.raises(OutputError):
            make(order, lambda order=order: Same(order), overwrite=True)  # type: ignore[misc]


@pytest.mark.beam
def test_files_that_are_not_as_the_run_wrote_them_are_refused(out: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    check(order_of(copy, tmp_path / "target"))
    path = min((copy / "audit").iterdir())
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ConfigError, match=path.name):
        check(order_of(copy, tmp_path / "target"))


@pytest.mark.beam
def test_an_order_knows_the_settings_with_which_texts_were_read(out: Path, tmp_path: Path) -> None:
    order = order_of(out, tmp_path / "target")
    higher = order.config.model_copy(update={"dedup": order.config.dedup.model_copy(update={"threshold": 0.9})})
    changed = replace(order, config=higher)
    assert changed.keyed_at == 0.6
    assert changed.keyed_by.threshold == 0.6
    assert changed.keyed_by.banding == order.config.dedup.banding
    assert changed.identity != order.identity
    assert changed.metadata["corpusmill.config"] == higher.digest() != order.metadata["corpusmill.config"]
    assert len(order.shards()) == len(order.manifest["files"]["audit"]) > 1
    assert order.read_pairs().num_rows == len(rows(out, "pairs"))


def manifest_of(folder: Path, **change: Any) -> str:
    """Write the manifest of a run, without its files."""
    config = load_config(None, change.pop("sets", ())).model_dump(mode="json")
    for section, keys in change.pop("without", {}).items():
        for key in keys:
            del config[section][key]
    empty: dict[str, Any] = {name: {} for name in ("identity", "documents", "files", "metadata", "reasons")}
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({**empty, "against": [], "config": config, **change}))
    return str(folder)


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (("output.corpus=false",), "decisions but no texts"),
        (("output.pairs=false",), r"run it again with --set output\.pairs=true"),
        (("dedup.paragraphs.keep=first",), r"dedup\.paragraphs.*run it again with the other limits"),
        (("dedup.by_url=first",), r"dedup\.by_url, and the addresses are not in it"),
    ],
)
def test_a_run_that_holds_too_little_is_refused_with_the_remedy(
    tmp_path: Path, sets: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        read_finished(manifest_of(tmp_path, sets=sets), "the other limits")


def test_a_folder_without_a_finished_run_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ConfigError, match=folder.name):
            read_finished(str(folder), "the other limits")


def test_runs_of_before_there_was_a_key_have_kept_no_filtered_texts(tmp_path: Path) -> None:
    manifest = read_finished(manifest_of(tmp_path, without={"output": ["filtered"]}), "x")
    assert config_of(manifest).output.filtered is False
    assert config_of(read_finished(manifest_of(tmp_path), "x")) == load_config(None, ())
