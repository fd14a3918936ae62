"""Which lines are code by their layout."""

import pytest

from corpusmill.transforms.kernels.boilerplate.lines.code_lines import code_lines


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("text\n    four blanks\n\ttab\n   three", "-##-"),
        ("a\n```python\nx\n```\nb", "-###-"),
        ("a\n~~~\nx\n~~~\nb", "-###-"),
        ("````\n```\nx\n````\nb", "####-"),
        ("```\nnever closed\n\nat all", "####"),
        ("```\nx\n``` not a closing fence\n```\nb", "####-"),
        ("inline ``` is no fence\n``` a `tick` is none\nb", "---"),
        ("~~~~~~~~~~\na row of tildes opens nothing", "--"),
        ("```\nx\n~~~\ny\n```", "#####"),
    ],
)
def test_fences_and_indentation_make_code(text: str, code: str) -> None:
    assert "".join("#" if is_code else "-" for is_code in code_lines(text.split("\n"))) == code
