"""Names of languages: the codes of detectors to ISO 639-3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

_Value = TypeVar("_Value")

_TWO_LETTERS = """
aa:aar ab:abk af:afr ak:aka am:amh ar:ara as:asm ay:aym az:aze ba:bak be:bel bg:bul bh:bih bi:bis bn:ben bo:bod br:bre
bs:bos ca:cat co:cos cs:ces cy:cym da:dan de:deu dv:div dz:dzo ee:ewe el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas
fi:fin fj:fij fo:fao fr:fra fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb hi:hin hr:hrv ht:hat hu:hun
hy:hye ia:ina id:ind ie:ile ig:ibo ik:ipk is:isl it:ita iu:iku iw:heb ja:jpn jv:jav jw:jav ka:kat kk:kaz kl:kal km:khm
kn:kan ko:kor ks:kas ku:kur ky:kir la:lat lb:ltz lg:lug ln:lin lo:lao lt:lit lv:lav mg:mlg mi:mri mk:mkd ml:mal mn:mon
mr:mar ms:msa mt:mlt my:mya na:nau ne:nep nl:nld nn:nno no:nor nr:nbl ny:nya oc:oci om:orm or:ori pa:pan pl:pol ps:pus
pt:por qu:que rm:roh rn:run ro:ron ru:rus rw:kin sa:san sd:snd sg:sag si:sin sk:slk sl:slv sm:smo sn:sna so:som sq:sqi
sr:srp ss:ssw st:sot su:sun sv:swe sw:swa ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso
tt:tat tw:twi ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho yi:yid yo:yor za:zha zh:zho zu:zul
nb:nob bm:bam ce:che cv:chv kv:kom li:lim os:oss sc:srd se:sme av:ava an:arg cu:chu sh:hbs
""".split()

ISO_639_3 = dict(pair.split(":") for pair in _TWO_LETTERS)
"""Codes of ISO 639-1, and older ones that detectors use, to those of ISO 639-3."""

_NO_LANGUAGE = frozenset({"und", "unk", "xxx", "zxx", "zzb", "zze", "zzh", "zzp"})
"""What detectors say for undetermined text, and cld2 for spellings made up for fun."""

_SINGLE_LANGUAGES = """
ara:arb aze:azj bih:bho est:ekk kur:kmr lav:lvs mlg:plt mon:khk msa:zsm nep:npi nor:nob ori:ory orm:gaz pes:fas pus:pbt
sqi:als swa:swh tgl:fil uzb:uzn yid:ydd zho:cmn
""".split()

SINGLE_LANGUAGES = dict(pair.split(":") for pair in _SINGLE_LANGUAGES)
"""Codes of groups of languages, and a few others, to the codes that FineWeb-2 has for the texts in question: detectors
that say `zh` mean Mandarin (cmn). So all detectors name a language alike, and as its files are named."""


def single_language(code: str) -> str:
    """Return the code by which a language is known here.

    >>> single_language("zho"), single_language("nob"), single_language("deu")
    ('cmn', 'nob', 'deu')
    """
    return SINGLE_LANGUAGES.get(code, code)


def by_single_language(settings: Mapping[str, _Value]) -> dict[str, _Value]:
    """Return settings by the codes by which languages are known here.

    Raises:
        ValueError: Two codes mean one language.

    Example:
        >>> by_single_language({"zho": 1, "deu": 2})
        {'cmn': 1, 'deu': 2}
    """
    found: dict[str, _Value] = {}
    for code, value in settings.items():
        if (known := single_language(code)) in found:
            raise ValueError(f"{code!r} and {known!r} are one language here; give {known!r} only")
        found[known] = value
    return found


def iso_639_3(code: str) -> str | None:
    """Return the ISO 639-3 code for what a detector says; None where it names no language.

    Args:
        code: Such as `en`, `zh-Hant`, `xxx`, or a label of fastText: `__label__deu_Latn`.

    >>> iso_639_3("zh-Hant"), iso_639_3("__label__deu_Latn"), iso_639_3("ceb"), iso_639_3("un")
    ('cmn', 'deu', 'ceb', None)
    """
    bare = code.removeprefix("__label__").replace("_", "-").split("-")[0].lower()
    if bare in ISO_639_3:
        return single_language(ISO_639_3[bare])
    return single_language(bare) if len(bare) == 3 and bare.isalpha() and bare not in _NO_LANGUAGE else None
