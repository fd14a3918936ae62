"""Whether and how the language of each document is identified."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from corpusmill.transforms.kernels.language.names import single_language
from corpusmill.transforms.kernels.settings import Settings

_CODE = re.compile(r"[a-z]{3}")


def check_code(code: str) -> str:
    """Return the code by which a language is known: `cmn` also for `zho`.

    Raises:
        ValueError: It is none of ISO 639-3.
    """
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is no language: give three letters of ISO 639-3, such as eng, deu, cmn")
    return single_language(code)


class LanguageSettings(Settings):
    """Identifying the language of each document, after cleaning."""

    enabled: bool = Field(
        False, description="Add the columns `language` (ISO 639-3), `language_score` and `script` to the corpus."
    )
    detector: Literal["cld2", "fasttext"] = Field(
        "cld2",
        description="What identifies it: cld2 (165 languages, `pip install 'corpusmill[language]'`), or a fastText "
        "model of your own such as GlotLID (`pip install 'corpusmill[fasttext]'` and `model`).",
    )
    model: str | None = Field(None, description="The model file of fastText.")
    keep: tuple[str, ...] = Field(
        (), description="Drop documents in other languages than these, such as [eng, deu]; empty keeps all."
    )
    min_score: Annotated[float, Field(ge=0, le=1)] = Field(
        0, description="Drop documents of whose language the detector is less sure than this (0 = off)."
    )

    @field_validator("keep")
    @classmethod
    def _check_keep(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(check_code, codes))

    @model_validator(mode="after")
    def _check_together(self) -> LanguageSettings:
        if self.detector == "fasttext" and self.enabled and self.model is None:
            raise ValueError(
                "detector fasttext needs a model: name its file, such as language.model=lid.176.ftz, "
                "or take detector cld2"
            )
        if (self.keep or self.min_score) and not self.enabled:
            key = "keep" if self.keep else "min_score"
            raise ValueError(f"{key} needs the languages of documents: set language.enabled=true")
        return self
