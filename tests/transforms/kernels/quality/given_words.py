"""Words that another tokeniser has cut, in the form of `words.find_words`: an oracle."""

from collections.abc import Iterable, Sequence

import numpy as np

from corpusmill.transforms.kernels.quality.characters import (
    IS_LETTER,
    IS_PUNCTUATION,
    KIND_BITS,
    SINGLE,
    character_table,
)
from corpusmill.transforms.kernels.quality.words import Words, word_hash


def given_words(texts: Iterable[Sequence[str]]) -> Words:
    """Return the words of texts that another tokeniser has cut into words for comparison."""
    lists = [list(words) for words in texts]
    words = [word for own in lists for word in own]
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(own) for own in lists], out=offsets[1:])
    table = character_table()
    properties = [table[[ord(character) for character in word]] for word in words]
    return Words(
        np.array([word_hash(word) for word in words], np.uint64),
        offsets,
        np.array([len(word) for word in words], np.int64),
        np.array([bool((found & IS_PUNCTUATION == 0).any()) for found in properties], bool),
        np.array([bool((found & IS_LETTER).any()) for found in properties], bool),
        np.array(
            [
                len(word) > 0 and bool(found[0] & KIND_BITS == SINGLE)
                for word, found in zip(words, properties, strict=True)
            ],
            bool,
        ),
    )
