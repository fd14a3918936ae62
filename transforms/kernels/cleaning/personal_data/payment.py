"""Payment cards and bank accounts (IBAN), told by their check digits.

A card has a length and first digits of an issuer, and passes Luhn's check (ISO/IEC 7812-1). An IBAN has the length and
the pattern of its country, and the remainder 1 modulo 97 (ISO 13616-1). One number in some forty has all marks of a
card by chance, so a number that is called an order, a parcel or the like is left alone.
"""

from __future__ import annotations

import re
from functools import cache

from corpusmill.transforms.kernels.cleaning.personal_data.spans import BLANKS, HYPHENS, Span, before

_JOINT = rf"[{BLANKS}{HYPHENS}]"
_RE2_JOINT = r"[ \x{a0}\x{202f}\x{2010}\x{2011}-]"

CARD_PROOF = rf"[2-6][0-9]{{3}}{_RE2_JOINT}?[0-9]{{4}}"

_NUMBER = re.compile(
    rf"(?<![\w./+=_@$#-])(?<![0-9],)[2-6][0-9]{{3}}(?:{_JOINT}?[0-9])*(?![\w@%]|[./=_-]\w|,[0-9]{{3}}\b)"
)
_MAX_DIGITS = 19
_ISSUERS = (
    (re.compile(r"4"), (13, 16, 19)),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"30[0-5]|3095|36|3[89]"), (14,)),  # Diners Club
    (re.compile(r"6011|64[4-9]|65"), (16, 19)),  # Discover
    (re.compile(r"352[89]|35[3-8]"), (16, 19)),  # JCB
    (re.compile(r"62"), (16, 17, 18, 19)),  # UnionPay
    (re.compile(r"220[0-4]"), (16,)),  # Mir
    (re.compile(r"5018|5020|5038|5893|6304|6759|676[1-3]"), (16, 17, 18, 19)),  # Maestro
)
_GROUPINGS = ((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1))
"""How cards print their digits: most, American Express, Diners Club, cards of 19 and of 13 digits."""

_SAYS_OTHER = re.compile(
    r"(?:\b|_)(?:orders?|invoices?|inv|tracking|track|parcel|shipment|ref(?:erence)?|id|ids|uid|uuid|ticket|serial|imei|"
    r"imsi|iccid|isbn|issn|ean|upc|gtin|doi|sku|case|patent|account|acct|transaction|txn|bestell\w*|rechnung\w*|"
    r"commande|pedido|factura|заказ\w?|timestamp|time|seed|phone|oclc|pmid|lccn)"
    r"[\s:#=.\"']{0,3}(?:(?:number|num|no|nr|id|code)\b)?[\s:#=.\"']{0,3}\Z",
    re.IGNORECASE,
)


def find_cards(text: str) -> list[Span]:
    """Return where numbers of payment cards are."""
    found: list[Span] = []
    for match in _NUMBER.finditer(text):
        if match.end() - match.start() > 2 * _MAX_DIGITS:
            continue
        digits = re.sub(r"\D", "", match[0])
        if not (13 <= len(digits) <= _MAX_DIGITS and _has_issuer(digits) and passes_luhn(digits)):
            continue
        groups = tuple(map(len, re.split(_JOINT, match[0])))
        if len(groups) > 1 and (groups not in _GROUPINGS or len(set(re.findall(_JOINT, match[0]))) > 1):
            continue
        if len(groups) > 1 or not _SAYS_OTHER.search(before(text, match.start())):
            found.append(match.span())
    return found


def _has_issuer(digits: str) -> bool:
    return any(len(digits) in lengths and prefix.match(digits) for prefix, lengths in _ISSUERS)


def passes_luhn(digits: str) -> bool:
    """Return whether digits pass the check of ISO/IEC 7812-1: from the right, every second one doubled.

    Example:
        >>> passes_luhn("79927398713"), passes_luhn("79927398710")
        (True, False)
    """
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


_PATTERNS = dict(
    entry.split(":")
    for entry in (
        "AD:8n12c AE:19n AL:8n16c AT:16n AZ:4a20c BA:16n BE:12n BG:4a6n8c BH:4a14c BI:23n BR:23n1a1c BY:4c4n16c "
        "CH:5n12c CR:18n CY:8n16c CZ:20n DE:18n DJ:23n DK:14n DO:4c20n EE:16n EG:25n ES:20n FI:14n FK:2a12n FO:14n "
        "FR:10n11c2n GB:4a14n GE:2a16n GI:4a15c GL:14n GR:7n16c GT:4c20c HN:4a20n HR:17n HU:24n IE:4a14n IL:19n "
        "IQ:4a15n IS:22n IT:1a10n12c JO:4a4n18c KW:4a22c KZ:3n13c LB:4n20c LC:4a24c LI:5n12c LT:16n LU:3n13c LV:4a13c "
        "LY:21n MC:10n11c2n MD:2c18c ME:18n MK:3n10c2n MN:16n MR:23n MT:4a5n18c MU:4a19n3a NI:4a20n NL:4a10n NO:11n "
        "OM:3n16c PK:4a16c PL:24n PS:4a21c PT:21n QA:4a21c RO:4a16c RS:18n RU:14n15c SA:2n18c SC:4a20n3a SD:14n SE:20n "
        "SI:15n SK:20n SM:1a10n12c SO:19n ST:21n SV:4a20n TL:19n TN:20n TR:6n16c UA:6n19c VA:18n VG:4a16n XK:16n "
        "YE:4a4n18c"
    ).split()
)
"""Country -> what follows the check digits: n digits, a letters, c both (the IBAN registry of SWIFT)."""

IBAN_PROOF = rf"(?i:{'|'.join(_PATTERNS)})[0-9]{{2}}{_RE2_JOINT}?[0-9A-Za-z]{{2}}"
_CLASSES = {"n": "[0-9]", "a": "[A-Za-z]", "c": "[0-9A-Za-z]"}
_IBAN_START = re.compile(rf"(?<![0-9A-Za-z])({'|'.join(_PATTERNS)})[0-9]{{2}}", re.IGNORECASE | re.ASCII)


@cache
def _iban_pattern(country: str) -> re.Pattern[str]:
    parts = re.findall(r"(\d+)([nac])", _PATTERNS[country])
    body = "".join(f"(?:{_JOINT}?{_CLASSES[kind]}){{{count}}}" for count, kind in parts)
    return re.compile(rf"[A-Za-z]{{2}}[0-9]{{2}}{body}(?![0-9A-Za-z])")


def find_ibans(text: str) -> list[Span]:
    """Return where IBANs are."""
    found: list[Span] = []
    for start in _IBAN_START.finditer(text):
        match = _iban_pattern(start[1].upper()).match(text, start.start())
        if match is not None and _remainder(match[0]) == 1:
            found.append(match.span())
    return found


def _remainder(iban: str) -> int:
    """The remainder modulo 97 with the first four characters at the end and letters as numbers from 10."""
    plain = re.sub(_JOINT, "", iban).upper()
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97
