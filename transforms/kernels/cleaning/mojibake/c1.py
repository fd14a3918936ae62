r"""C1 controls left in a text: bytes of windows-1252, of DOS, or of the Mac.

`pr\x82sident` is `président` in cp437 and `pr‚sident` in windows-1252. The words around the controls decide, for all
controls of a text together: a list holds them as one encoding reads them, or windows-1252 gives signs where signs
belong. Where neither is so the controls stay, since they are all the evidence that there is.
"""

from __future__ import annotations

import re

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import WORD, lists_of

WINDOWS, OTHERS = "cp1252", ("cp850", "cp437", "mac-roman")
MAX_WORDS = 200
"""Different words looked at."""
SHORTEST = 4
"""Letters of a word that tells; shorter ones are words in some language as often as not."""
LIST_SHARE = 0.5
"""Share of the words with controls in them that another encoding must make known words of."""
LONG_RUN = 4
"""So many different controls in a row are a table of them, not text."""
_WORD = re.compile("[A-Za-z\u00c0-\u024f\x80-\x9f]+")
_CONTROL = re.compile("[\x80-\x9f]")
_TABLE = re.compile(f"[\x80-\x9f]{{{LONG_RUN},}}")
_LONE_NEL = re.compile("(?<!\\S)\x85(?!\\S)")
_SIGN_IN_WORD = re.compile("(?<=[A-Za-z\u00c0-\u024f])[‚„†‡ˆ‰‹“”˜™›](?=[a-z\u00df-\u00ff])")


def read_as(text: str, codec: str) -> str:
    """A text whose C1 controls are bytes of an encoding; those that it does not define stay."""
    return _CONTROL.sub(lambda m: bytes([ord(m.group())]).decode(codec, "ignore") or m.group(), text)


def tables(text: str) -> list[tuple[int, int]]:
    """Where controls are no text: rows of different ones, and U+0085 among spaces, which is a line end or a blank."""
    rows = [m.span() for m in _TABLE.finditer(text) if len(set(m.group())) >= LONG_RUN]
    inside = {at for start, end in rows for at in range(start, end)}
    return sorted(rows + [m.span() for m in _LONE_NEL.finditer(text) if m.start() not in inside])


def decide(text: str) -> str:
    r"""Which encoding the C1 controls of a text are bytes of; empty if nothing tells.

    Example:
        >>> decide("le pr\x82sident a d\x82j\x85 parl\x82 \x85 la soir\x82e")
        'cp850'
        >>> decide("the \x93best\x94 day, don\x92t")
        'cp1252'
    """
    words = [w for w in dict.fromkeys(_WORD.findall(text)) if _CONTROL.search(w.strip("\x91\x92\x93\x94"))][:MAX_WORDS]
    telling = [w for w in words if len(w) >= SHORTEST]
    if not telling:
        return WINDOWS
    lists = lists_of("Latin")
    best, most = WINDOWS, 0
    for codec in OTHERS:
        count = 0
        for word in telling:
            read = read_as(word, codec)
            parts = WORD.findall(read)
            count += parts == [read] and not read.isascii() and lists is not None and lists.place(read) >= 0
        if count > most:
            best, most = codec, count
    if most >= LIST_SHARE * len(telling):
        return best
    shown = read_as("\n".join(telling), WINDOWS)
    return "" if 2 * len(_SIGN_IN_WORD.findall(shown)) > len(telling) else WINDOWS
