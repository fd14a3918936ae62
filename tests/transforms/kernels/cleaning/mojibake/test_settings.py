"""What the repair may do."""

import pytest

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX, NAMES
from corpusmill.transforms.kernels.cleaning.mojibake.repair import repair_text
from corpusmill.transforms.kernels.cleaning.mojibake.settings import RepairSettings
from tests.sentences import SENTENCES
from tests.transforms.kernels.cleaning.mojibake.test_repair import SETTINGS


@pytest.mark.parametrize(
    ("switch", "damaged"),
    [
        ("multibyte", "W체rde und B채ume"),
        ("reverse", SENTENCES["Russian"].encode("cp1251").decode("latin-1")),
        ("lossy", 'Nobody came â€" nobody at all.'),
        ("ftfy", "voilÃ  le travail"),
        ("wide", "Boom πŸ’₯πŸ’₯"),
    ],
)
def test_each_kind_of_repair_can_be_switched_off(switch: str, damaged: str) -> None:
    assert repair_text(damaged, SETTINGS)[0] != damaged
    assert repair_text(damaged, RepairSettings.model_validate({switch: False}))[0] == damaged


def test_lost_bytes_are_left_alone_if_switched_off() -> None:
    damaged = "РЎРµРіРѕРґРЅСЏ СѓС‚СЂРѕРј. Р ад РїРѕРјРѕС‡СЊ Рё РїРѕРјРѕС‡СЊ."
    rules = [r.rule for r in repair_text(damaged, RepairSettings(lossy=False))[1]]
    assert "encoding.repair-lossy" not in rules


def test_a_codec_that_is_not_listed_is_not_tried() -> None:
    damaged = "Boom πŸ’₯πŸ’₯"
    assert repair_text(damaged, RepairSettings(codecs=("cp1252", "koi8-r")))[0] == damaged


def test_an_unknown_codec_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'cp9999' is not a repairable codec; use some of: cp1252"):
        RepairSettings(codecs=("cp9999",))


def test_the_mask_has_a_bit_for_each_codec_that_may_be_tried() -> None:
    assert RepairSettings().mask == (1 << len(NAMES)) - 1
    assert RepairSettings(codecs=("koi8-r", "cp1252", "koi8-r")).mask == 1 << INDEX["koi8-r"] | 1 << INDEX["cp1252"]
    assert RepairSettings(wide=False).mask == RepairSettings(codecs=()).mask == 0
