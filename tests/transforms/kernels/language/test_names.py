from corpusmill.transforms.kernels.language.names import ISO_639_3, MACROLANGUAGES, iso_639_3


def test_codes_have_three_letters() -> None:
    assert all(len(code) == 3 and code.isalpha() for code in ISO_639_3.values())
    assert [iso_639_3(code) for code in ("de", "zh-Hant", "iw", "__label__eng_Latn", "__label__de")] == [
        "deu",
        "zho",
        "heb",
        "eng",
        "deu",
    ]
    assert [iso_639_3(code) for code in ("un", "xxx", "xx-Arab", "zzp", "")] == [None] * 5


def test_macrolanguages_are_of_other_languages() -> None:
    assert all(len(code) == 3 for pair in MACROLANGUAGES.items() for code in pair)
    assert not set(MACROLANGUAGES) & set(MACROLANGUAGES.values())
