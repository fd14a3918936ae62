from typing import Any

import pytest
from pydantic import ValidationError

from corpusmill.transforms.kernels.reading.settings import COLUMN_TYPES, InputSettings


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"id_column": "text"}, "are both 'text'; name two different columns"),
        ({"keep_columns": {"text": "string"}}, "kept anyway as id or text; take it out"),
        ({"keep_columns": {"decision": "string"}}, "a column of the output already"),
        ({"keep_columns": {"title": "int64"}}, "use 'string'"),
        ({"keep_columns": {"url": "string"}, "url_column": "address"}, "a column of the output already"),
        ({"keep_columns": {"year": "int"}}, "keep_columns"),
        ({"encoding": "no-such"}, "encoding"),
        ({"split_bytes": 1}, "split_bytes"),
    ],
)
def test_settings_that_cannot_work_name_what_is_wrong(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        InputSettings(**values)


def test_kept_columns_have_their_types_and_titles_are_fixed_columns() -> None:
    settings = InputSettings(keep_columns={"year": "int64", "title": "string", "tags": "list<string>"})
    assert settings.kept_types() == {"year": COLUMN_TYPES["int64"], "tags": COLUMN_TYPES["list<string>"]}


def test_an_encoding_is_stated_by_any_of_its_names() -> None:
    assert InputSettings().stated_encoding is None
    assert InputSettings(encoding="Windows-1252").stated_encoding == InputSettings(encoding="cp1252").stated_encoding
