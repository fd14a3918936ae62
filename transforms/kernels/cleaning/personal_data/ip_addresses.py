"""Public IP addresses, version 4 and 6.

Left alone: private, reserved, loopback and documentation ranges; networks (host part zero); the public resolvers that
everybody names (8.8.8.8); versions and numbers of sections, which have four parts too.
"""

from __future__ import annotations

import ipaddress
import re

from corpusmill.transforms.kernels.cleaning.personal_data.spans import Span, before

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
PROOF = r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[23][0-9A-Fa-f]{3}:[0-9A-Fa-f]{0,4}:"

_FOUR = re.compile(
    rf"(?<![\w.])(?<![A-Za-z]/){_OCTET}(?:\.{_OCTET}){{3}}(?!\w|\.[0-9]|[+~-][A-Za-z])",
)
_SIX = re.compile(r"(?<![\w:.])[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{2,34}(?![\w:])", re.ASCII)

_RESOLVERS = frozenset(
    map(
        ipaddress.ip_address,
        "1.1.1.1 1.0.0.1 8.8.8.8 8.8.4.4 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220 2606:4700:4700::1111 "
        "2606:4700:4700::1001 2001:4860:4860::8888 2001:4860:4860::8844 2620:fe::fe".split(),
    )
)

_SMALL = 32
"""Four parts below this are a version or the number of a section (one random address in four thousand has them)."""

_SAYS_ADDRESS = re.compile(
    r"(?:\b(?:ipv?4?|addr(?:ess)?|host|server|dns|ping|client|gateway|remote|nameserver|proxy|peer|ssh)\b|://)"
    r"[^\w\n]{0,4}(?:is|=|was)?[^\w\n]{0,3}\Z",
    re.IGNORECASE,
)
_SAYS_VERSION = re.compile(
    r"(?:\bv|\bver|\brel|\brev|\bversions?|\breleases?|\bbuilds?|\brevision|\bfirmware|\bdrivers?|\bupdate[ds]?|"
    r"\bupgraded?|\bpatch|\bsections?|\bsect?|\bchapters?|\btables?|\bfig(?:ure)?s?|\bclauses?|\barticles?|"
    r"\bparagraphs?|\bannex|\bappendix|\bsteps?|\boid|\bversi[oó]n(?:es|i|e)?|\bvers[aã]o|\bverze|\bwersja|"
    r"\bверси\w{1,3}|\babschnitt|\bkapitel|\bsezione|\bsecci[oó]n|"
    r"\bраздел\w{0,3}|版本|节|バージョン|§)"
    r"[\s.:=#(\"'-]{0,3}(?:(?:is|to|from|number|no|nr)\b[\s.:]{0,2})?\Z",
    re.IGNORECASE,
)
_HEADING = re.compile(r"[ \t]+[^\W\d_]{2}")
_LIST_OF_SAME = re.compile(r"\s*(?:,|;|/|-|\N{EN DASH}|&|and|or|to|through|until)?\s*\Z")
_PREFIX = re.compile(r"/([0-9]|[12][0-9]|3[012])(?![0-9])")
_MIN_GROUPS = 3
"""`2007::2009` is a range of years in some languages."""
_LOW_64 = (1 << 64) - 1


def find_ip_addresses(text: str) -> list[Span]:
    """Return where public IP addresses are."""
    return sorted([*_find_four(text), *_find_six(text)])


def _find_four(text: str) -> list[Span]:
    found: list[Span] = []
    version_end = -1
    for match in _FOUR.finditer(text):
        start, end = match.span()
        same = version_end >= 0 and start - version_end <= _SMALL and _LIST_OF_SAME.match(text, version_end, start)
        if same or _is_version(text, match):
            version_end = end
            continue
        address = ipaddress.IPv4Address(match[0])
        if not _is_network(text, end, address) and _is_host(address):
            found.append((start, end))
    return found


def _is_host(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and address not in _RESOLVERS


def _is_network(text: str, end: int, address: ipaddress.IPv4Address) -> bool:
    """Return whether the host part of the address is zero, as `/24` behind it or two zeros at its end tell."""
    prefix = _PREFIX.match(text, end)
    host_bits = 32 - int(prefix[1]) if prefix else 16
    return host_bits > 0 and int(address) % (1 << host_bits) == 0


def _is_version(text: str, match: re.Match[str]) -> bool:
    """Return whether four numbers are a version or the number of a section."""
    head = before(text, match.start())
    if _SAYS_VERSION.search(head):
        return True
    if _SAYS_ADDRESS.search(head):
        return False
    parts = [int(part) for part in match[0].split(".")]
    heading = not head.strip() and _HEADING.match(text, match.end())
    return max(parts) < _SMALL or bool(heading and max(parts) < 2 * _SMALL)


def _find_six(text: str) -> list[Span]:
    found: list[Span] = []
    for match in _SIX.finditer(text):
        value = match[0].rstrip(":") if not match[0].endswith("::") else match[0]
        try:
            address = ipaddress.IPv6Address(value)
        except ValueError:
            continue
        # Global unicast addresses begin with 2 or 3; the lower half is zero in the name of a network.
        if len(value.replace("::", ":").split(":")) >= _MIN_GROUPS and int(address) & _LOW_64 and _is_host(address):
            found.append((match.start(), match.start() + len(value)))
    return found
