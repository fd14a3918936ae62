"""The means of repair, each on record."""

import pytest

from corpusmill.transforms.kernels.cleaning.mojibake.repair_stages import (
    FTFY,
    LOSSY,
    MOJIBAKE,
    MULTIBYTE,
    REVERSE,
    Damaged,
    Repaired,
    punctuated,
    repair_once,
)
from corpusmill.transforms.kernels.cleaning.mojibake.settings import RepairSettings

SETTINGS = RepairSettings()


def repaired(*texts: str, wide: bool = True, change: RepairSettings = SETTINGS) -> list[Repaired]:
    return repair_once([Damaged(text, by_ftfy=True, legacy=None) for text in texts], change, wide=wide)


RUSSIAN = "Сегодня утром мы пошли гулять в парк, потому что погода была очень хорошая."


@pytest.mark.parametrize(
    ("damaged", "sound", "rule", "codec"),
    [
        ("voilÃ\xa0 trois jours, dÃ©jÃ\xa0 fatiguÃ©", "voilà trois jours, déjà fatigué", MOJIBAKE, "cp1252"),
        ("Die W체rde der B채ume", "Die Würde der Bäume", MULTIBYTE, "cp949"),
        (RUSSIAN.encode("cp1251").decode("latin-1"), RUSSIAN, REVERSE, "cp1251"),
    ],
)
def test_each_means_says_what_it_did(damaged: str, sound: str, rule: str, codec: str) -> None:
    (outcome,) = repaired(damaged)
    assert outcome.text == sound == outcome.repairs[-1].text
    assert [(repair.rule, repair.codec) for repair in outcome.repairs] == [(rule, codec)]
    assert outcome.repairs[0].runs > 0
    assert outcome.repairs[0].bits > 0


def test_a_lost_byte_is_a_repair_of_its_own() -> None:
    damaged = "РЎРµРіРѕРґРЅСЏ СѓС‚СЂРѕРј. Р ад РїРѕРјРѕС‡СЊ".replace("\xa0", " ")
    rules = [repair.rule for repair in repaired(damaged)[0].repairs]
    assert rules[:1] == [MOJIBAKE]
    assert set(rules[1:]) <= {LOSSY}


def test_without_the_wide_search_the_other_means_are_left() -> None:
    damaged = "Boom πŸ’₯πŸ’₯, voilÃ  tout"
    assert {repair.rule for repair in repaired(damaged, wide=False)[0].repairs} <= {FTFY}
    assert repaired("Boom πŸ’₯πŸ’₯", wide=False)[0].repairs == []


def test_sound_texts_come_out_as_they_are_and_each_text_by_itself() -> None:
    texts = ["plain", "déjà vu", RUSSIAN, "", "dÃ©jÃ\xa0 fatiguÃ©, voilÃ\xa0"]
    outcomes = repaired(*texts)
    assert [outcome.text for outcome in outcomes[:4]] == texts[:4]
    assert [outcome.repairs for outcome in outcomes[:4]] == [[]] * 4
    assert [outcome.text for outcome in outcomes] == [repaired(text)[0].text for text in texts]


def test_everyday_signs_are_restored_as_far_as_settings_allow() -> None:
    text = 'nothing â€" nobody'
    state = punctuated(Repaired(text, [], 3), SETTINGS)
    assert state.text == "nothing — nobody"
    assert [(repair.rule, repair.runs) for repair in state.repairs] == [(LOSSY, 1)]
    assert punctuated(Repaired(text, [], 3), RepairSettings(lossy=False)) == Repaired(text, [], 3)
    english = punctuated(Repaired("ItÕs here", [], 0), SETTINGS)
    assert (english.text, english.repairs[0].rule) == ("It’s here", REVERSE)
    assert punctuated(Repaired("ItÕs here", [], 0), RepairSettings(reverse=False)).repairs == []
