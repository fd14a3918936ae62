import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import corpusmill
from corpusmill.config import ConfigError
from tests.support import DEMO

PAGE = "Forty kites over the sea wall πŸ’₯\n\nThe wind came off the estuary at four.\n\nGet link\nFacebook\nPinterest\n"


def test_importing_the_package_imports_nothing_heavy() -> None:
    program = "import sys, corpusmill; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not set(done.stdout.split()) & {"apache_beam", "numpy", "pyarrow", "pydantic", "regex", "rich", "typer"}


def test_cleaning_does_not_import_beam() -> None:
    program = "import sys, corpusmill; corpusmill.clean('a &amp; b'); assert 'apache_beam' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_cleaned_text_says_what_was_changed_and_what_was_taken_out() -> None:
    result = corpusmill.clean(PAGE)
    assert str(result) == result.text
    assert "💥" in result.text
    assert "Get link" not in result.text
    assert "encoding.repair-mojibake" in [change.rule for change in result.changes]
    assert [line.text for line in result.removed_lines] == ["Get link", "Facebook", "Pinterest"]


def test_settings_are_sections_a_preset_or_a_file_and_mistakes_are_named(tmp_path: Path) -> None:
    assert "Get link" in corpusmill.clean(PAGE, boilerplate={"enabled": False}).text
    assert corpusmill.clean(PAGE, preset="dedup-only").text == PAGE
    (tmp_path / "own.yaml").write_text("normalize: {enabled: false}", encoding="utf-8")
    assert "πŸ’₯" in corpusmill.clean(PAGE, config=str(tmp_path / "own.yaml")).text
    with pytest.raises(ConfigError, match=r"did you mean 'boilerplate\.enabled'"):
        corpusmill.clean(PAGE, boilerplate={"enabeld": False})


def test_settings_may_be_spelled_with_dots_as_on_the_command_line() -> None:
    text = "Fish &amp; chips\n\nGet link"
    options: dict[str, Any] = {"boilerplate.enabled": False, "boilerplate": {"title_repeat": False}}
    mistaken: dict[str, Any] = {"boilerplate.enable": False}
    assert str(corpusmill.clean(text, **options)) == "Fish & chips\n\nGet link"
    with pytest.raises(ConfigError, match=r"unknown key 'boilerplate\.enable'; did you mean 'boilerplate\.enabled'"):
        corpusmill.clean(text, **mistaken)


def test_many_texts_are_cleaned_as_each_by_itself() -> None:
    texts = [PAGE, "A sound line.", "", "Tea &amp; cake"]
    assert list(corpusmill.clean_many(iter(texts * 200))) == [corpusmill.clean(text) for text in texts] * 200


def test_a_table_loses_its_duplicates_and_says_for_which_rows() -> None:
    lines = [
        "The ferry leaves at nine from the old pier.",
        "Fog on the quay.",
        "The ferry leaves at nine from the old pier!",
    ]
    for table in (pa.table({"body": lines}), pd.DataFrame({"body": lines})):
        result = corpusmill.dedup(table, text="body")
        assert result.kept["body"].to_pylist() == lines[:2]
        assert result.removed.to_pylist() == [{"row": 2, "partner": 0, "similarity": 1.0}]
    with pytest.raises(KeyError, match=r"'text'.*it has body"):
        corpusmill.dedup(pa.table({"body": lines}))


def test_a_table_is_looked_through_value_by_value_of_a_column() -> None:
    line = "The ferry leaves at nine from the old pier."
    table = pa.table({"text": [line, line, f"{line}!", line, line], "lang": ["en", None, "de", None, "de"]})
    result = corpusmill.dedup(table, within="lang")
    assert result.removed["row"].to_pylist() == [3, 4]
    assert result.removed["partner"].to_pylist() == [1, 2]
    with pytest.raises(KeyError, match=r"'language'.*it has text, lang"):
        corpusmill.dedup(table, within="language")
    with pytest.raises(TypeError, match="does not have one value"):
        corpusmill.dedup(pa.table({"text": [line], "tags": [["a"]]}), within="tags")


@pytest.mark.beam
def test_a_run_from_python_is_the_run_of_the_command_line(tmp_path: Path) -> None:
    manifest = corpusmill.run(str(DEMO), str(tmp_path / "out"), dedup={"threshold": 0.9})
    frame = corpusmill.read(str(tmp_path / "out"))
    assert len(frame) == manifest["documents"]["kept"] > 0
    assert manifest["config"]["dedup"]["threshold"] == 0.9


untyped: Any = corpusmill


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: untyped.clean(b"Fish"), "a text is a str, not bytes: decode it"),
        (lambda: list(untyped.clean_many(["a", None])), "a text is a str, not NoneType: leave it out"),
        (lambda: list(untyped.clean_many("abc")), "give a list of texts, or call clean"),
        (lambda: untyped.dedup([{"text": "a"}]), "list is no table; give a pyarrow.Table or a pandas.DataFrame"),
        (lambda: untyped.dedup(pa.table({"text": [1, 2]})), "the column 'text' holds int64; name a column of texts"),
    ],
)
def test_what_is_no_text_or_table_is_refused_with_a_remedy(call: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


def test_a_table_may_hold_no_text_at_all() -> None:
    frame = pd.DataFrame({"text": ["Ropes and oars", None, "Ropes and oars"]}, dtype="string")
    assert corpusmill.dedup(frame).kept["text"].to_pylist() == ["Ropes and oars", None]
    assert len(corpusmill.dedup(pa.table({"text": pa.nulls(2)})).kept) == 2


def test_texts_may_be_categories() -> None:
    frame = pd.DataFrame({"text": pd.Categorical(["Ropes and oars", "Nets", "Ropes and oars"])})
    assert corpusmill.dedup(frame).removed["row"].to_pylist() == [2]


def test_texts_may_be_views_as_those_of_polars() -> None:
    views = pa.table({"text": pa.array(["Ropes and oars", "Nets", "Ropes and oars"], pa.string_view()), "n": [1, 2, 3]})
    assert corpusmill.dedup(views).kept.to_pylist() == [{"text": "Ropes and oars", "n": 1}, {"text": "Nets", "n": 2}]
