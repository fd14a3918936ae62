"""Settings of the mojibake repair."""

from __future__ import annotations

from pydantic import Field, field_validator

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX, NAMES
from corpusmill.transforms.kernels.settings import Settings


class RepairSettings(Settings):
    """What the repair of wrongly decoded text may do."""

    wide: bool = Field(True, description="Repair UTF-8 that was read through one of the codecs below.")
    codecs: tuple[str, ...] = Field(NAMES, description="Single-byte codecs that the text may have been read through.")
    ftfy: bool = Field(True, description="Use ftfy's fix_encoding as a further reading of damaged lines.")
    lossy: bool = Field(True, description="Repair sequences with a lost byte, once a document's codec is established.")
    multibyte: bool = Field(True, description="Repair UTF-8 read as GBK, Big5, Shift-JIS, EUC-JP or EUC-KR.")
    reverse: bool = Field(
        True,
        description="Repair documents in a legacy codec read as Latin-1 or windows-1252, where words prove it.",
    )

    @field_validator("codecs")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in value if name not in INDEX]
        if unknown:
            raise ValueError(f"codecs: {unknown[0]!r} is not a repairable codec; use some of: {', '.join(NAMES)}")
        return value

    @property
    def mask(self) -> int:
        """The wide codecs as a bit mask over `codecs.CODECS`."""
        return sum(1 << INDEX[name] for name in set(self.codecs)) if self.wide else 0
