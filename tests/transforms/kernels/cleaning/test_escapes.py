r"""Quoted-printable, `\u` escapes and references that were escaped twice: off by default, and only where proved."""

import pytest

from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, normalize_text

ON = {
    "escapes": {"quoted_printable": True, "unicode_escapes": True},
    "entities": {"twice_escaped": True},
}

CASES = [
    ("Le caf=C3=A9 ferme t=C3=B4t =E2=80=93 h=C3=A9las.", "Le café ferme tôt – hélas."),
    ("Un mot coup=\né en deux, na=C3=AFf =3D simple=20\nfin", "Un mot coupé en deux, naïf = simple\nfin"),
    (r"\u041f\u0440\u0438\u0432\u0435\u0442, \ud83d\ude00 caf\u00e9", "Привет, 😀 café"),
    ("said &amp;amp;quot;yes&amp;amp;quot;&amp;lt;br&amp;gt;", 'said "yes"<br>'),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_escapes_are_decoded_on_request_only(text: str, expected: str) -> None:
    assert normalize_text(text, NormalizeSettings.model_validate(ON))[0] == expected
    assert normalize_text(text, NormalizeSettings())[0] != expected


@pytest.mark.parametrize(
    "text",
    [
        "a=1&b=20&c=3D and x=AF",
        "color=C0FFEE; size=E9",
        "an equals sign ends this line =\nand nothing follows",
        r"\u0041 is A, \u000a a line feed, \ud800 half of a pair",
        r"C:\users\u12 and \\u00e9 stay",
        "```\ns = '\\u00e9'\n```",
        "write &lt;br&gt; for a line break",
        "&lt;p&gt;once escaped&lt;/p&gt;",
    ],
)
def test_sound_text_stays_even_then(text: str) -> None:
    assert normalize_text(text, NormalizeSettings.model_validate(ON))[0] == text
