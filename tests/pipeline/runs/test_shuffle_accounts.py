"""What goes into a shuffle comes out of it, or the run ends and names the shuffle."""

import json
import random
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from corpusmill.config import load_config
from corpusmill.inputs.plan import plan_splits
from corpusmill.runs import shuffles
from corpusmill.runs.accounts import AccountingError, LostElementsError
from corpusmill.runs.assemble import assemble
from corpusmill.runs.manifest import gather_outcome
from corpusmill.runs.run_folder import Job, open_output
from corpusmill.runs.shuffles import Account, describe_losses, measure_shuffles
from tests.support import check_accounts, digests, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

DOCUMENTS = 120
MANY_SPLITS = "input.split_bytes=20000"
_WORDS = (
    "harbour lamp stone river green paper seven north garden bread window salt cloud train letter copper winter "
    "music bridge apple"
).split()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents of five sites that share a line, every sixth a near-copy of the one before it."""
    chance = random.Random(11)
    records: list[dict[str, str]] = []
    for number in range(DOCUMENTS):
        lines = [" ".join(chance.choices(_WORDS, k=12)) for _ in range(8)]
        text = "\n".join(["The ferry office answers letters on market days", *lines])
        if number % 6 == 5:
            text = records[-1]["text"] + " once more"
        records.append({"id": f"d{number}", "text": text, "url": f"https://site{number % 5}.example/{number}"})
    return write_jsonl(tmp_path_factory.mktemp("corpus") / "in.jsonl", records)


@pytest.fixture(scope="module")
def sound(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a run by one process that loses nothing."""
    out = tmp_path_factory.mktemp("sound") / "out"
    run_corpus(corpus, out, MANY_SPLITS, "run.workers=1")
    return out


def _lose_some(element: tuple[Any, Iterable[Any]]) -> Iterable[tuple[Any, list[Any]]]:
    """Drop the first of several values, a batch if there is one, or a row of the only one."""
    values = list(element[1])
    batches = [k for k, value in enumerate(values) if isinstance(value, pa.RecordBatch | bytes)]
    if len(batches) > 1:
        del values[batches[0]]
    elif batches and isinstance(values[batches[0]], pa.RecordBatch) and len(values[batches[0]]) > 1:
        values[batches[0]] = values[batches[0]].slice(1)
    yield element[0], values


def _lose_decision(element: tuple[Any, Iterable[tuple[int, Any]]]) -> Iterable[tuple[Any, list[Any]]]:
    """Drop the first batch of a group of several streams."""
    values = list(element[1])
    batches = [k for k, (_, value) in enumerate(values) if isinstance(value, pa.RecordBatch | bytes)]
    for place in batches[:1]:
        del values[place]
    yield element[0], values


def _lose_all(_element: object) -> Iterable[object]:
    return ()


def _damage(monkeypatch: pytest.MonkeyPatch, harms: dict[str, Callable[..., Iterable[object]]]) -> None:
    """Let the engine do harm to what comes out of shuffles, by their labels."""
    counted = shuffles._counted

    def damaged(elements: Any, place: str, count: Any, tallies: Any) -> Any:
        harm = harms.get(count._label) if place in {"CountKeys", "CountAll"} else None
        if harm is not None:
            kind = elements.element_type
            elements |= "Harm" >> beam.FlatMap(harm).with_output_types(kind)
        return counted(elements, place, count, tallies)

    monkeypatch.setattr(shuffles, "_counted", damaged)


def _names_all(error: Exception, harms: Iterable[str]) -> bool:
    return all(
        re.search(rf"shuffle {label}: [\d,]+ elements .* sent, [\d,]+ .* arrived", str(error)) for label in harms
    )


_HARMS = {
    "LearnBoilerplate/GatherHosts": _lose_some,
    "LearnBoilerplate/ByLine": _lose_some,
    "LearnBoilerplate/Gather": _lose_some,
    "FindDuplicates/ResolveGroups/Gather": _lose_some,
    "FindDuplicates/ProposePairs/Gather": _lose_some,
    "FindDuplicates/VerifyPairs/SendLeftTexts/ByLeft": _lose_some,
    "FindDuplicates/CoverDuplicates/Gather": _lose_some,
    "FindDuplicates/ByPartner": _lose_some,
    "FindDuplicates/KeepPairs/ByRight": _lose_some,
    "Write/JoinDuplicates": _lose_decision,
    "Write/ByShard": _lose_all,
}


