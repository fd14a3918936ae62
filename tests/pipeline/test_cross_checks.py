import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.cross_checks import idle_settings


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (["dedup.keep='newest date'"], r"'date', which is not kept: add it to input.keep_columns, such as {date: time"),
        (["dedup.keep='highest stars'"], r"'stars', which is not kept: .*{stars: double}"),
        (["dedup.within=lagn", "input.keep_columns={lang: string}"], "did you mean 'lang'"),
        (["dedup.within=tags", "input.keep_columns={tags: list<string>}"], "which holds lists"),
        (["output.copies=true", "dedup.enabled=false"], "counts what dedup removes"),
        (["output.copies=true", "input.keep_columns={copies: int64}"], "adds a column 'copies'"),
        (["filter.languages={deu: {}}"], "set language.enabled=true"),
        (["filter.columns={stars: '>= 2'}"], "'stars', which is not kept"),
        (["language.enabled=true", "input.keep_columns={language: string}"], "a column that language.enabled adds"),
    ],
)
def test_sections_that_do_not_agree_are_named_with_the_remedy(sets: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(None, sets)


@pytest.mark.parametrize(
    "sets",
    [
        ["dedup.within=source"],
        ["dedup.within=language", "language.enabled=true"],
        ["dedup.keep='newest date'", "input.keep_columns={date: timestamp}"],
        ["output.copies=true"],
    ],
)
def test_sections_that_agree_are_taken(sets: list[str]) -> None:
    load_config(None, sets)


@pytest.mark.parametrize(
    ("sets", "notes"),
    [
        (["filter.gopher.min_words=80"], ["filter.gopher.min_words: nothing is judged by this unless filter.presets"]),
        (["filter.gopher_repetition.max_top_2_gram=1", "filter.presets=[gopher]"], ["names gopher-repetition"]),
        (["filter.gopher.min_words=80", "filter.presets=[gopher]"], []),
        (["filter.c4.variant=jmlr", "language.enabled=true", "filter.languages={deu: {presets: [c4]}}"], []),
        ([], []),
    ],
)
def test_limits_of_a_preset_that_is_off_are_told(sets: list[str], notes: list[str]) -> None:
    found = idle_settings(load_config(None, sets))
    assert len(found) == len(notes)
    assert all(note in sentence for note, sentence in zip(notes, found, strict=True))
