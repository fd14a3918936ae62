"""FindDuplicates as a transform against a plain oracle: all pairs compared, then gone through in order."""

import re
from collections.abc import Callable, Iterable
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.pipeline import PipelineVisitor
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from corpusmill.reports.corpus import read_corpus_table
from corpusmill.runs.rethreshold import rethreshold
from corpusmill.transforms.batches import rows_to_batches
from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.duplicates.find import FindDuplicates
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.staging.index import IndexDocuments
from corpusmill.transforms.staging.stage import StageDocuments
from tests.families import corpus
from tests.support import run_corpus, write_jsonl

pytestmark = pytest.mark.beam

READ = InputSettings(keep_columns={"score": "int64"}, batch_bytes=2000)


def shingles(text: str, size: int = 5) -> frozenset[Any]:
    tokens = re.findall(r"\w+", text.lower())
    if len(tokens) < size:
        return frozenset([tuple(tokens)]) if tokens else frozenset()
    return frozenset(tuple(tokens[k : k + size]) for k in range(len(tokens) - size + 1))


def jaccard(a: frozenset[Any], b: frozenset[Any]) -> float:
    return len(a & b) / len(a | b) if a or b else 0.0


def greedy(documents: list[dict[str, Any]], keep: str, threshold: float) -> dict[int, set[int]]:
    """Removed document -> its kept neighbours that come before it."""
    sets = [shingles(document["text"]) for document in documents]
    near: dict[int, set[int]] = {k: set() for k in range(len(documents))}
    for a, b in combinations(range(len(documents)), 2):
        if jaccard(sets[a], sets[b]) >= threshold or documents[a]["text"] == documents[b]["text"]:
            near[a].add(b)
            near[b].add(a)
    ranks: dict[str, Callable[[int], tuple[int, int]]] = {
        "first": lambda k: (0, k),
        "longest": lambda k: (-len(documents[k]["text"]), k),
        "highest score": lambda k: (-documents[k]["score"], k),
    }
    rank = ranks[keep]
    kept: set[int] = set()
    removed: dict[int, set[int]] = {}
    for k in sorted(near, key=rank):
        if near[k] & kept:
            removed[k] = near[k]
        else:
            kept.add(k)
    return {k: {n for n in near & kept if rank(n) < rank(k)} for k, near in removed.items()}


