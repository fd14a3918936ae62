"""Telephone numbers, conservatively: in international form, in national forms that nothing else has, or so called.

Left alone: numbers without any mark of a telephone number, numbers that are called something else, dates, years, sums,
and digits that go on before or behind.
"""

from __future__ import annotations

import re
from itertools import pairwise

from corpusmill.transforms.kernels.cleaning.personal_data.spans import BLANKS, HYPHENS, Span, before

_CUES = (
    r"\b(?:tel|t[eé]l[eé]phone|telefon[eo]?|tel[eé]fono|t[eé]l|phone|phones|ph|mobile|mob|mobil|handy|m[oó]vil|celular|"
    r"cellphone|cellulare|portable|fax|telefax|whatsapp|viber|signal|hotline|helpline|rufnummer|durchwahl|gsm|tlf|telp|"
    r"telpon|telefoon|puh|puhelin|sími)\b|"
    r"тел|телефон|факс|τηλ|τηλέφωνο|电话|電話|手机|手機|传真|전화|携帯|هاتف|تلفن|موبایل|جوال|טלפון|נייד|โทร|फ़ोन|मोबाइल|"
    r"điện thoại"
)
_SPACE = r"[ \t\x{a0}\x{202f}]"
_BETWEEN = (
    rf"\.?{_SPACE}?(?:(?:number|nummer|no|nr|n[°º]|№|#|is|at|me at|us at|号码?|號碼?)\.?)?"
    rf"{_SPACE}?(?:\([^()\n0-9]{{1,16}}\))?{_SPACE}?[:=：–-]?{_SPACE}?"
)
_SAYS_PHONE = re.compile(
    rf"(?:{_CUES}){_BETWEEN}\(?\Z".replace(r"\x{a0}", "\N{NO-BREAK SPACE}").replace(
        r"\x{202f}", "\N{NARROW NO-BREAK SPACE}"
    ),
    re.IGNORECASE,
)
_SAYS_CALL = re.compile(r"\b(?:call|cell|text|dial|ring|contact)(?: me| us)?(?: at| on)?[:\s]{1,2}\(?\Z", re.IGNORECASE)
_SAYS_OTHER = re.compile(
    r"(?:\b|_)(?:orders?|invoices?|inv|tracking|parcel|ref(?:erence)?|ids?|ticket|serial|isbn|issn|ean|upc|gtin|doi|sku|"
    r"case|patent|account|acct|ssn|transaction|part|model|item|article|art|bestell\w*|rechnung\w*|kunden\w*|commande|pedido|"
    r"factura|konto\w*|blz|iban|imei|vat|ust|hs|cas|zip|version|vol|pp|pages?|p|no|nr|n[°º]|№|#)"
    r"[\s:#=.-]{0,3}(?:(?:number|num|no|nr|id|code)\b)?[\s:#=.-]{0,3}\Z",
    re.IGNORECASE,
)

_RE2_CLASS = r"[ \x{a0}\x{202f}().\x{2010}\x{2011}/\x{2013}-]"
_JOINT = (
    rf"(?:[{BLANKS}]{{1,2}}|[{BLANKS}]?[{HYPHENS}\N{{EN DASH}}][{BLANKS}]?|[./]|"
    rf"[{BLANKS}.{HYPHENS}/]?\([{BLANKS}]?|\)[{BLANKS}{HYPHENS}/]?)"
)
_NUMBER = re.compile(rf"(?<![0-9])\(?\+?\(?[0-9]+(?:[{BLANKS}]/[{BLANKS}][0-9]+)?(?:{_JOINT}[0-9]+)*")
_MAX_CHARACTERS = 40
_MIN_DIGITS = 7
_DIGIT = rf"(?:{_RE2_CLASS}{{0,3}}[0-9])"
_START = r"(?:\A|[^0-9A-Za-z_.,/+=#@$*&-])\(?"
PROOFS = (
    rf"[0-9]{_DIGIT}{{6}}",
    "|".join(
        (
            rf"(?:\+|(?:\A|[^0-9A-Za-z_+])\(?00)\(?[1-9]{_DIGIT}{{6}}",
            rf"{_START}0[1-9]{_DIGIT}{{7}}",
            rf"{_START}(?:1{_RE2_CLASS}{{1,2}})?[2-9][0-9]{{2}}{_RE2_CLASS}{{1,2}}[2-9][0-9]{{2}}{_RE2_CLASS}[0-9]{{4}}",
            rf"\([1-9][0-9]\){_RE2_CLASS}?[0-9]{{4}}",
            rf"{_START}8{_RE2_CLASS}{{0,2}}[3489][0-9]{{2}}{_RE2_CLASS}{{0,2}}[0-9]{{3}}{_RE2_CLASS}[0-9]{{2}}{_RE2_CLASS}",
            rf"{_START}1[3-9][0-9]{_RE2_CLASS}[0-9]{{4}}{_RE2_CLASS}[0-9]{{4}}",
            rf"(?i:{_CUES}){_BETWEEN}\(?\+?\(?[0-9]{_DIGIT}{{6}}",
        )
    ),
)
"""Patterns of RE2 that are found wherever a number is: seven digits close together, then the forms themselves."""

