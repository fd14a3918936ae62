"""The base of every stage's configuration."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """A frozen, validated configuration object; unknown keys are errors.

    Each stage has one subclass beside its kernel. Every field has a default and a `Field(description=...)` of one
    sentence, from which the documentation, the JSON schema and the comments of `configs/default.yaml` are made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
