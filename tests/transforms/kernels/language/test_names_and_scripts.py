"""Codes of languages and scripts of texts."""

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.language.names import (
    ISO_639_3,
    SINGLE_LANGUAGES,
    by_single_language,
    iso_639_3,
    single_language,
)
from corpusmill.transforms.kernels.language.scripts import scripts_of
from tests.sentences import SENTENCES

SCRIPTS = {
    "Russian": "Cyrl",
    "Ukrainian": "Cyrl",
    "Greek": "Grek",
    "Hebrew": "Hebr",
    "Arabic": "Arab",
    "Hindi": "Deva",
    "Thai": "Thai",
    "Chinese": "Hani",
    "Japanese": "Jpan",
    "Korean": "Kore",
    "Georgian": "Geor",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_the_script_of_a_text_is_that_of_its_letters(language: str) -> None:
    assert scripts_of(pa.array([SENTENCES[language]])).to_pylist() == [SCRIPTS.get(language, "Latn")]


def test_scripts_of_a_column_are_those_of_each_row() -> None:
    column = pa.array([None, "", "12 + 3 🔥", *SENTENCES.values(), "Ж and more Latin"])
    expected = [None, None, None, *(SCRIPTS.get(name, "Latn") for name in SENTENCES), "Latn"]
    assert scripts_of(column).to_pylist() == expected
    assert scripts_of(column.slice(3, 2)).to_pylist() == expected[3:5]


def test_codes_have_three_letters() -> None:
    assert all(len(code) == 3 and code.isalpha() for code in ISO_639_3.values())
    assert [iso_639_3(code) for code in ("de", "zh-Hant", "iw", "__label__eng_Latn", "__label__de")] == [
        "deu",
        "cmn",
        "heb",
        "eng",
        "deu",
    ]
    assert [iso_639_3(code) for code in ("un", "xxx", "xx-Arab", "zzp", "")] == [None] * 5


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        (["zh", "zh-Hant", "__label__zh", "__label__cmn_Hani", "__label__zho_Hans"], "cmn"),
        (["no", "nb", "__label__nob_Latn"], "nob"),
        (["nn", "__label__nno_Latn"], "nno"),
        (["ar", "__label__arb_Arab"], "arb"),
        (["fa", "__label__pes_Arab", "__label__fas_Arab"], "fas"),
        (["et", "__label__ekk_Latn"], "ekk"),
        (["ms", "__label__zsm_Latn"], "zsm"),
    ],
)
def test_all_detectors_name_a_language_alike(labels: list[str], code: str) -> None:
    assert {iso_639_3(label) for label in labels} == {code}


def test_no_code_leads_to_another_group() -> None:
    assert not SINGLE_LANGUAGES.keys() & set(SINGLE_LANGUAGES.values())
    assert all(single_language(single_language(code)) == single_language(code) for code in ISO_639_3.values())


def test_two_codes_of_one_language_are_an_error() -> None:
    with pytest.raises(ValueError, match="'zho' and 'cmn' are one language"):
        by_single_language({"cmn": 1, "deu": 2, "zho": 3})
