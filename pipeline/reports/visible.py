"""Writing text to a terminal so that nothing in it is obeyed."""

from __future__ import annotations


def visible(line: str) -> str:
    r"""Write characters that a terminal does not show, or would obey, as `<U+200B>`.

    Example:
        >>> visible("a\x1b[2Jb")
        'a<U+001B>[2Jb'
    """
    return line if line.isprintable() else "".join(map(_visible_character, line))


def _visible_character(character: str) -> str:
    return character if character.isprintable() or character == "\t" else f"<U+{ord(character):04X}>"


def visible_lines(text: str) -> str:
    """Write a text of several lines in the same way."""
    return "\n".join(map(visible, text.split("\n")))