class _Save(beam.DoFn):
    """Write the decisions of each split to a file of the test."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> None:
        split, batches = element
        pq.write_table(pa.Table.from_batches(list(batches)), f"{self._folder}/{split}.parquet")


def find(
    folder: Path, documents: list[dict[str, Any]], cuts: list[int], settings_: DedupSettings, **options: Any
) -> dict[int, tuple[Any, ...]]:
    """Removed document -> (partner, similarity), with the documents cut into splits at some places."""
    folder.mkdir()
    bounds = [0, *sorted(cuts), len(documents)]
    batches = []
    for split, (start, end) in enumerate(pairwise(bounds)):
        batches += list(rows_to_batches(documents[start:end], READ, split=split))
    (folder / "found").mkdir()
    with beam.Pipeline() as pipeline:
        indexed = pipeline | beam.Create(batches) | StageDocuments(str(folder)) | IndexDocuments(str(folder), settings_)
        found = indexed | FindDuplicates(str(folder), settings_, Exchange(**options))
        _ = found.decisions | beam.GroupByKey() | beam.ParDo(_Save(str(folder / "found")))
    number = {document["id"]: k for k, document in enumerate(documents)}
    removed = {}
    for path in (folder / "found").iterdir():
        for row in pq.read_table(path).to_pylist():
            removed[bounds[int(path.stem)] + row["row"]] = (number[row["partner_id"]], row["similarity"])
    return removed


WAYS: tuple[dict[str, Any], ...] = (
    {},
    {"ranges_per_band": 3, "cover_partitions": 2},
    {"through_files": True},
    {"through_files": True, "memory_bytes": 1000, "cover_partitions": 3},
)


# Without shrinking: an example takes a second or two.
@settings(max_examples=5, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(2, 60),
    keep=st.sampled_from(["first", "longest", "highest score"]),
    threshold=st.sampled_from([0.6, 0.8, 0.9, 1.0]),
    data=st.data(),
)
def test_duplicates_are_those_of_brute_force_whatever_the_splits(  # noqa: PLR0917
    tmp_path_factory: pytest.TempPathFactory, seed: int, n: int, keep: str, threshold: float, data: st.DataObject
) -> None:
    documents = corpus(seed, n)
    sets = [shingles(document["text"]) for document in documents]
    settings_ = DedupSettings(keep=keep, threshold=threshold, recall=0.999999, num_perm=256)
    expected = greedy(documents, keep, threshold)
    folder = tmp_path_factory.mktemp("find")
    results = []
    for way in ("one", "other"):
        cuts = data.draw(st.lists(st.integers(0, n), max_size=4), label=f"cuts of {way}")
        results.append(find(folder / way, documents, cuts, settings_, **data.draw(st.sampled_from(WAYS))))
    found = results[0]
    assert found == results[1]
    assert set(found) == set(expected)
    for document, (partner, similarity) in found.items():
        assert partner not in found
        assert partner in expected[document]
        exact = jaccard(sets[document], sets[partner]) if sets[document] else 1.0
        assert similarity == pytest.approx(exact, abs=1e-9)
        assert similarity == pytest.approx(
            max(jaccard(sets[document], sets[k]) for k in expected[document]) if sets[document] else 1.0
        )


class _GroupedTypes(PipelineVisitor):
    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def visit_transform(self, node: Any) -> None:
        if isinstance(node.transform, beam.GroupByKey):
            self.found[node.full_label] = str(node.inputs[0].element_type)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_what_crosses_a_shuffle_has_a_compact_coder(tmp_path: Path, way: dict[str, Any]) -> None:
    """Of a type that Beam does not know it would be pickled, with the whole buffers of what a batch was cut from."""
    pipeline = beam.Pipeline()
    indexed = pipeline | beam.Create([])
    _ = indexed | "Find" >> FindDuplicates(str(tmp_path), DedupSettings(), Exchange(**way), keep_pairs=True)
    types = _GroupedTypes()
    pipeline.visit(types)
    own = {label: kind for label, kind in types.found.items() if label.startswith("Find/")}
    assert len(own) > 8
    assert {kind for kind in own.values() if "RecordBatch" not in kind and "bytes" not in kind} == set(), own


@pytest.mark.parametrize("way", ["later", "earlier"])
def test_documents_of_exempt_sources_stay_and_remove_others(tmp_path: Path, way: str) -> None:
    """Those of the benchmark are like each other and like those of the crawl, wherever they are."""
    texts = [document["text"] for document in corpus(7, 30)]
    names = {"earlier": ("a-bench", "b-crawl"), "later": ("z-bench", "b-crawl")}[way]
    bench, crawl = (
        write_jsonl(tmp_path / f"{name}.jsonl", [{"id": f"{name}-{k}", "text": text} for k, text in enumerate(own)])
        for name, own in zip(names, ([*texts[:20], texts[0], texts[1] + "!"], texts), strict=True)
    )
    sets = ("boilerplate.enabled=false", "input.split_bytes=3000", f"dedup.exempt=['{bench}']")
    manifest = run_corpus([bench, crawl], tmp_path / "out", *sets)
    kept = read_corpus_table(str(tmp_path / "out"))["id"].to_pylist()
    own = [k for k, text in enumerate([*texts[:20], texts[0], texts[1]]) if text]
    assert [name for name in kept if "bench" in name] == [f"{names[0]}-{k}" for k in own]
    assert not {f"{names[1]}-{k}" for k in range(20)} & set(kept)
    again = rethreshold(str(tmp_path / "out"), 0.95, str(tmp_path / "again"))
    assert manifest["documents"]["duplicate"] >= again["documents"]["duplicate"] > 15
    kept = read_corpus_table(str(tmp_path / "again"))["id"].to_pylist()
    assert len([name for name in kept if "bench" in name]) == len(own)


def test_another_threshold_counts_operators_as_a_fresh_run_does(tmp_path: Path) -> None:
    words = [f"word{k}" for k in range(60)]
    one, other = (" ".join([*words[:30], "x", sign, "1", *words[30:]]) for sign in "+<")
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"id": "one", "text": one}, {"id": "other", "text": other}])
    sets = ("boilerplate.enabled=false", "normalize.enabled=false")
    run_corpus(inputs, tmp_path / "low", *sets)
    assert read_corpus_table(str(tmp_path / "low"))["id"].to_pylist() == ["one"]
    rethreshold(str(tmp_path / "low"), 0.9, str(tmp_path / "made"))
    run_corpus(inputs, tmp_path / "fresh", *sets, "dedup.threshold=0.9")
    for out in ("made", "fresh"):
        assert read_corpus_table(str(tmp_path / out))["id"].to_pylist() == ["one", "other"]
