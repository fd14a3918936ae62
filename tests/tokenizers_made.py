"""A small tokenizer for tests, in the form in which models bring theirs."""

import json
from pathlib import Path
from typing import Any

WORDS = ("[UNK]", "[PAD]", "the", "gull", "and", "crab")


def write_tokenizer(path: Path) -> str:
    """Write a tokenizer of words between spaces that asks for texts of four tokens, and return its path."""
    made: dict[str, Any] = {
        "version": "1.0",
        "truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
        "padding": {
            "strategy": {"Fixed": 4},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 1,
            "pad_type_id": 0,
            "pad_token": "[PAD]",
        },
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: number for number, word in enumerate(WORDS)},
            "unk_token": "[UNK]",
        },
    }
    path.write_text(json.dumps(made))
    return str(path)
