"""Documents in a legacy encoding that were read as Latin-1."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake import reverse
from corpusmill.transforms.kernels.cleaning.mojibake.repair import repair_text
from corpusmill.transforms.kernels.cleaning.mojibake.settings import RepairSettings
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from tests.sentences import SENTENCES
from tests.transforms.kernels.cleaning.mojibake.test_repair import SETTINGS


@pytest.mark.parametrize(
    "sound",
    [
        "Ein Bär, über dem Fluß, grüßte schöne Mädchen und süße Vögel. Öl, Äpfel.",
        "Þú ert þýð og góð; það er þó ekki nóg, sagði hún við mæður sínar.",
        "Où çà ? Là-bas, à l’été, près d’un chêne où naît la forêt. Noël, Zoë, maïs.",
        "MÄ£ÄM ÌÑÌ Q £ÄGÌ GÄLÄW ÑÍCH SÖÄ£ ÑÝÄ $ÚÄMÌ Q £ÄGÌ",
        "±5 µm, 20 °C, ½ cup, £3, ¥5, §4, ¶2, ©, ®, ×, ÷, ¬, ¦, ¢",
        "¿Cómo está? ¡Así! Mañana el niño comerá piña en el jardín de Íñigo, señor.",
    ],
)
def test_sound_text_is_not_read_in_a_legacy_encoding(sound: str) -> None:
    found = reverse.repair(sound)
    assert found is None or not found.proven


@pytest.mark.parametrize(
    ("language", "codec"),
    [
        *(("Russian", c) for c in ("cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic")),
        *(("Greek", c) for c in ("cp1253", "iso8859-7")),
        *(("Hebrew", c) for c in ("cp1255", "iso8859-8")),
        *(("Arabic", c) for c in ("cp1256", "iso8859-6")),
        *(("Thai", "cp874"), ("Polish", "cp1250"), ("Czech", "iso8859-2"), ("Turkish", "cp1254"), ("Chinese", "gbk")),
        *(("Japanese", "cp932"), ("Japanese", "euc_jp"), ("Korean", "cp949"), ("German", "cp437")),
    ],
)
def test_a_legacy_document_read_as_latin_1_comes_back(language: str, codec: str) -> None:
    text = f"{SENTENCES[language]}\n{SENTENCES[language]}"
    damaged = text.encode(codec).decode("latin-1")
    got, repairs, _ = repair_text(damaged, SETTINGS)
    assert got == text
    assert [r.rule for r in repairs] == ["encoding.repair-reverse"]


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("你可以使用這個工具畫圖，也可以把圖存起來。如果檔案已經存在，程式會先問你要不要覆蓋舊的版本。", "big5"),
        ("Като взехме хляб, видяхме че печката е още топла и никой не бърза.", "cp1251"),
    ],
)
def test_a_legacy_document_read_as_latin_1_is_no_ground_for_other_guesses(text: str, codec: str) -> None:
    damaged = text.encode(codec).decode("latin-1")
    got, repairs, _ = repair_text(damaged, RepairSettings(reverse=False))
    assert (got, repairs) == (damaged, [])


def test_what_was_not_guessed_at_in_a_legacy_document_is_counted() -> None:
    damaged = "程式會先問你要不要覆蓋舊的版本，再把檔案存起來。".encode("big5").decode("latin-1")
    assert repair_text(damaged, RepairSettings(reverse=False))[2] > 0


def test_a_reading_without_words_is_no_repair_but_makes_a_document_suspect() -> None:
    damaged = " ".join(["жщъ ыцфъх щъжп"] * 4).encode("cp1251").decode("latin-1")
    got, repairs, suspects = repair_text(damaged, SETTINGS)
    assert (got, repairs) == (damaged, [])
    assert suspects > 0


RUSSIAN = "Сегодня утром мы пошли гулять в парк, потому что погода была очень хорошая."


def test_a_proven_reading_names_its_encoding_and_the_bits_that_it_gains() -> None:
    found = reverse.repair(RUSSIAN.encode("koi8-r").decode("latin-1"))
    assert found is not None
    assert (found.text, found.codec, found.proven) == (RUSSIAN, "koi8-r", True)
    assert found.bits > 0


@pytest.mark.parametrize(
    "text", ["", "plain words", "é", "Ïðè", RUSSIAN, "漢字の本を読みました", "Ïðèâåò " + RUSSIAN, "é" * 1000]
)
def test_texts_that_are_too_short_sound_or_of_another_script_are_not_looked_at(text: str) -> None:
    assert reverse.repair(text) is None


@given(texts=st.lists(st.text(st.sampled_from("abc ÏðèâåòéÕ\x82\x92üß漢"), max_size=40), min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_what_is_not_likely_is_not_repaired_and_the_batch_does_not_matter(texts: list[str]) -> None:
    likely = reverse.likely(*lattice.join(texts)).tolist()
    assert likely == [bool(reverse.likely(*lattice.join([text]))[0]) for text in texts]
    for text, may in zip(texts, likely, strict=True):
        assert may or reverse.repair(text) is None


def test_a_long_document_follows_the_verdict_on_its_beginning() -> None:
    text = "\n".join([RUSSIAN] * 600)
    assert len(text) > 2 * reverse.SAMPLE
    found = reverse.repair(text.encode("cp1251").decode("latin-1"))
    assert found is not None
    assert found.text == text