def test_what_is_lost_in_shuffles_ends_the_run_which_names_each(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statistics of lines, learned lines, keys, candidate pairs, verified pairs, decisions, receipts."""
    _damage(monkeypatch, _HARMS)
    out = tmp_path / "out"
    with pytest.raises(LostElementsError) as raised:
        run_corpus(corpus, out, MANY_SPLITS)
    assert _names_all(raised.value, _HARMS)
    assert not (out / "manifest.json").exists()
    assert not (out / "corpus").exists()


@pytest.mark.parametrize(
    "labels",
    [
        ["LearnBoilerplate/BySplit/ReshufflePerKey/GroupByKey"],
        ["FindDuplicates/VerifyPairs/SendLeftTexts/ByRight"],
        [f"FindDuplicates/{step}/CoGroupByKeyImpl/Flatten" for step in ("BySplit", "KeepPairs/ByLeft")],
    ],
)
def test_shuffles_and_joins_that_hand_over_nothing_end_the_run(
    labels: list[str], corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _damage(monkeypatch, dict.fromkeys(labels, _lose_all))
    with pytest.raises(LostElementsError) as raised:
        run_corpus(corpus, tmp_path / "out", MANY_SPLITS)
    assert _names_all(raised.value, labels)


def test_keys_that_are_lost_on_a_cluster_are_missed(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harms: dict[str, Callable[..., Iterable[object]]] = {
        "FindDuplicates/ResolveGroups/ByRange": _lose_some,
        "FindDuplicates/ProposePairs/ByBandRange": _lose_some,
    }
    _damage(monkeypatch, harms)
    config = load_config(None, [MANY_SPLITS])
    plan = plan_splits([str(corpus)], config.input)
    job = Job(str(tmp_path / "out"), config, plan.fingerprint, plan.splits)
    open_output(job, overwrite=False)
    pipeline = beam.Pipeline(runner=FnApiRunner())
    assemble(pipeline, job, local=False)
    measure_shuffles(pipeline, job.state)
    pipeline.run().wait_until_finish()
    with pytest.raises(LostElementsError) as raised:
        gather_outcome(job)
    assert _names_all(raised.value, harms)


def test_accounts_that_are_lost_themselves_are_missed(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shuffles._WriteAccountsFn, "process", lambda _self, _element: None)
    with pytest.raises(LostElementsError, match="lost the accounts of the shuffles"):
        run_corpus(corpus, tmp_path / "out")


def test_a_run_after_a_loss_starts_afresh(
    corpus: Path, sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _damage(patch, {"LearnBoilerplate/ByLine": _lose_all})
        with pytest.raises(LostElementsError, match="the same command starts afresh"):
            run_corpus(corpus, tmp_path / "out", MANY_SPLITS)
    run_corpus(corpus, tmp_path / "out", MANY_SPLITS)
    assert digests(tmp_path / "out", "corpus", "audit") == digests(sound, "corpus", "audit")


def test_a_split_that_is_not_written_is_missed(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpusmill.runs.assemble._list_splits", lambda path: _listed(path)[:-1])
    with pytest.raises(AccountingError, match=r"splits planned: \d+, splits written: \d+"):
        run_corpus(corpus, tmp_path / "out", MANY_SPLITS)


def _listed(path: str) -> list[Any]:
    from corpusmill.transforms import sealed  # noqa: PLC0415
    from corpusmill.transforms.reading.splits import Split  # noqa: PLC0415

    return [Split.from_json(value) for value in sealed.read_json(path)]


def test_the_manifest_holds_the_accounts(sound: Path) -> None:
    manifest = json.loads((sound / "manifest.json").read_text(encoding="utf-8"))
    accounts = {label: Account(**fields) for label, fields in manifest["accounts"].items()}
    assert set(manifest["shuffles"]) <= set(accounts)
    assert all(account.agrees and account.elements_in > 0 for account in accounts.values())
    assert not describe_losses(accounts)
    assert accounts["Stage/BySplit"].elements_in >= manifest["input"]["splits"] > 3
    # A decision for each duplicate, on its way to the partner.
    assert accounts["FindDuplicates/ByPartner"].rows_in == manifest["documents"]["duplicate"] == DOCUMENTS // 6


@pytest.mark.parametrize(
    ("account", "agrees"),
    [
        (Account(3, 30, 3, 30), True),
        (Account(0, 0, 0, 0), True),
        (Account(3, 30, 2, 20), False),
        (Account(3, 30, 3, 29), False),
        (Account(3, 30, 4, 40), False),
    ],
)
def test_an_account_agrees_only_if_elements_and_rows_do(account: Any, agrees: bool) -> None:
    assert account.agrees == agrees
    assert bool(describe_losses({"A/ByKey": account})) != agrees


@pytest.mark.parametrize("mode", ["threads", "processes"])
def test_many_shuffles_give_the_same_bytes_in_every_mode(mode: str, corpus: Path, sound: Path, tmp_path: Path) -> None:
    """A short form: hundreds of such runs are for a quiet machine."""
    run_corpus(corpus, tmp_path / "out", MANY_SPLITS, "run.workers=2", f"run.mode={mode}")
    assert digests(tmp_path / "out", "corpus", "audit", "pairs") == digests(sound, "corpus", "audit", "pairs")
    check_accounts(tmp_path / "out", DOCUMENTS)
