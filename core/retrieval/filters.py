"""Metadata filters: parsed once, evaluated exactly over columns of codes. Knows nothing of vectors.

The language is Haystack's: {"field", "operator", "value"} or {"operator": "AND" | "OR" | "NOT", "conditions": […]};
plus the operator "contains" for list-valued fields, and the short form {"field": value, …} for equality.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid

Mask = NDArray[np.bool_]
LOGIC = {"AND", "OR", "NOT"}
COMPARISONS = {"==", "!=", ">", ">=", "<", "<=", "in", "not in", "contains"}


class BadFilter(Invalid):
    """A filter that cannot be understood."""

    def __init__(self, fact: str) -> None:
        super().__init__(
            f"the filter cannot be read: {fact}",
            remedy='write {"field": …, "operator": …, "value": …} or {"operator": "AND", "conditions": […]}',
        )


@dataclass(frozen=True)
class Comparison:
    """One field against one value."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True)
class Logic:
    """Conditions joined. NOT means: not all of them."""

    operator: Literal["AND", "OR", "NOT"]
    conditions: tuple["Filter", ...]


Filter = Comparison | Logic


def parse_filter(raw: Mapping[str, Any]) -> Filter:
    """Read a filter as it came over the wire.

    raises: BadFilter

    >>> parse_filter({"category": "returns"})
    Comparison(field='category', operator='==', value='returns')
    """
    if not isinstance(raw, Mapping):
        raise BadFilter(f"expected an object, got {type(raw).__name__}")
    if "field" in raw or ("operator" in raw and raw["operator"] in COMPARISONS):
        return _parse_comparison(raw)
    if "operator" in raw or "conditions" in raw:
        operator, conditions = raw.get("operator"), raw.get("conditions")
        if operator not in LOGIC:
            raise BadFilter(f"operator is {operator!r}, not one of AND, OR, NOT")
        if not isinstance(conditions, Sequence) or isinstance(conditions, str) or not conditions:
            raise BadFilter("`conditions` must be a list with at least one condition")
        return Logic(operator, tuple(parse_filter(condition) for condition in conditions))
    if not raw:
        raise BadFilter("it is empty")
    parts = tuple(Comparison(name, "in" if isinstance(value, list) else "==", value) for name, value in raw.items())
    return parts[0] if len(parts) == 1 else Logic("AND", parts)


def _parse_comparison(raw: Mapping[str, Any]) -> Comparison:
    for part in ("field", "operator", "value"):
        if part not in raw:
            raise BadFilter(f"a condition lacks `{part}`")
    name, operator, value = raw["field"], raw["operator"], raw["value"]
    if operator not in COMPARISONS:
        raise BadFilter(f"operator is {operator!r}, not one of {', '.join(sorted(COMPARISONS))}")
    if operator in {"in", "not in"} and not isinstance(value, list):
        raise BadFilter(f"`{operator}` wants a list, got {type(value).__name__}")
    if operator in {">", ">=", "<", "<="} and value is not None and _ordinal(value) is None:
        raise BadFilter(f"`{operator}` wants a number or an ISO 8601 date, got {value!r:.80}")
    return Comparison(str(name), operator, value)


def _ordinal(value: Any) -> tuple[int, float] | None:
    """Numbers and dates have an order, each among themselves: (kind, position). Everything else has none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return 1, float(value)
    if isinstance(value, str) and len(value) >= 8 and value[:1].isdigit():
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return 2, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    return None


def _hashable(value: Any) -> Any:
    """A key that tells 1 from True and holds lists."""
    if isinstance(value, list | tuple):
        return ("list", tuple(_hashable(part) for part in value))
    if isinstance(value, Mapping):
        return ("map", tuple(sorted((key, _hashable(part)) for key, part in value.items())))
    return (isinstance(value, bool), value)


class Column:
    """One metadata field over all positions: each position holds the code of its value.

    Code 0 is "absent or null". A test runs once over the distinct values and is then looked up by code, so filtering
    100,000 rows costs one numpy take.
    """

    def __init__(self) -> None:
        self.values: list[Any] = [None]
        self.code_of: dict[Any, int] = {_hashable(None): 0}
        self.codes = np.zeros(0, dtype=np.int32)  # (n,)
        self.kinds: list[int] = [0]
        self.ordinals: list[float] = [0.0]

    def extend(self, values: Sequence[Any]) -> None:
        """Append one value a position."""
        codes = np.fromiter((self._code(value) for value in values), dtype=np.int32, count=len(values))
        self.codes = np.concatenate([self.codes, codes])

    def _code(self, value: Any) -> int:
        key = _hashable(value)
        code = self.code_of.get(key)
        if code is None:
            code = self.code_of[key] = len(self.values)
            self.values.append(value)
            kind, ordinal = _ordinal(value) or (0, 0.0)
            self.kinds.append(kind)
            self.ordinals.append(ordinal)
        return code

    def mask(self, operator: str, value: Any) -> Mask:
        """returns: (n,) which positions pass. Null passes only `== null`, `!=` and `not in`."""
        if operator in {"==", "!="}:
            same: Mask = self.codes == self.code_of.get(_hashable(value), -1)
            return same if operator == "==" else ~same
        if operator in {"in", "not in"}:
            wanted = [code for part in value if (code := self.code_of.get(_hashable(part))) is not None]
            member: Mask = np.isin(self.codes, wanted)
            return member if operator == "in" else ~member
        if operator == "contains":
            held = [isinstance(own, list | tuple) and value in own for own in self.values]
            return np.asarray(held, dtype=np.bool_)[self.codes]
        return self._ordered(operator, value)[self.codes]

    def _ordered(self, operator: str, value: Any) -> Mask:
        place = _ordinal(value)
        if place is None:  # comparing with null: nothing is greater or less
            return np.zeros(len(self.values), dtype=np.bool_)
        compare: Callable[[Any, Any], Any] = {
            ">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal,
        }[operator]  # fmt: skip
        of_kind: Mask = np.asarray(self.kinds) == place[0]
        return of_kind & np.asarray(compare(np.asarray(self.ordinals), place[1]), dtype=np.bool_)


class Columns:
    """All metadata fields over all positions; a field is a dotted path into the metadata."""

    def __init__(self) -> None:
        self.n = 0
        self.by_name: dict[str, Column] = {}

    def extend(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append the metadata of further positions."""
        flat = [dict(_flatten(row)) for row in rows]
        for name in {name for row in flat for name in row} - self.by_name.keys():
            self.by_name[name] = Column()
            self.by_name[name].extend([None] * self.n)
        for name, column in self.by_name.items():
            column.extend([row.get(name) for row in flat])
        self.n += len(rows)

    def mask(self, condition: Filter) -> Mask:
        """returns: (n,) which positions pass"""
        if isinstance(condition, Comparison):
            column = self.by_name.get(condition.field)
            if column is None:
                column = Column()
                column.codes = np.zeros(self.n, dtype=np.int32)
            return column.mask(condition.operator, condition.value)
        masks = [self.mask(part) for part in condition.conditions]
        if condition.operator == "OR":
            return reduce(np.logical_or, masks)
        joined = reduce(np.logical_and, masks)
        return ~joined if condition.operator == "NOT" else joined


def _flatten(row: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in row.items():
        if isinstance(value, Mapping):
            flat += _flatten(value, f"{prefix}{key}.")
        flat.append((f"{prefix}{key}", value))
    return flat
