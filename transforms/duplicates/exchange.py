"""How the duplicate stage exchanges keys, texts and pairs between its tasks."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_MEMORY = 256 << 20
"""Bytes that a task may use for the keys that it sorts."""


@dataclass(frozen=True)
class Exchange:
    """What suits the engine and the number of documents; no result depends on it.

    Attributes:
        through_files: Exchange keys and texts through files under the state folder: the engine holds none of them, and
            a task reads no more keys than `memory_bytes` allow. Without, the engine shuffles them, which suits engines
            that spill, and runs of too many splits to open again and again.
        ranges_per_band: Key ranges into which a shuffled band is cut.
        memory_bytes: Bytes that a task may use for keys that it reads from files.
        cover_partitions: Workers that share the verified pairs, see `CoverDuplicates`.

    Raises:
        ValueError: A number is less than 1.
    """

    through_files: bool = False
    ranges_per_band: int = 1
    memory_bytes: int = DEFAULT_MEMORY
    cover_partitions: int = 1

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("ranges_per_band", "memory_bytes", "cover_partitions"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least 1")
