"""Lines of interfaces that a text speaks of: manuals, tutorials and rulings quote what buttons and banners say."""

from __future__ import annotations

from typing import Final

import regex

from corpusmill.transforms.kernels.boilerplate.matching.sequence import SHORT, Sequence

_LETTERS: Final = 6  # that a word of the line and one of the text must share in a row
_PHRASE: Final = 4  # letters of a line that the text says as it is
_WIDE_LETTERS: Final = 3  # the same in scripts that write a word with few of them
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_WIDE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]")
_LONGEST: Final = 4000  # letters of a paragraph that is looked at


def is_spoken_of(seq: Sequence, first: int, last: int, *, whole: bool = False) -> bool:
    """Return whether the text just before or after some entries says a word of theirs.

    Args:
        seq: Lines that hold text.
        first: The first entry.
        last: The last one.
        whole: It must say a line of several words as it is.
    """
    row = int(seq.row[first])
    near = [entry for entry in (first - 1, last + 1) if seq.first[row] <= entry < seq.first[row + 1]]
    texts = [_text(seq, entry) for entry in near if seq.size[entry] > SHORT and not seq.bits[entry]]
    if not texts:
        return False
    said = "\n".join(texts)
    for entry in range(first, last + 1):
        if seq.bits[entry]:
            line = _text(seq, entry)
            words = " ".join(_WORD.findall(line))
            if whole and " " not in words:
                continue
            if len(words) >= _PHRASE and regex.search(rf"\b{words}\b", said):
                return True
            if not whole and any(part in said for part in _parts(line)):
                return True
    return False


def _text(seq: Sequence, entry: int) -> str:
    line = int(seq.line[entry])
    stop = min(int(seq.lines.end[line]), int(seq.lines.start[line]) + _LONGEST)
    return seq.lines.data[seq.lines.start[line] : stop].tobytes().decode(errors="ignore").casefold()


def _parts(text: str) -> set[str]:
    """Return the runs of letters that the words of a line hold."""
    parts: set[str] = set()
    for word in _WORD.findall(text):
        size = _WIDE_LETTERS if _WIDE.search(word) else _LETTERS
        parts.update(word[k : k + size] for k in range(len(word) - size + 1))
    return parts
