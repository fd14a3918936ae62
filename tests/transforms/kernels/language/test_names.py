"""Codes of languages."""

import pytest

from corpusmill.transforms.kernels.language.names import (
    ISO_639_3,
    SINGLE_LANGUAGES,
    by_single_language,
    iso_639_3,
    single_language,
)


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
