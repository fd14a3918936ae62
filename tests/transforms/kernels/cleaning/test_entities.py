"""Which character references are decoded, and where they are left alone."""

import html
from html.entities import html5
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.entities import decode_entities, decode_reference


def _decode(text: str) -> str:
    changes = decode_entities(text)
    return changes[-1].text if changes else text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fish &amp; chips", "Fish & chips"),
        ("it&#8217;s, it&#x2019;s, it&rsquo;s", "it’s, it’s, it’s"),
        ("caf&eacute;&nbsp;&mdash; 5 &lt; 6", "café\N{NO-BREAK SPACE}— 5 < 6"),
        ("twice &amp;amp; thrice &amp;amp;amp;", "twice & thrice &"),
        ("&amp;quot;so&amp;quot; &#38;#8364;5", '"so" €5'),
        ("PI&NTILDE;A", "PIÑA"),
        ("&#128165;&#150;&#0;", "💥–\N{REPLACEMENT CHARACTER}"),
        ("&am&#112;;", "&"),
        ("first &amp; line\n<em>\nthird &amp; line", None),
        ("one &amp; two\nif a < b &amp;&amp; c", "one & two\nif a < b &amp;&amp; c"),
        ("&copy 2020 &unknown; &; &#; &#x; R&D; AT&T", None),
        ("write &lt;b&gt;bold&lt;/b&gt; for bold", None),
        ('the sign "&amp;" is written so', None),
        ("`&nbsp;` is a blank", None),
        ("    p = a &amp;&amp; b", None),
        ("```\na &amp; b\n```", None),
        ("int *p = &phi;", None),
        ("https://example.org/?a=1&copy=2&lang;=3", "https://example.org/?a=1&copy=2⟨=3"),
    ],
)
def test_references_are_decoded_in_plain_text_only(text: str, expected: str | None) -> None:
    assert _decode(text) == (text if expected is None else expected)


def test_every_name_of_html_with_a_semicolon_is_known() -> None:
    for name, character in html5.items():
        if name.endswith(";"):
            assert decode_reference("&" + name) == character


pieces = st.sampled_from(["&", "&amp", "amp;", "#38;", "#x26;", ";", "a", " ", "eacute;", "&#112;", "&semi;", "nbsp"])


@settings(deadline=None, max_examples=400)
@given(text=st.lists(pieces, max_size=20).map("".join).map("a".__add__))  # four spaces first would be code
def test_nested_references_are_decoded_to_the_end_in_one_go(text: Any) -> None:
    expected, before = text, None
    while expected != before:
        before, expected = expected, _decode_first(expected)
    assert _decode(text) == expected


def _decode_first(line: str) -> str:
    """The library's reading of the first reference that ends in a semicolon."""
    for end in (index for index, character in enumerate(line) if character == ";"):
        reference = line[max(0, line.rfind("&", 0, end)) : end + 1]
        known = reference[1:] in html5 or (reference[1:2] == "#" and html.unescape(reference) != reference)
        if reference[:1] == "&" and known:
            return line[: end + 1 - len(reference)] + html.unescape(reference) + line[end + 1 :]
    return line