_TWO_DIGIT_CODES = frozenset(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 "
    "91 92 93 94 95 98".split()
)
_NATIONAL_DIGITS = {
    code: tuple(map(int, lengths.split("-")))
    for code, lengths in (
        entry.split(":")
        for entry in (
            "1:10-10 7:10-10 20:8-10 27:9-9 30:10-10 31:9-9 32:8-9 33:9-9 34:9-9 36:8-9 39:6-11 40:9-9 41:9-9 43:6-12 "
            "44:9-10 45:8-8 46:7-10 47:8-8 48:9-9 49:7-12 51:8-9 52:10-10 54:10-11 55:10-11 56:9-9 57:8-10 60:8-10 "
            "61:9-9 62:8-12 63:8-10 64:8-10 65:8-8 66:8-9 81:9-10 82:8-10 84:9-10 86:9-11 90:10-10 91:10-10 92:9-10 "
            "98:10-10 212:9-9 213:8-9 216:8-8 234:8-10 254:9-9 351:9-9 352:6-9 353:7-9 354:7-7 358:6-11 359:7-9 "
            "370:8-8 371:8-8 372:7-8 380:9-9 385:8-9 386:8-8 420:9-9 421:9-9 852:8-8 880:8-10 886:8-9 966:8-9 "
            "971:8-9 972:8-9"
        ).split()
    )
}
"""Country code -> least and most digits of a national number, without the leading zero that is dialled at home."""
_OTHER_COUNTRIES = (7, 11)
_ZERO_KEPT = frozenset(("39", "225", "241", "242", "378"))
"""Country codes behind which numbers keep their zero."""
_NO_CODES = re.compile(r"0|21[04579]|28|38[48]|42[24-9]|80[1-79]|83|85[14789]|87|88[4579]|89|969|978|99[0179]")
"""Codes that no country has."""

_NORTH_AMERICA = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")
_FORMS = (
    re.compile(r"(?:1[-. ])?(?:\([2-9][0-9]{2}\)[ -]?[2-9][0-9]{2}[-. ]|[2-9][0-9]{2}([-.])[2-9][0-9]{2}\1)[0-9]{4}"),
    re.compile(r"0[1-9]([ .-])[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[0-9]{2}"),  # France
    re.compile(r"\([1-9][0-9]\) ?9?[0-9]{4}[- ][0-9]{4}"),  # Brazil
    re.compile(r"8[- ]?\(?[3489][0-9]{2}\)?[- ]?[0-9]{3}[- ][0-9]{2}[- ][0-9]{2}"),  # Russia
    re.compile(r"1[3-9][0-9]([ -])[0-9]{4}\1[0-9]{4}"),  # mobile numbers in China
)
_PAIRS = re.compile(r"[0-9]{2}(?:[ .-][0-9]{2}){4}")
_SPACED = re.compile(r"(?:1 )?[2-9][0-9]{2} [2-9][0-9]{2} [0-9]{4}")
_ZERO = re.compile(r"(?:\(0[1-9][0-9]{0,4}\)[ /-]?|0[1-9][0-9]{0,4}([ ./-]| - ))[0-9]{2,8}(?:[ .-][0-9]{2,8}){0,4}")
_DATE = re.compile(
    r"(?:[12][0-9]{3}[./-][01]?[0-9][./-][0-3]?[0-9]|[0-3]?[0-9][./-][01]?[0-9][./-](?:[0-9]{2}){1,2})\b"
)
_YEARS = re.compile(r"(?:1[0-9]|20)[0-9]{2}[ ]?-[ ]?(?:1[0-9]|20)[0-9]{2}\b")
_GLUED = re.compile(r"[\w%\N{DEGREE SIGN}@]")
_GOES_ON = re.compile(r"[\w%\N{DEGREE SIGN}@]|[.,:/=+*-]{1,2}[0-9]")
_BEFORE = re.compile(r"[\w.,/+=#@$\N{EURO SIGN}\N{POUND SIGN}\N{YEN SIGN}*&-]\Z|[0-9]:\Z")
_BEFORE_PLUS = re.compile(r"[\w+]\Z")


