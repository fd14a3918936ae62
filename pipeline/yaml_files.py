"""YAML that people write: a key given twice is an error, hostile nesting a message, and aliases are not unfolded."""

from __future__ import annotations

import reprlib
from collections.abc import Hashable

import yaml

_MAX_DEPTH = 64


class _Loader(yaml.SafeLoader):
    """Refuses a mapping in which a key occurs twice: YAML forbids it, and the first value would be lost without a word.

    Nesting is counted while it is read: PyYAML needs time by the square of it before it gives up.
    """

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise yaml.YAMLError("it is nested too deep to be read; settings have a few levels only")
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} is given twice; take one out", key.start_mark
                    )
                seen.add(key.value)
        found: dict[Hashable, object] = super().construct_mapping(node, deep=deep)
        return found


def load_yaml(text: str | bytes) -> object:
    """Read a YAML document.

    Raises:
        yaml.YAMLError: It is none, gives a key twice, or is nested too deep.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506  (a safe loader)
    except UnicodeError as error:
        raise yaml.YAMLError(f"it is not UTF-8: {error}") from None


_SHORT = reprlib.Repr()
_SHORT.maxlevel = 2
_SHORT.maxstring = _SHORT.maxother = 120


def shown(value: object) -> str:
    """Return a value for a message: a few hundred characters, whatever aliases unfold to."""
    return _SHORT.repr(value)
