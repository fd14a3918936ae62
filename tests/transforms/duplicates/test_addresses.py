"""Documents of one address: one of each page stays."""

from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pytest

from corpusmill.transforms import sealed
from corpusmill.transforms.duplicates.addresses import ResolveAddresses, SpreadAddresses, SpreadAddressesInput
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.keyed import KeyedBatch, keys_of, make_batch
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.stage import StagedSplit
from tests.transforms.staged import rows_of, run, stage

pytestmark = pytest.mark.beam

GIVEN = InputSettings(keep_columns={"score": "int64"}, url_column="url")
URLS = ["http://a.example/pier", "https://www.a.example/pier/", None, "http://a.example/fog", "http://a.example/pier#x"]


def resolved(
    folder: Path, documents: list[dict[str, Any]], cut: int, settings: DedupSettings
) -> tuple[dict[int, list[int]], dict[int, int]]:
    """Return the rows that are removed, by split, and member -> representative."""
    staged = stage(folder, documents[:cut], documents[cut:], given=GIVEN)
    made = run(
        folder / "run",
        staged,
        lambda given: (given | ResolveAddresses(str(folder), settings))._asdict(),
        tuple[int, StagedSplit],
    )
    assert sorted(split for split, _ in made["staged"]) == [0, 1]
    removed = {
        split: sealed.read_parquet(State(str(folder)).of_one_address(split))["row"].to_pylist() for split in (0, 1)
    }
    return removed, {row["member"]: row["representative"] for _, row in rows_of(made["members"])}


@pytest.mark.parametrize(
    ("policy", "stays"), [("first", {0: 1, 3: 3}), ("highest score", {4: 1, 3: 3}), ("longest", {1: 1, 3: 3})]
)
def test_the_first_by_the_policy_stays(tmp_path: Path, policy: str, stays: dict[int, int]) -> None:
    texts = ["Short.", "The longest of the three texts.", "None.", "Fog.", "Middle text."]
    documents = [
        {"id": str(k), "text": text, "url": url, "score": k}
        for k, (text, url) in enumerate(zip(texts, URLS, strict=True))
    ]
    removed, members = resolved(tmp_path, documents, 2, DedupSettings(by_url=policy))
    (kept,) = {0, 1, 4} & stays.keys()
    gone = {0, 1, 4} - {kept}
    assert removed == {0: sorted(gone & {0, 1}), 1: sorted(k - 2 for k in gone if k >= 2)}
    keys = [*keys_of(0, np.arange(2)), *keys_of(1, np.arange(3))]
    assert members == {int(keys[k]): int(keys[kept]) for k in gone}


def test_documents_that_are_not_kept_and_exempt_ones_are_left_alone(tmp_path: Path) -> None:
    documents = [
        {"id": str(k), "text": text, "url": URLS[0], "score": 0} for k, text in enumerate((None, "One.", "Two."))
    ]
    assert resolved(tmp_path / "a", documents, 1, DedupSettings(by_url="first"))[0] == {0: [], 1: [1]}
    exempt = DedupSettings(by_url="first", exempt=("in.jsonl",))
    assert resolved(tmp_path / "b", documents, 1, exempt) == ({0: [], 1: []}, {})


def test_a_partner_that_is_removed_for_its_text_gives_way_to_its_own(tmp_path: Path) -> None:
    keys = [int(key) for split in (0, 1) for key in keys_of(split, np.arange(3))]
    decided = make_batch(
        document=np.array([keys[1]], np.uint64), partner=np.array([keys[5]], np.uint64), similarity=np.array([0.9])
    )
    members = make_batch(
        member=np.array([keys[2], keys[4]], np.uint64), representative=np.array([keys[1], keys[0]], np.uint64)
    )

    def build(given: Any) -> dict[str, Any]:
        of_page = given.pipeline | "Members" >> beam.Create([(0, members)], reshuffle=False).with_output_types(
            KeyedBatch
        )
        return {"out": SpreadAddressesInput(given, of_page) | SpreadAddresses()}

    made = rows_of(run(tmp_path, [(7, decided)], build, KeyedBatch)["out"])
    assert {row["document"]: (split, row["partner"], row["similarity"]) for split, row in made} == {
        keys[1]: (1, keys[5], 0.9),
        keys[2]: (1, keys[5], None),
        keys[4]: (0, keys[0], None),
    }
