import pytest

from corpusmill.transforms.kernels.cleaning.rules import Rule
from corpusmill.transforms.kernels.cleaning.symbols.ligatures import glyph_names, ligatures


def after(rule: Rule, text: str) -> str:
    changes = list(rule.apply(text))
    return changes[-1].text if changes else text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("We deﬁne the ﬂow as ﬁnite.", "We define the flow as finite."),
        ("The ﬁ eld was ﬂat and the ﬂ owers were ﬁne.", "The field was flat and the flowers were fine."),
    ],
)
def test_ligatures_of_a_text_that_is_full_of_them_are_spelled_out(text: str, wanted: str) -> None:
    assert after(ligatures(), text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "the ﬁrst oﬃce",
        "The ligatures in ﬁsh, ﬂag and oﬀer are one sign.",
        "ﬁne ﬂat oﬀer, but first, fish, flag and offer too",
        "```\nﬁx ﬂow oﬀset ﬁle\n```",
        "Vrei a ﬁ bun ori a ﬁ liber, spune ﬁul în ﬁrea lui și pleacă.",
    ],
)
def test_few_of_them_type_code_and_romanian_stay(text: str) -> None:
    assert after(ligatures(), text) == text


def test_names_of_glyphs_become_letters_inside_words_only() -> None:
    assert after(glyph_names(), "the a/uni03B2b test") == "the aβb test"
    assert after(glyph_names(), "The /uniFB01 sher went out to sea") == "The ﬁ sher went out to sea"
    for text in ("/uniFB01 /uniFB02 /fi /fl", "see path/uniFB01 there", "a/uni0041b"):
        assert after(glyph_names(), text) == text
