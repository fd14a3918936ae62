"""Control bytes tell data from text: programs, images and tables of numbers are full of them."""

from __future__ import annotations

from typing import NamedTuple

_SAMPLE_BYTES = 1 << 16
_OF_TEXT = b"\b\t\n\v\f\r\x1b"
"""Line ends, overstrikes, terminal escapes."""
_NOT_COUNTED = _OF_TEXT + bytes(range(0x20, 0x100))

MAX_NULS = 0.03
"""Share of NULs from which on bytes that are neither UTF-16 nor UTF-32 are not text."""
MAX_CONTROLS_LEGACY = 0.02
"""The same of other controls in bytes that are not UTF-8; random bytes have 9 %."""
MAX_CONTROLS = 0.1
"""The same in bytes that are valid UTF-8."""
STRAY = 1
"""So many are no evidence, however short the data."""


class ControlBytes(NamedTuple):
    """How many control bytes the first 64 KiB of some data hold.

    Attributes:
        nuls: NULs; without those that pad the data, unless they are more than half of it.
        others: Controls that text does not hold.
        size: Bytes looked at.
    """

    nuls: int
    others: int
    size: int

    def many_nuls(self) -> bool:
        """Return whether the NULs are too many for text of single bytes."""
        return self.nuls > STRAY and self.nuls > MAX_NULS * self.size

    def many_others(self, most: float) -> bool:
        """Return whether the other controls are more than a share of the bytes."""
        return self.others > STRAY and self.others > most * self.size


def control_bytes(data: bytes) -> ControlBytes:
    r"""Count the control bytes.

    Example:
        >>> control_bytes(b"a\x01b\0\0c\n" + b"\0" * 5)
        ControlBytes(nuls=2, others=1, size=12)
    """
    sample = data[:_SAMPLE_BYTES]
    found = sample.translate(None, _NOT_COUNTED)
    nuls = found.count(b"\0")
    others = len(found) - nuls
    if nuls:
        inside = sample.strip(b"\0")  # text may be padded to the size of a block
        nuls = inside.count(b"\0") if 2 * len(inside) >= len(sample) else nuls
    return ControlBytes(nuls, others, len(sample))
