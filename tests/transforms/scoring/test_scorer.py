"""What is found out about a batch, and what is decided on it."""

import sys
import types
from importlib.util import find_spec
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.arrays import Float64s
from corpusmill.transforms.kernels.cleaning.filter import FilterSettings
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.language.settings import LanguageSettings
from corpusmill.transforms.kernels.schema import DOCUMENT_FIELDS
from corpusmill.transforms.scoring.scorer import Scorer, Scoring
from tests.quality_texts import SENTENCES

GERMAN, ENGLISH = " ".join(SENTENCES["deu"][:2]), " ".join(SENTENCES["eng"])


def documents(texts: list[str | None], **columns: pa.Array) -> pa.Table:
    n = len(texts)
    values = {field.name: pa.nulls(n, field.type) for field in DOCUMENT_FIELDS}
    values["id"] = pa.array([f"d{row}" for row in range(n)])
    values["text"] = pa.array(texts, pa.string())
    values["decision"] = pa.array(["rejected" if text is None else "kept" for text in texts])
    return pa.table({**values, **columns})


def verdicts(scoring: Scoring, table: pa.Table) -> list[tuple[str | None, str | None, str | None]]:
    found = Scorer(scoring).score(table)
    return list(zip(*(found[name].to_pylist() for name in ("decision", "reason", "detail")), strict=True))


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of functions that can be named in the settings."""
    module = types.ModuleType("own_scores")
    monkeypatch.setitem(sys.modules, "own_scores", module)
    return module


def test_documents_that_are_not_kept_are_not_scored() -> None:
    scoring = Scoring(FilterSettings(presets=("gopher",)))
    table = documents(["short", None, "short"]).set_column(9, "decision", pa.array(["kept", "rejected", "filtered"]))
    found = Scorer(scoring).score(table)
    assert found["gopher_words"].to_pylist() == [1, None, None]
    assert found["reason"].to_pylist() == ["quality.gopher-min-words", None, None]
    assert found["detail"].to_pylist() == ["1 < 50", None, None]


def test_a_column_drops_what_does_not_hold_and_nothing_where_it_is_missing() -> None:
    scoring = Scoring(FilterSettings(columns={"edu": ">= 3"}))
    table = documents(["a", "b", "c"], edu=pa.array([2, 3, None]))
    assert verdicts(scoring, table) == [("filtered", "filter.columns.edu", "not 2 >= 3"), (None,) * 3, (None,) * 3]


def test_functions_score_and_drop(functions: Any) -> None:
    functions.length = lambda batch: pa.compute.utf8_length(batch["text"])
    functions.mean = lambda batch: [None] * len(batch)
    scoring = Scoring(FilterSettings(functions=("own_scores:length > 1", "own_scores:mean >= 9")))
    table = documents(["a", "bb", None])
    assert [field.name for field in scoring.fields] == ["length", "mean"]
    found = Scorer(scoring).score(table)
    assert found["length"].to_pylist() == [1.0, 2.0, None]
    assert found["mean"].to_pylist() == [None] * 3
    expected = ("filtered", "filter.functions.own_scores:length", "not 1 > 1")
    assert verdicts(scoring, table) == [expected, (None,) * 3, (None,) * 3]


def test_functions_see_ids_texts_and_kept_columns_of_kept_documents_alone(functions: Any) -> None:
    seen: list[list[dict[str, object]]] = []

    def look(batch: pa.RecordBatch) -> Float64s:
        seen.append(batch.to_pylist())
        return np.zeros(len(batch))

    functions.look = look
    scorer = Scorer(Scoring(FilterSettings(functions=("own_scores:look",))))
    table = documents(["a", None, "c"], edu=pa.array([1, 2, 3]))
    scorer.score(table.select(scorer.columns(["edu"])))
    assert [[(row["id"], row["text"], row["edu"]) for row in batch] for batch in seen] == [
        [("d0", "a", 1), ("d2", "c", 3)]
    ]


def test_a_function_that_raises_rejects_the_document_that_it_raises_on(functions: Any) -> None:
    def fussy(batch: pa.RecordBatch) -> pa.Array:
        if "bad" in batch["text"].to_pylist():
            raise LookupError("no such word")
        return pa.array([1.0] * len(batch))

    functions.fussy = fussy
    scoring = Scoring(FilterSettings(functions=("own_scores:fussy > 0",)))
    assert verdicts(scoring, documents(["good", "bad", "fine"])) == [
        (None,) * 3,
        ("rejected", "filter.function-failed", "own_scores:fussy raised LookupError: no such word"),
        (None,) * 3,
    ]


def test_a_function_that_gives_something_else_ends_the_run(functions: Any) -> None:
    functions.wrong = lambda _: [1, 2, 3]
    with pytest.raises(UsageError, match="own_scores:wrong gives 3 values for 1 documents"):
        Scorer(Scoring(FilterSettings(functions=("own_scores:wrong",)))).score(documents(["a"]))
    functions.wrong = lambda _: [1]  # one for each, if each were by itself
    with pytest.raises(UsageError, match="own_scores:wrong gives 1 values for 2 documents"):
        Scorer(Scoring(FilterSettings(functions=("own_scores:wrong",)))).score(documents(["a", "b"]))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_module:score", "module 'no_such_module' cannot be imported"),
        ("own_scores:missing", "'own_scores' has no function 'missing'"),
    ],
)
@pytest.mark.usefixtures("functions")
def test_functions_that_are_not_there_are_named_before_the_work_begins(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Scoring(FilterSettings(functions=(name,))).check()


def test_a_function_cannot_take_the_name_of_a_score(functions: Any) -> None:
    functions.gopher_words = lambda batch: [0] * len(batch)
    with pytest.raises(UsageError, match="'gopher_words' is already the name of another column"):
        Scoring(FilterSettings(presets=("gopher",), functions=("own_scores:gopher_words",))).check()


@pytest.mark.parametrize("name", ["text", "url", "chars_out", "language", "detail", "copies"])
def test_a_function_cannot_take_the_name_of_a_column_of_the_output(functions: Any, name: str) -> None:
    setattr(functions, name, lambda batch: [0] * len(batch))
    with pytest.raises(UsageError, match=f"'{name}' is already the name of another column"):
        Scoring(FilterSettings(functions=(f"own_scores:{name}",))).check()


needs_cld2 = pytest.mark.skipif(find_spec("pycld2") is None, reason="an extra; it has no wheel for this platform")


@needs_cld2
def test_languages_scripts_and_which_of_them_stay() -> None:
    scoring = Scoring(language=LanguageSettings(enabled=True, keep=("deu",)))
    found = Scorer(scoring).score(documents([GERMAN, ENGLISH, "12 34", None]))
    assert found["language"].to_pylist() == ["deu", "eng", None, None]
    assert found["script"].to_pylist() == ["Latn", "Latn", None, None]
    assert found["reason"].to_pylist() == [None, "language.keep", "language.keep", None]
    assert found["detail"].to_pylist() == [None, "eng not in deu", "unknown not in deu", None]


@needs_cld2
def test_documents_of_whose_language_the_detector_is_unsure_go() -> None:
    scoring = Scoring(language=LanguageSettings(enabled=True, min_score=0.9))
    mixed = GERMAN + " " + ENGLISH
    found = Scorer(scoring).score(documents([GERMAN, mixed]))
    assert found["reason"].to_pylist() == [None, "language.min-score"]
    assert found["detail"][1].as_py().endswith(" < 0.9")


@needs_cld2
def test_each_language_has_its_own_limits() -> None:
    settings = FilterSettings(
        presets=("gopher",),
        languages={"deu": {"gopher": {"min_words": 1000, "stop_words": ["der", "und", "sie"]}}},
    )
    scoring = Scoring(settings, LanguageSettings(enabled=True))
    french = " ".join(SENTENCES["fra"] * 5)
    found = Scorer(scoring).score(documents([ENGLISH, GERMAN * 2, french]))
    assert found["detail"].to_pylist() == [None, f"{found['gopher_words'][1]} < 1000", None]
    # English stop words are no measure of French; German has its own.
    assert found["gopher_stop_words"].to_pylist() == [8, 3, 0]


@needs_cld2
def test_each_language_has_its_own_least_score() -> None:
    settings = FilterSettings(languages={"deu": {"min_language_score": 1.0}})
    found = Scorer(Scoring(settings, LanguageSettings(enabled=True))).score(documents([GERMAN, ENGLISH]))
    assert found["reason"].to_pylist() == ["language.min-score", None]
    assert found["detail"][0].as_py().endswith(" < 1")


def test_without_languages_english_stop_words_are_asked_of_all() -> None:
    found = Scorer(Scoring(FilterSettings(presets=("gopher",)))).score(documents([GERMAN * 3]))
    assert found["reason"].to_pylist() == ["quality.gopher-stop-words"]


@needs_cld2
def test_an_empty_batch_has_no_scores() -> None:
    scoring = Scoring(FilterSettings(presets=("gopher", "c4")), LanguageSettings(enabled=True))
    found = Scorer(scoring).score(documents([]))
    assert len(found) == 0
    assert "c4_sentences" in found.column_names


@pytest.mark.skipif(find_spec("pycld2") is None, reason="needs pycld2")
def test_presets_of_one_language_score_its_documents_and_no_others() -> None:
    own = {"deu": {"presets": ["c4"], "c4": {"min_sentences": 9}}}
    scoring = Scoring(FilterSettings(languages=own), LanguageSettings(enabled=True))
    found = Scorer(scoring).score(documents([ENGLISH, GERMAN, None]))
    assert [score is None for score in found["c4_sentences"].to_pylist()] == [True, False, True]
    assert found["reason"].to_pylist() == [None, "quality.c4-sentences", None]
    assert Scorer(scoring).score(documents([ENGLISH]))["c4_sentences"].to_pylist() == [None]
