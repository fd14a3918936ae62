"""Names of encodings that people state: checked, brought to Python's spelling, with the nearest known one offered."""

from __future__ import annotations

import codecs
import contextlib
import difflib
from encodings.aliases import aliases

AUTO = "auto"

_ONE_NAME = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
"""A byte order mark is looked for anyway; without one the little end comes first (WHATWG Encoding, 4.2)."""
_NO_CHARSETS = frozenset("idna punycode undefined unicode-escape raw-unicode-escape mbcs oem".split())
_ASCII = bytes(range(0x20, 0x7F)) + b"\n"


def canonical_encoding(name: str) -> str:
    """Return Python's name of a charset.

    Raises:
        ValueError: There is none of this name; the message offers a near one.

    Example:
        >>> canonical_encoding("Windows-1252"), canonical_encoding("latin9")
        ('cp1252', 'iso8859-15')
    """
    try:
        found = codecs.lookup(name.strip()).name
        with contextlib.suppress(UnicodeDecodeError):
            b" ".decode(found)
    except (LookupError, ValueError, TypeError):
        raise ValueError(f"{name!r} is no encoding that Python knows{_suggestion(name)}") from None
    if found.replace("_", "-") in _NO_CHARSETS:
        raise ValueError(f"{name!r} is a notation, not the charset of a file; name the charset, such as 'utf-8'")
    return _ONE_NAME.get(found, found)


def keeps_lines(codec: str) -> bool:
    """Return whether lines in a charset can be cut at their line feeds and read one by one.

    True of charsets in which every ASCII byte of a line's own is that character and nothing carries over.
    """
    if codec.startswith(("utf-16", "utf-32", "utf-7", "iso2022", "hz")):
        return False
    try:
        return _ASCII.decode(codec) == _ASCII.decode("ascii")
    except UnicodeDecodeError:
        return False


def _suggestion(name: str) -> str:
    known = sorted({alias.replace("_", "-") for alias in (*aliases, *aliases.values())})
    near = difflib.get_close_matches(name.lower().replace("_", "-"), known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else "; give its name as in Python, such as 'cp1252' or 'shift_jis'"
