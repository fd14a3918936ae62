"""Counting tokens with a tokenizer of the user's own."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms import storage
from corpusmill.transforms.kernels.columns import bools, one_array, with_columns
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.schema import KEPT

TOKENS = "tokens"

_BATCH_CHARS = 1 << 20
MAX_CHARS = 1 << 23
"""A text that is longer is counted in pieces, cut behind a line break where there is one, so that memory is bounded."""


@lru_cache(maxsize=1)
def load_tokenizer(path: str) -> Any:
    """Load a `tokenizer.json`, on any filesystem, without the truncation and padding that it may ask for.

    Raises:
        UsageError: The package or the file is not there, or the file is no tokenizer.
    """
    # Each worker has its core; threads of the library would take those of others, and do not survive a fork.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        module = importlib.import_module("tokenizers")
    except ImportError as error:
        raise UsageError(
            f"output.tokenizer needs the package 'tokenizers', which cannot be imported ({error}); install it with "
            "pip install 'corpusmill[tokens]', or set output.tokenizer=null"
        ) from None
    try:
        with storage.open_read(path) as stream:
            content = stream.read()
    except OSError as error:
        raise UsageError(f"output.tokenizer: cannot read {path!r}: {error.strerror or error}; check the path") from None
    try:
        tokenizer = module.Tokenizer.from_buffer(content)
    except Exception as error:  # noqa: BLE001  (the library raises nothing narrower)
        raise UsageError(
            f"output.tokenizer: {path!r} is no tokenizer.json ({error}); name the file of that name that is beside "
            "the model"
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def count_tokens(text: pa.Array, path: str) -> pa.Array:
    """Count the tokens of texts, without those that a model wants before and behind a text.

    Args:
        text: string; null where there is none.
        path: The tokenizer.

    Returns:
        int64, null with the text.
    """
    tokenizer = load_tokenizer(path)
    encode = getattr(tokenizer, "encode_batch_fast", tokenizer.encode_batch)
    counts = np.zeros(len(text), np.int64)
    for rows, pieces in _batches(text):
        for row, found in zip(rows, encode(pieces, add_special_tokens=False), strict=True):
            counts[row] += len(found)
    return pa.array(counts, mask=bools(text.is_null()))


def _batches(text: pa.Array) -> Iterator[tuple[list[int], list[str]]]:
    rows: list[int] = []
    pieces: list[str] = []
    size = 0
    for row, value in enumerate(text):
        for piece in _pieces(value.as_py() or ""):
            rows.append(row)
            pieces.append(piece)
            size += len(piece)
            if size >= _BATCH_CHARS:
                yield rows, pieces
                rows, pieces, size = [], [], 0
    if rows:
        yield rows, pieces


def _pieces(text: str) -> Iterator[str]:
    begin = 0
    while len(text) - begin > MAX_CHARS:
        end = text.rfind("\n", begin, begin + MAX_CHARS) + 1 or begin + MAX_CHARS
        yield text[begin:end]
        begin = end
    yield text[begin:]


def with_tokens(rows: pa.Table, path: str) -> pa.Table:
    """Give documents that are kept their number of tokens, and others null.

    Args:
        rows: Decided documents; a column `tokens` that already exists stays.
        path: The tokenizer.
    """
    kept = one_array(pc.equal(rows["decision"], KEPT))
    known = one_array(rows[TOKENS]) if TOKENS in rows.column_names else pa.nulls(len(rows), pa.int64())
    missing = pc.and_(kept, known.is_null())
    counted = count_tokens(one_array(pc.if_else(missing, rows["text"], None)), path)
    return with_columns(rows, {TOKENS: pc.if_else(kept, pc.coalesce(known, counted), None)})
