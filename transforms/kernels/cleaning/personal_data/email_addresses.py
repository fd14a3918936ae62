"""E-mail addresses.

An address is looked for around each `@`, in bounded windows, so that hostile text costs no more than its length.
What looks the same and is left alone: logins (`git@host:path`, `ssh name@host`), handles (`@name@host`), user names in
addresses of the web (`https://name@host/`), versions of packages (`left-pad@1.3.0-beta.rc`), names of files
(`icon@2x.png`), hosts of a local network. Addresses whose signs are spelled out (`name (at) host`) are not found.
"""

from __future__ import annotations

import re

from corpusmill.transforms.kernels.cleaning.personal_data.spans import RE2_WORD, WORD, Span, before

PROOF = rf"[{RE2_WORD}%+-][@\x{{ff20}}][{RE2_WORD}-]+\.[A-Za-z\x{{c0}}-\x{{24f}}\x{{370}}-\x{{52f}}]?"

_AT = re.compile("[@\N{FULLWIDTH COMMERCIAL AT}]")
_MAX_LOCAL, _MAX_DOMAIN = 64, 253
"""RFC 5321, section 4.5.3.1."""

_LOCAL_CHARACTERS = frozenset(".+%'-")
_LETTER = re.compile(rf"[{WORD}]")
_DOMAIN = re.compile(
    rf"(?:[{WORD}](?:[{WORD}-]{{0,61}}[{WORD}])?\.)+"
    rf"(?:xn--[0-9a-z-]{{2,59}}|[A-Za-z\u00c0-\u024f\u0370-\u052f]{{2,24}})(?![{WORD}-])"
)
_VERSION = re.compile(r"[0-9]+\.[0-9x]")
_NEXT_SENTENCE = re.compile(r"[A-Z][a-z]+\Z")

_NO_TOP_LEVEL = frozenset(
    "png jpg jpeg gif svg webp bmp ico tif tiff avif css scss less js jsx tsx json xml yaml yml toml html htm xhtml "
    "php asp aspx jsp txt csv tsv pdf doc docx xls xlsx odt rtf tar gz tgz jar war exe dll log bak tmp conf cfg ini rb "
    "local localhost localdomain lan internal intranet home corp rc beta alpha".split()
)
"""Ends of file names and of local host names that are no top-level domain."""

_LOGIN = re.compile(
    r"(?:\A|[\s$`\"'(>])(?:ssh|sftp|mosh|ssh-copy-id|(?:scp|rsync)(?:[ ]+[^\s@]+)?)"
    r"(?:[ ]+-[A-Za-z]\S*(?:[ ]+[^\s@-][^\s@]*)?)*[ ]+[\"']?\Z"
)
_URL_START = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/@]*\Z")
_REMOTE_PATH = re.compile(r":(?:[^\s:]*[/~]|[^\s:]+\.git\b)")


def find_emails(text: str) -> list[Span]:
    """Return where e-mail addresses are."""
    found: list[Span] = []
    for at in _AT.finditer(text):
        span = _around(text, at.start(), found[-1][1] if found else 0)
        if span is not None:
            found.append(span)
    return found


def _around(text: str, at: int, floor: int) -> Span | None:
    """Return the address around an `@` that starts at `floor` or later."""
    start = at
    while start > max(floor, at - _MAX_LOCAL - 1) and (
        text[start - 1] in _LOCAL_CHARACTERS or _LETTER.match(text, start - 1)
    ):
        start -= 1
    # Behind two full stops, as in a table of contents, and what opens a quotation or an item.
    if (dots := text.rfind("..", start, at)) >= 0:
        start = dots + 2
    while start < at and text[start] in ".+%'-":
        start += 1
    handle = start > 0 and text[start - 1] in "@\N{FULLWIDTH COMMERCIAL AT}"
    if handle or not 0 < at - start <= _MAX_LOCAL or text[at - 1] in ".'":
        return None
    domain = _DOMAIN.match(text, at + 1, at + 1 + _MAX_DOMAIN)
    if domain is None or _VERSION.match(domain[0]):
        return None
    end = _without_next_sentence(domain[0], at + 1)
    if text[at + 1 : end].rpartition(".")[2].lower() in _NO_TOP_LEVEL:
        return None
    return None if _is_login(text, start, at, end) else (start, end)


def _without_next_sentence(domain: str, start: int) -> int:
    """Return where a domain ends; in `name@host.org.Then` a sentence begins behind it."""
    rest, _, last = domain.rpartition(".")
    if rest.count(".") and rest.islower() and _NEXT_SENTENCE.match(last):
        return start + len(rest)
    return start + len(domain)


def _is_login(text: str, start: int, at: int, end: int) -> bool:
    """Return whether it names an account on a host rather than a mailbox."""
    head = before(text, start)
    return (
        text[start:at] == "git"
        or bool(_REMOTE_PATH.match(text, end, end + _MAX_DOMAIN))
        or bool(_URL_START.search(head))
        or bool(_LOGIN.search(head))
    )
