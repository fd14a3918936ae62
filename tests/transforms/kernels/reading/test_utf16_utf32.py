"""UTF-16 and UTF-32 without a mark: texts of many scripts are told from each other's byte order and from data."""

import array

import pytest

from corpusmill.transforms.kernels.reading.utf16_utf32 import wide_codec

TEXTS = [
    "The ferry leaves at noon.",
    "Zażółć gęślą jaźń, rzekła ciotka.",
    "Кот спит на подоконнике.",
    "Η γάτα κοιμάται στο παράθυρο.",
    "القطة نائمة على النافذة",
    "החתול ישן על אדן החלון",
    "बिल्ली खिड़की पर सो रही है।",
    "แมวนอนอยู่ที่หน้าต่าง 3 ตัว",
    "猫は窓辺で眠っている。 OK",
    "猫在窗台上睡觉,很安静",
    "고양이가 창가에서 잔다.",
    "კატა ფანჯარასთან წევს.",
    "Կատուն քնած է պատուհանի մոտ։",
    "ድመቷ መስኮቱ ላይ ተኝታለች።\n",
    "Party 🎉 at 8",
]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_recognised_in_either_byte_order(text: str, codec: str) -> None:
    assert wide_codec(text.encode(codec)) == codec


@pytest.mark.parametrize("text", ["Жаворонок", "Достопримечательности", "나는학교에갔습니다"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_text_without_any_nul_is_recognised_too(text: str, codec: str) -> None:
    data = text.encode(codec)
    assert b"\0" not in data
    assert wide_codec(data) == codec


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ab",
        b"\0" * 64,
        array.array("h", range(-300, 300)).tobytes(),
        array.array("i", [3, 1, 4, 1, 5, 9, 2, 6] * 9).tobytes(),
        array.array("d", [0.1 * k for k in range(40)]).tobytes(),
        b"name\0size\0date\0owner\0" * 4,
        bytes(range(256)) * 4,
    ],
)
def test_data_is_no_text(data: bytes) -> None:
    assert wide_codec(data) is None


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Старый фонарь у реки", "cp1251"),
        ("Старый фонарь у реки", "koi8-r"),
        ("窓辺の猫は眠る", "cp932"),
        ("窗台上的猫睡着了", "gb18030"),
        ("창가의고양이", "cp949"),
        ("Größe, Übermut", "cp1252"),
    ],
)
def test_legacy_text_is_not_taken_for_wide(text: str, codec: str) -> None:
    assert wide_codec(text.encode(codec)) is None
