"""Input, working files and output on an object store: no folders, no rename, other latencies; the same bytes."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions

from corpusmill.engines.cache import PackageMissingError
from corpusmill.transforms import storage
from tests.engines.object_store import ObjectStore
from tests.engines.runs import Corpus, Result, StartedRun, lacking, result_of, run_corpusmill, run_well

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    """An object store, known to every process by its environment."""
    with contextlib.ExitStack() as stack:
        try:
            store = stack.enter_context(ObjectStore())
        except PackageMissingError as missing:
            lacking(missing)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in store.environment().items():
            patch.setenv(name, value)
        yield store


@pytest.fixture(scope="module")
def coarse(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> tuple[Corpus, Result]:
    """The corpus in few splits, with its local result: each look at an object store is a request."""
    folder = tmp_path_factory.mktemp("coarse")
    config = folder / "config.yaml"
    config.write_text("input: {split_bytes: 200000}\noutput: {shard_size: 300000}\n", encoding="utf-8")
    chosen = Corpus(corpus.inputs, config)
    run_well(chosen.command(folder / "out", ["--direct_num_workers=1"]))
    return chosen, result_of(folder / "out")


def test_a_process_has_one_client_and_each_caller_its_own_download(store: ObjectStore) -> None:
    pytest.importorskip("boto3")
    from apache_beam.io.aws.clients.s3 import boto3_client  # noqa: PLC0415

    FileSystems.set_options(PipelineOptions([]))  # as every command does
    store.client().put_object(Bucket=store.bucket, Key="one/letters", Body=b"abcdef")
    path = f"s3://{store.bucket}/one/letters"
    with storage.open_read(path) as first, storage.open_read(path) as second:
        assert first.read(2) == b"ab"
        assert second.read(3) == b"abc"
        assert first.read(2) == b"cd"
    assert storage.exists(path)
    one, other = boto3_client.Client({"s3_region_name": "x"}), boto3_client.Client({"s3_region_name": "x"})
    assert one is not other
    assert one.client is other.client
    assert boto3_client.Client({"s3_region_name": "y"}).client is not one.client


def _objects(store: ObjectStore, prefix: str) -> dict[str, str]:
    """Gives the SHA-256 of every object under a prefix, by name."""
    client = store.client()
    return {
        name.removeprefix(prefix): hashlib.sha256(
            client.get_object(Bucket=store.bucket, Key=name)["Body"].read()
        ).hexdigest()
        for name in store.names(prefix)
    }


def test_worker_processes_give_an_object_store_the_bytes_of_a_local_output(
    coarse: tuple[Corpus, Result], store: ObjectStore
) -> None:
    corpus, plain = coarse
    options = ["--direct_num_workers=2", "--direct_running_mode=multi_processing"]
    done = run_corpusmill(corpus.command(f"s3://{store.bucket}/workers", options))
    assert done.returncode == 0, done.stdout[-4000:]
    assert _objects(store, "workers/corpus/") == plain.corpus
    assert "workers/manifest.json" in store.names("workers/")
    assert store.names("workers/_state/") == []
    again = run_corpusmill(corpus.command(f"s3://{store.bucket}/workers", options))
    assert again.returncode == 0, again.stdout[-4000:]
    gone = store.names("workers/audit/")[0]
    store.client().delete_object(Bucket=store.bucket, Key=gone)
    refused = run_corpusmill(corpus.command(f"s3://{store.bucket}/workers", options))
    assert refused.returncode == 2
    assert f"{gone}' is missing, but the manifest names it" in refused.stdout


def test_a_killed_run_on_an_object_store_goes_on_to_the_same_bytes(
    coarse: tuple[Corpus, Result], store: ObjectStore, tmp_path: Path
) -> None:
    corpus, plain = coarse
    command = corpus.command(f"s3://{store.bucket}/killed", ["--direct_num_workers=1"])
    with StartedRun(command, tmp_path / "killed") as run:
        while not store.names("killed/_state/staged/"):
            assert run.process.poll() is None, run.log[-3000:]
            time.sleep(0.05)
        run.kill_driver()
    assert "killed/manifest.json" not in store.names("killed/")
    done = run_corpusmill(command)
    assert done.returncode == 0, done.stdout[-4000:]
    assert _objects(store, "killed/corpus/") == plain.corpus
    assert "killed/manifest.json" in store.names("killed/")
    assert store.names("killed/_state/") == []


def test_inputs_on_an_object_store_are_found_by_a_pattern(
    coarse: tuple[Corpus, Result], store: ObjectStore, tmp_path: Path
) -> None:
    corpus, plain = coarse
    client = store.client()
    for path in corpus.inputs:
        client.upload_file(str(path), store.bucket, f"in/{path.name}")
    remote = Corpus((), corpus.config)
    options = ["--input", f"s3://{store.bucket}/in/*.jsonl", "--direct_num_workers=1"]
    done = run_corpusmill(remote.command(tmp_path / "out", options))
    assert done.returncode == 0, done.stdout[-4000:]
    found = result_of(tmp_path / "out")
    # The audit names the sources by their addresses; a document without an id is named after its source.
    wanted = ("decision", "reason", "similarity", "source_row", "chars_out")
    assert [[row[name] for name in wanted] for row in found.audit] == [
        [row[name] for name in wanted] for row in plain.audit
    ]
