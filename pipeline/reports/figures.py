"""How figures are written for people: shares, counts with their units, sizes."""

from __future__ import annotations


def percent(share: float) -> str:
    """Write a share as a percentage that never rounds something to nothing, or less than all to all."""
    if 0 < share < 0.001:
        return "<0.1 %"
    if 0.999 < share < 1:
        return ">99.9 %"
    return f"{share:.1%}".replace("%", " %")


def counted(count: int, unit: str) -> str:
    """Write a count with its unit, which is given in the plural."""
    return f"{count:,} {unit.removesuffix('s') if count == 1 else unit}"


def human_bytes(size: float) -> str:
    """Write a number of bytes in kB, MB, GB or TB (powers of ten), or as it is.

    Example:
        >>> human_bytes(1), human_bytes(999), human_bytes(15_000)
        ('1 byte', '999 bytes', '15.0 kB')
    """
    if round(size) < 1000:
        return counted(round(size), "bytes")
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{size:,.1f} {unit}"
    return f"{size / 1000:,.1f} TB"
