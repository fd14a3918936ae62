"""Conditions of the user's own on columns and functions, such as `>= 3`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools

_COMPARE = {
    ">=": pc.greater_equal,
    "<=": pc.less_equal,
    "==": pc.equal,
    "!=": pc.not_equal,
    ">": pc.greater,
    "<": pc.less,
}
_CONDITION = re.compile(r"(>=|<=|==|!=|>|<)\s*(\S.*)")
_FUNCTION = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_]\w*)\s*(.*)")


@dataclass(frozen=True)
class Condition:
    """What has to hold for a document to stay.

    Attributes:
        sign: One of `>= <= == != > <`.
        bound: A number, or a string for columns of strings.
    """

    sign: str
    bound: float | str

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read a condition.

        Raises:
            ValueError: It is none.

        >>> Condition.parse(">= 3")
        Condition(sign='>=', bound=3.0)
        >>> Condition.parse("!= spam").bound
        'spam'
        """
        match = _CONDITION.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is no condition: give a sign and a value, such as '>= 3' or '!= spam'")
        sign, bound = match[1], match[2].strip()
        try:
            return cls(sign, float(bound))
        except ValueError:
            if sign not in {"==", "!="}:
                raise ValueError(f"{text!r} compares with {bound!r}, which is no number; give one") from None
            return cls(sign, bound)

    def fails(self, values: pa.Array) -> Bools:
        """Return bool[n], where the condition does not hold; a null never fails.

        Args:
            values: Numbers, booleans or strings.

        Raises:
            ValueError: Values of this type cannot be compared with the bound.
        """
        if pa.types.is_boolean(values.type):
            values = pc.cast(values, pa.int8())
        if pa.types.is_string(values.type) == isinstance(self.bound, float):
            kind = "strings" if pa.types.is_string(values.type) else f"values of type {values.type}"
            raise ValueError(f"{kind} cannot be compared with {self.bound!r}; give a value of their type")
        holds = _COMPARE[self.sign](values, self.bound)
        found: Bools = pc.invert(pc.fill_null(holds, True)).to_numpy(zero_copy_only=False)
        return found

    def describe(self, value: object) -> str:
        """Write that a value fails, such as `not 2 >= 3`."""
        bound = f"{self.bound:g}" if isinstance(self.bound, float) else self.bound
        shown = f"{value:.6g}" if isinstance(value, float) else str(value)
        return f"not {shown} {self.sign} {bound}"


@dataclass(frozen=True)
class OwnFunction:
    """A function of the user's own that scores documents.

    Attributes:
        module: Where it is imported from.
        name: Its name, which is that of its score.
        condition: What has to hold for a document to stay; None if it only scores.
    """

    PREFIX: ClassVar[str] = "filter.functions."
    """How the ids of such rules begin."""

    module: str
    name: str
    condition: Condition | None

    @classmethod
    def parse(cls, text: str) -> OwnFunction:
        """Read `module:function` with an optional condition behind it.

        Raises:
            ValueError: It is none.
        """
        match = _FUNCTION.fullmatch(text.strip())
        if match is None:
            raise ValueError(
                f"functions: {text!r} names no function: give its module and its name, such as my_module:score, and "
                "what has to hold, such as my_module:score >= 0.5"
            )
        return cls(match[1], match[2], Condition.parse(match[3]) if match[3] else None)

    @property
    def rule(self) -> str:
        """The id of the rule that drops a document by its score."""
        return f"{self.PREFIX}{self.module}:{self.name}"


def as_scores(values: object, n: int) -> pa.Array:
    """Return what a function gives as float64[n].

    Raises:
        ValueError: These are not n numbers or booleans.
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    try:
        column = values if isinstance(values, pa.Array | list) else np.asarray(values)
        column = pa.array(column) if not isinstance(column, pa.Array) else column
    except (ValueError, TypeError, OverflowError, NotImplementedError):
        kind = type(values).__name__
        raise ValueError(f"gives a {kind} that is no column of numbers; it must give one for each document") from None
    if len(column) != n:
        raise ValueError(f"gives {len(column)} values for {n} documents; it must give one for each")
    if pa.types.is_boolean(column.type):
        column = pc.cast(column, pa.int8())
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_null(column.type)):
        raise ValueError(f"gives values of type {column.type}; it must give numbers or booleans")
    column = pc.cast(column, pa.float64())
    # No number is as good as no value: it drops nothing.
    return pc.if_else(pc.fill_null(pc.is_finite(column), False), column, None)