def find_phones(text: str) -> list[Span]:
    """Return where telephone numbers are."""
    found: list[Span] = []
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        if end - start < _MIN_DIGITS:
            continue
        if match[0][0] == "(" and match[0].count("(") > match[0].count(")"):
            start += 1  # the number is in brackets, not its first part
        span = _phone_in(text, start, end)
        if span is not None:
            found.append(span)
    return found


def _phone_in(text: str, start: int, end: int) -> Span | None:
    """Return the part of a run of digits that is a telephone number."""
    number = text[start:end]
    head = before(text, start)
    if number.lstrip("(").startswith(("+", "00")):
        return None if _BEFORE_PLUS.search(head) else _international(text, start, end, head)
    said = bool(_SAYS_PHONE.search(head))
    if said and not _BEFORE_PLUS.search(head.rstrip("(")):
        return _called(text, start, end)
    if end - start > _MAX_CHARACTERS or _BEFORE.search(head) or _GOES_ON.match(text, end):
        return None
    if _SAYS_OTHER.search(head):
        return None
    plain = _plain(number)
    if _PAIRS.fullmatch(plain) and _ascends(plain):
        return None
    spaced = _SPACED.fullmatch(plain) and _SAYS_CALL.search(head)
    if spaced or any(form.fullmatch(plain) for form in _FORMS) or _has_trunk_zero(plain):
        return start, end
    return None


def _plain(number: str) -> str:
    """A number with one kind of blank and one of hyphen."""
    return re.sub(rf"[{HYPHENS}\N{{EN DASH}}]", "-", re.sub(rf"[{BLANKS}]", " ", number))


def _ascends(pairs: str) -> bool:
    """Return whether each two digits are more than those before, as in the draw of a lottery."""
    numbers = [pairs[place : place + 2] for place in range(0, len(pairs), 3)]
    return all(one < other for one, other in pairwise(numbers))


def _has_trunk_zero(plain: str) -> bool:
    """Return whether a number begins with the zero of long-distance calls and has its digits and groups."""
    if not _ZERO.fullmatch(plain) or _DATE.match(plain):
        return False
    digits = sum(map(str.isdigit, plain))
    # Full stops are between all groups of a number, or it is several with decimals.
    dots = plain.count(".")
    return 9 <= digits <= 12 and (dots == 0 or (dots > 1 and not re.search("[ /-]", plain)))


def _prefixes(text: str, start: int, end: int) -> list[int]:
    """Places where groups of digits end, the last first."""
    stop = min(end, start + _MAX_CHARACTERS)
    ends = [match.end() + start for match in re.finditer(r"[0-9]+", text[start:stop])]
    if stop < end and text[stop - 1].isdigit() and text[stop].isdigit():
        ends = ends[:-1]
    return ends[::-1]


def _international(text: str, start: int, end: int, head: str) -> Span | None:
    """Return an international number: a country's code, and as many digits as its numbers have."""
    zeros = not text[start:end].lstrip("(").startswith("+")
    for stop in _prefixes(text, start, end):
        if _GLUED.match(text, stop):
            continue
        number = text[start:stop]
        if (
            zeros
            and (number.isdigit() or _BEFORE.search(head) or _SAYS_OTHER.search(head))
            and not (_SAYS_PHONE.search(head))
        ):
            return None
        digits = re.sub(r"[^0-9]", "", re.sub(r"\(\s?0\s?\)", "", number))
        if _is_international(digits[2:] if zeros else digits):
            return start, stop
    return None


def _is_international(digits: str) -> bool:
    if len(digits) < 8 or _NO_CODES.match(digits):
        return False
    code = digits[:1] if digits[0] in "17" else digits[:2] if digits[:2] in _TWO_DIGIT_CODES else digits[:3]
    national = digits[len(code) :]
    if national.startswith("0") and code not in _ZERO_KEPT:
        return False
    least, most = _NATIONAL_DIGITS.get(code, _OTHER_COUNTRIES)
    if code == "1":
        return bool(_NORTH_AMERICA.fullmatch(national))
    return least <= len(national) <= most


def _called(text: str, start: int, end: int) -> Span | None:
    """Return what is called a telephone number: seven to thirteen digits that are no date and no years."""
    for stop in _prefixes(text, start, end):
        number = _plain(text[start:stop])
        digits = sum(map(str.isdigit, number))
        if _MIN_DIGITS <= digits <= 13 and not _DATE.match(number) and not _YEARS.match(number):
            return None if _GLUED.match(text, stop) else (start, stop)
    return None
