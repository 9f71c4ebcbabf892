"""Logged impressions of a file, for an estimate of what another policy would have earned."""

from math import inf, isfinite, nan
from pathlib import Path
from typing import Any

import numpy as np

from apps.recommender.pipeline.experimenting.off_policy import MOST_WEIGHT, OffPolicy, estimate
from core.rows import BadRow, read_rows


def estimate_file(path: Path, most_weight: float = MOST_WEIGHT) -> OffPolicy:
    """Estimate from rows `{"user", "reward", "propensity", "target"}`; see `estimate`.

    A row without a propensity counts as one that nobody logged: the estimate is refused, with how many there are.
    raises: BadRow, NoPropensities, NothingLogged
    """
    rewards: list[float] = []
    logged: list[float] = []
    target: list[float] = []
    users: dict[str, int] = {}
    members: list[int] = []
    for row in read_rows(path, None):
        if not str(row.fields.get("user") or "").strip():
            raise BadRow(path, row.line, "has no user")
        rewards.append(_number(path, row.line, "reward", row.fields.get("reward"), -inf, inf))
        target.append(_number(path, row.line, "target", row.fields.get("target"), 0, 1))
        propensity = row.fields.get("propensity")
        empty = propensity is None or propensity == ""
        logged.append(nan if empty else _number(path, row.line, "propensity", propensity, 0, 1))
        members.append(users.setdefault(str(row.fields["user"]), len(users)))
    return estimate(np.array(rewards), np.array(logged), np.array(target), np.array(members, np.int64), most_weight)


def _number(path: Path, line: int, name: str, written: Any, low: float, high: float) -> float:
    try:
        value = float(written)
    except (TypeError, ValueError):
        raise BadRow(path, line, f"has no number as {name}") from None
    if not isfinite(value) or not low <= value <= high:
        raise BadRow(path, line, f"has a {name} outside of {low:g} to {high:g}")
    return value
