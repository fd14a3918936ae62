"""Which characters may begin UTF-8 that was read as an East Asian encoding."""

from corpusmill.transforms.kernels.cleaning.mojibake.multibyte import CODECS, _openings


def test_openings_are_what_the_codecs_write() -> None:
    table = _openings()
    for code in range(0x2E80, 0x10000, 7):
        bits = 0
        for place, codec in enumerate(CODECS):
            data = chr(code).encode(codec, "ignore")
            if data and 0xC2 <= data[0] <= 0xF4 and (len(data) == 1 or 0x80 <= data[1] <= 0xBF):
                bits |= 1 << place
        assert table[code] == bits, hex(code)
    assert not table[:0x2E80].any()
