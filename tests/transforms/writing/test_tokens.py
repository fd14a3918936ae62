import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.writing import tokens
from corpusmill.transforms.writing.tokens import count_tokens, load_tokenizer, with_tokens
from tests.tokenizers_made import write_tokenizer


@pytest.fixture
def tokenizer(tmp_path: Path) -> str:
    pytest.importorskip("tokenizers")
    return write_tokenizer(tmp_path / "tokenizer.json")


def test_all_tokens_count_whatever_the_file_says_of_truncation(tokenizer: str) -> None:
    texts = ["the gull and the crab", "", None, "gull " * 5000, "unknown words too"]
    assert count_tokens(pa.array(texts), tokenizer).to_pylist() == [5, 0, None, 5000, 3]


def test_tokens_of_a_model_around_a_text_do_not_count(tokenizer: str) -> None:
    import tokenizers  # noqa: PLC0415  (where it is installed)

    whole = tokenizers.Tokenizer.from_file(tokenizer)
    assert len(whole.encode("the gull").ids) == 4  # padded to four, truncated to four
    assert count_tokens(pa.array(["the gull"]), tokenizer).to_pylist() == [2]


def test_a_long_text_is_counted_in_pieces(tokenizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MAX_CHARS", 100)
    text = "the gull and the crab\n" * 400
    assert count_tokens(pa.array([text, "crab"]), tokenizer).to_pylist() == [2000, 1]


def test_kept_documents_alone_are_counted_and_what_is_counted_stands(tokenizer: str) -> None:
    table = pa.table({"decision": ["kept", "duplicate", "kept"], "text": ["the gull", "the crab", "crab"]})
    assert with_tokens(table, tokenizer)["tokens"].to_pylist() == [2, None, 1]
    again = table.append_column("tokens", pa.array([7, 7, None], pa.int64()))
    assert with_tokens(again, tokenizer)["tokens"].to_pylist() == [7, None, 1]


def test_what_is_missing_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tokenizers")
    with pytest.raises(UsageError, match=r"cannot read .*check the path"):
        load_tokenizer(str(tmp_path / "none.json"))
    other = tmp_path / "other.json"
    other.write_text("{}")
    with pytest.raises(UsageError, match=r"is no tokenizer\.json"):
        load_tokenizer(str(other))
    modules: dict[str, Any] = {"tokenizers": None}
    monkeypatch.setitem(sys.modules, "tokenizers", modules["tokenizers"])
    with pytest.raises(UsageError, match=r"pip install 'corpusmill\[tokens\]'"):
        load_tokenizer(str(tmp_path / "any.json"))
