"""Files in the form of FineWeb-2 become settings of a language."""

from pathlib import Path

import pytest

from corpusmill.config import Config, ConfigError, load_config
from corpusmill.transforms.kernels.quality.fineweb2 import language_of, read_settings

FILE = """\
dup_line_frac: 0.25
dup_n_grams: [[5, 0.13], [6, 0.12]]
top_n_grams:
- - 2
  - 0.17
language_score: 0.8
line_punct_thr: 0.1
max_avg_word_length: 14
max_non_alpha_words_ratio: 0.75
min_avg_word_length: 2
new_line_ratio: 0.2
stopwords: [och, att, det]
"""


def _load(tmp_path: Path, *more: str, name: str = "swe_Latn.yml", text: str = FILE) -> Config:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return load_config(None, [f"filter.language_files=[{path}]", "language.enabled=true", *more])


def test_a_file_sets_the_rules_of_its_language_alone(tmp_path: Path) -> None:
    settings = _load(tmp_path).filter
    swedish, other = settings.for_language("swe"), settings.for_language("eng")
    assert swedish.presets == ("gopher", "gopher-repetition", "fineweb")
    assert other.presets == ()
    assert (swedish.gopher.min_mean_word_length, swedish.gopher.max_mean_word_length) == (2, 14)
    assert (swedish.gopher.min_letter_words, swedish.gopher.stop_words) == (0.75, ("och", "att", "det"))
    assert (swedish.gopher.min_words, swedish.gopher.min_stop_words) == (50, 2)
    repetition = swedish.gopher_repetition
    assert (repetition.max_duplicate_lines, repetition.max_duplicate_paragraphs) == (0.25, None)
    assert (repetition.max_top_2_gram, repetition.max_top_3_gram) == (0.17, 0.18)
    assert (repetition.max_duplicate_5_grams, repetition.max_duplicate_7_grams) == (0.13, 0.13)
    fineweb = swedish.fineweb
    assert (fineweb.min_terminal_lines, fineweb.max_newlines_per_word) == (0.1, 0.2)
    assert (fineweb.max_short_lines, fineweb.max_repeated_characters) == (None, 0.1)
    assert swedish.min_language_score == 0.8


def test_what_is_said_of_the_language_goes_before_its_file(tmp_path: Path) -> None:
    settings = _load(tmp_path, "filter.languages={swe: {min_language_score: null, gopher: {min_words: 9}}}").filter
    assert settings.for_language("swe").min_language_score is None
    assert settings.for_language("swe").gopher.min_words == 9
    assert settings.for_language("swe").gopher.max_mean_word_length == 14


def test_the_resolved_configuration_holds_what_the_files_say(tmp_path: Path) -> None:
    config = _load(tmp_path)
    (tmp_path / "swe_Latn.yml").unlink()
    assert type(config).model_validate(config.model_dump(mode="json")) == config


def test_a_language_may_be_given_by_the_code_of_its_group(tmp_path: Path) -> None:
    settings = _load(tmp_path, "filter.languages={zho: {gopher: {min_words: 9}}}", name="cmn_Hani.yml").filter
    assert list(settings.languages) == ["cmn"]
    assert settings.for_language("zho") == settings.for_language("cmn")
    assert settings.for_language("cmn").gopher.min_words == 9
    assert settings.for_language("cmn").presets == ("gopher", "gopher-repetition", "fineweb")
    assert load_config(None, ["language.enabled=true", "language.keep=[zho, deu]"]).language.keep == ("cmn", "deu")
    with pytest.raises(ConfigError, match="'zho' and 'cmn' are one language here; give 'cmn' only"):
        load_config(None, ["language.enabled=true", "filter.languages={cmn: {}, zho: {}}"])


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("swedish.yml", FILE, "such as deu_Latn.yml"),
        ("swe_Latn.yml", "perplexity: 3", "'perplexity' is none of FineWeb-2's"),
        ("swe_Latn.yml", "top_n_grams: [[7, 0.1]]", r"pairs of a length \(2, 3, 4\) and a share"),
        ("swe_Latn.yml", "dup_line_frac: 3", "languages.swe.gopher_repetition.max_duplicate_lines"),
        ("swe_Latn.yml", "- a", "holds no keys"),
        ("swe_Latn.yml", "a: [", "is not valid YAML"),
    ],
)
def test_what_is_no_such_file_is_named(name: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        _load(tmp_path, name=name, text=text)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match=r"cannot read '/no/deu_Latn\.yml'"):
        load_config(None, ["filter.language_files=[/no/deu_Latn.yml]", "language.enabled=true"])


def test_two_files_for_one_language_are_an_error(tmp_path: Path) -> None:
    for script in ("Latn", "Cyrl"):
        (tmp_path / f"srp_{script}.yml").write_text("dup_line_frac: 0.2")
    files = ", ".join(str(tmp_path / f"srp_{script}.yml") for script in ("Latn", "Cyrl"))
    with pytest.raises(ConfigError, match="two files are for 'srp'"):
        load_config(None, [f"filter.language_files=[{files}]", "language.enabled=true"])


def test_languages_are_read_from_names() -> None:
    assert language_of("cmn_Hani.yml") == "cmn"
    assert read_settings({})["presets"] == ["gopher", "gopher-repetition", "fineweb"]
