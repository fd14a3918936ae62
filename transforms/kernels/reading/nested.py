"""Fields inside of fields, named by a path with dots such as `content.text`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def get_path(record: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field, or of one inside of it; None where there is none.

    A field whose own name holds the dots comes first.

    Example:
        >>> get_path({"content": {"text": "Rain."}}, "content.text")
        'Rain.'
    """
    if name in record or "." not in name:
        return record.get(name)
    value: Any = record
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def pop_path(record: dict[str, Any], name: str) -> Any:
    """Take the value of a field out of a record, as `get_path` finds it; what is empty then is removed as well.

    Example:
        >>> record = {"content": {"text": "Rain."}, "n": 1}
        >>> pop_path(record, "content.text"), record
        ('Rain.', {'n': 1})
    """
    if name in record or "." not in name:
        return record.pop(name, None)
    parents: list[dict[str, Any]] = []
    *above, last = name.split(".")
    place: Any = record
    for part in above:
        parents.append(place)
        place = place.get(part)
        if type(place) is not dict:
            return None
    if last not in place:
        return None
    value = place.pop(last)
    for part, parent in zip(reversed(above), reversed(parents), strict=True):
        if parent[part]:
            break
        del parent[part]
    return value


def field_of(schema: pa.Schema, name: str) -> pa.Field | None:
    """Return the field of a schema that a name or a path of names means; None if there is none."""
    if name in schema.names:
        return schema.field(name)
    found: pa.Field | None = None
    kind: Any = pa.struct(list(schema)) if _are_distinct(schema.names) else None
    for part in name.split("."):
        if kind is None or not pa.types.is_struct(kind) or kind.get_field_index(part) < 0:
            return None
        found = kind.field(part)
        kind = found.type
    return found


def _are_distinct(names: list[str]) -> bool:
    return len(set(names)) == len(names)


def lift_columns(batch: pa.RecordBatch, names: Iterable[str]) -> pa.RecordBatch:
    """Make columns of fields inside of structs, and take them out of there.

    Args:
        batch: Any columns, no two of one name.
        names: Names of columns, or paths such as `content.text`; what is not there is passed over.

    Returns:
        The batch with a column for each path that was found, behind the others.
    """
    for name in dict.fromkeys(names):
        if "." in name and name not in batch.schema.names and field_of(batch.schema, name) is not None:
            first, *rest = name.split(".")
            column = batch.column(first)
            value = pc.struct_field(column, rest)
            left = _without(column, rest)
            columns = {other: batch.column(other) for other in batch.schema.names}
            if left is None:
                del columns[first]
            else:
                columns[first] = left
            columns[name] = value
            batch = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
    return batch


def _without(column: pa.StructArray, path: list[str]) -> pa.StructArray | None:
    """Return a struct without the field at a path; None if it has no other."""
    names = [field.name for field in column.type]
    children = dict(zip(names, column.flatten(), strict=True))
    inner = _without(children[path[0]], path[1:]) if len(path) > 1 else None
    if inner is None:
        del children[path[0]]
    else:
        children[path[0]] = inner
    if not children:
        return None
    return pa.StructArray.from_arrays(list(children.values()), names=list(children), mask=column.is_null())


_NO_TEXTS = ("id", "url", "uri", "link", "source", "date", "created", "timestamp", "hash", "lang", "language")


def likely_text(record: Mapping[str, Any], leave_out: Iterable[str | None] = ()) -> str:
    """Return the path of the field that most probably holds the text: the longest string; "" if there is none.

    Args:
        record: A parsed JSON object.
        leave_out: Fields that serve for something else.

    Example:
        >>> likely_text({"id": "a-1", "body": {"raw": "It rained all day.", "n": 3}})
        'body.raw'
    """
    others = {*_NO_TEXTS, *leave_out}
    found = {name: value for name, value in _strings(record, "", 3) if name.rsplit(".", 1)[-1] not in others}
    return max(found, key=lambda name: len(found[name]), default="")


def _strings(record: Mapping[str, Any], above: str, depth: int) -> Iterable[tuple[str, str]]:
    for name, value in list(record.items())[:64]:
        if isinstance(value, str) and value:
            yield above + name, value
        elif isinstance(value, Mapping) and depth > 1:
            yield from _strings(value, f"{above}{name}.", depth - 1)


def remedy(fields: Iterable[str], likely: str) -> str:
    """Return which fields there are, and how to name the one with the text."""
    shown = list(fields)
    listed = ", ".join(shown[:8]) + (" ..." if len(shown) > 8 else "") if shown else "none"
    if not shown:
        return "it has no other fields; leave it out"
    if not likely:
        return f"it has the fields {listed}, none with a text; leave it out"
    return f"it has the fields {listed}: --set input.text_column={_quoted(likely)}"


def _quoted(name: str) -> str:
    return name if all(c.isalnum() or c in "._-" for c in name) else f"'{name}'"
