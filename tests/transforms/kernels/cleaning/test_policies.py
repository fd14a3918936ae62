"""Every policy of normalization has an effect that a text here shows; a key without one fails."""

from __future__ import annotations

from typing import Any

import pytest

from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, normalize_text
from corpusmill.transforms.kernels.settings import Settings

# key -> another value than the default, a text, and what the key leans on
POLICIES: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "enabled": (False, "end \n", {}),
    "unicode_form": ("none", "cafe\N{COMBINING ACUTE ACCENT}", {}),
    "entities.decode": (False, "Fish &amp; chips", {}),
    "entities.twice_escaped": (True, "so &amp;lt;b&amp;gt; it is", {}),
    "escapes.quoted_printable": (True, "caf=C3=A9", {}),
    "escapes.unicode_escapes": (True, "caf\\u00e9", {}),
    "repair.wide": (False, "Boom πŸ’₯πŸ’₯", {}),
    "repair.codecs": (["cp1252"], "Boom πŸ’₯πŸ’₯", {}),
    "repair.ftfy": (False, "voilÃ  le travail", {}),
    "repair.lossy": (False, "Il a dÃ©jÃ  mangÃ©, voilÃ  tout, et Ã©tÃ© fÃªtÃ©", {"repair": {"ftfy": False}}),
    "repair.multibyte": (False, "W체rde und B채ume", {}),
    "repair.reverse": (False, "Ñåãîäíÿ óòðîì ìû ïîøëè ãóëÿòü â ïàðê, ïîòîìó ÷òî ïîãîäà áûëà õîðîøàÿ.", {}),
    "controls.strip": (False, "a\x07b", {}),
    "controls.lost_letters": ("strip", "de\x00nite", {}),
    "controls.line_ends": (False, "a\r\nb", {}),
    "controls.c1": ("keep", "it\x92s", {}),
    "controls.next_line": ("line-end", "well\x85 yes", {}),
    "symbols.enabled": (False, "no!!!!!!!!", {}),
    "symbols.order_marks": ("keep", "a\N{ZERO WIDTH NO-BREAK SPACE}b", {}),
    "symbols.soft_hyphens": ("keep", "soft\N{SOFT HYPHEN}ly", {}),
    "symbols.zero_width": ("keep", "zero\N{ZERO WIDTH SPACE}width", {}),
    "symbols.bidi": ("keep", "a\N{RIGHT-TO-LEFT OVERRIDE}evil", {}),
    "symbols.variation_selectors": ("keep", "a\N{VARIATION SELECTOR-16} b", {}),
    "symbols.tags": ("keep", "a\N{TAG LATIN SMALL LETTER A}b", {}),
    "symbols.ligatures": ("keep", "deﬁne ﬂow eﬀect", {}),
    "symbols.arabic_forms": ("keep", "\ufebb\ufee0\ufea2", {}),
    "symbols.spacing_accents": ("keep", "Am´erica, f´acil", {}),
    "symbols.symbol_font": ("keep", "n \uf03d 35", {"symbols": {"private_use": "keep"}}),
    "symbols.private_use": ("keep", "\uf09a share", {}),
    "symbols.fancy_letters": ("keep", "so 𝓯𝓪𝓷𝓬𝔂 here", {}),
    "symbols.zalgo": ("keep", "Z" + "\N{COMBINING DOT BELOW}" * 6 + "a", {}),
    "symbols.replacement_character": ("strip", "caf\N{REPLACEMENT CHARACTER} au lait", {}),
    "symbols.shortcodes": ("emojize", "hot :fire: here", {}),
    "symbols.emoji": ("keep", "wow " + "💥" * 8, {}),
    "symbols.emoji_run": (20, "wow " + "💥" * 8, {}),
    "symbols.emoji_mixed_run": (2, "wow 💥🔥✨🎉", {}),
    "symbols.emoji_language": ("de", "wow 🔥", {"symbols": {"emoji": "describe"}}),
    "symbols.regional_indicators": ("strip", "half \N{REGIONAL INDICATOR SYMBOL LETTER F} flag", {}),
    "symbols.punctuation": ("keep", "no!!!!!!!!", {}),
    "symbols.punctuation_run": (20, "no!!!!!!!!", {}),
    "symbols.elongation": ("collapse", "soooooo good", {}),
    "symbols.separators": ("rule", "one\n◆◆◆◆\ntwo", {}),
    "symbols.separator_length": (5, "one\n◆◆◆◆\ntwo", {}),
    "symbols.ascii_separators": (True, "one\n\n+ + + +\n\ntwo", {}),
    "whitespace.strip_line_ends": (False, "end \nmore", {}),
    "whitespace.max_blank_lines": (-1, "one\n\n\n\ntwo", {}),
    "whitespace.trim": (False, "\n\none", {}),
    "whitespace.inner_blanks": ("collapse", "one   two", {}),
    "whitespace.no_break_space": ("space", "10\N{NO-BREAK SPACE}€", {}),
}


def keys(settings: Settings, prefix: str = "") -> list[str]:
    found = []
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        found += keys(value, f"{prefix}{name}.") if isinstance(value, Settings) else [prefix + name]
    return found


def with_key(key: str, value: Any, others: dict[str, Any]) -> NormalizeSettings:
    section, _, name = key.rpartition(".")
    if not section:
        return NormalizeSettings.model_validate({**others, name: value})
    return NormalizeSettings.model_validate({**others, section: {**others.get(section, {}), name: value}})


def test_no_policy_is_without_a_text_that_shows_it() -> None:
    assert sorted(keys(NormalizeSettings())) == sorted(POLICIES)


@pytest.mark.parametrize("key", POLICIES)
def test_a_policy_has_an_effect(key: str) -> None:
    value, text, others = POLICIES[key]
    default, other = NormalizeSettings.model_validate(others), with_key(key, value, others)
    assert other != default
    assert normalize_text(text, default)[0] != normalize_text(text, other)[0]
