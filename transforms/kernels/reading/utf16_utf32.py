"""UTF-16 and UTF-32 without a byte order mark, told by what the units spell in each byte order.

In such text most characters have a byte below U+0020, so read as UTF-8 it is full of NULs and controls. A reading
counts only if nearly all of its characters are assigned and the model of character pairs finds them plausible;
programs, images and tables of numbers are then none.
"""

from __future__ import annotations

import regex

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS

_CODECS = (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2))
_SAMPLE_BYTES = 1 << 14  # a multiple of four
_MIN_BYTES = 4

MAX_ODD = 0.005
"""Controls, unassigned and private-use characters, as a share: text of any script has hardly one in a thousand."""
MAX_BITS = 18.0
"""Bits a character under the model: text costs 3 to 17, its bytes in the other order 21 to 37."""
FAR_BITS = 6.0
"""What the other byte order must cost more, a character, if it is text at all."""
MAX_BITS_WITHOUT_NUL = 13.0
_MIN_WITHOUT_NUL = 8
"""Asked of text without a single NUL: no blank, no line end, no figure, so it is short and in one script."""

_ODD = regex.compile(r"[[\p{Cc}\p{Cn}\p{Co}]--[\t\n\v\f\r\x1a\x1b]]", regex.V1)


def wide_codec(data: bytes) -> str | None:
    """Return the codec of text in UTF-16 or UTF-32 that has no byte order mark, or None.

    Args:
        data: The document; its first 16 KiB decide. The last unit may be cut.

    Example:
        >>> wide_codec("Привет, мир!".encode("utf-16-be"))
        'utf-16-be'
    """
    sample = data[:_SAMPLE_BYTES]
    has_nul = b"\0" in sample
    if len(data) < _MIN_BYTES or (not has_nul and len(data) % 2):
        return None
    bits: dict[str, float] = {}
    for codec, width in _CODECS if has_nul else _CODECS[2:]:
        text = _decode_sample(sample, codec, width)
        if text is None or len(_ODD.findall(text)) > MAX_ODD * len(text):
            continue
        if not has_nul and len(text) < _MIN_WITHOUT_NUL:
            continue
        bits[codec] = MODEL.price(text) / UNITS / len(text)
    if not bits:
        return None
    best = min(bits, key=lambda codec: (bits[codec], codec))
    far = all(cost - bits[best] >= FAR_BITS for codec, cost in bits.items() if codec != best)
    return best if far and bits[best] < (MAX_BITS if has_nul else MAX_BITS_WITHOUT_NUL) else None


def _decode_sample(sample: bytes, codec: str, width: int) -> str | None:
    """Decode whole units strictly; a surrogate whose partner lies beyond the sample is left out."""
    whole = sample[: len(sample) // width * width]
    for cut in (0, 2) if width == 2 else (0,):
        try:
            text = whole[: len(whole) - cut].decode(codec)
        except UnicodeDecodeError:
            continue
        return text or None
    return None
