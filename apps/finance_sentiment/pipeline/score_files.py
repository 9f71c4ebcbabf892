"""A file of texts in, the same lines with their moods out, in bounded memory. Opens no model."""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from apps.finance_sentiment.pipeline.scoring import Scorer
from apps.finance_sentiment.schemas.score import Asked
from core.rows import BadRow, Row, read_rows
from core.writing import drafted

TOGETHER = 4_096  # rows in memory at a time; the encoder sorts them by length


def score_file(scorer: Scorer, source: Path, target: Path, show: Callable[[int], None]) -> tuple[int, str]:
    """Write every row of `source` to `target` as a line of JSON, in order, with its mood.

    show: told how many are done
    returns: how many rows, and the model that read the last of them
    raises: Invalid, BadRow naming the line that cannot be used; what stood in `target` then stays
    """
    done, model = 0, ""
    with drafted(target) as draft, draft.open("w", encoding="utf-8") as file:
        rows = _rows(source)
        while part := list(islice(rows, TOGETHER)):
            scores = scorer.score([asked for _, asked in part])
            model = scores.model
            for (row, _), found in zip(part, scores.items, strict=True):
                line = {**row.fields, **found.model_dump(exclude_none=True)}
                file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
            done += len(part)
            show(done)
    return done, model


def _rows(source: Path) -> Iterator[tuple[Row, Asked]]:
    for row in read_rows(source):
        yield row, _asked(source, row)


def _asked(source: Path, row: Row) -> Asked:
    given: dict[str, Any] = {"text": row.fields.get("text"), "entity": row.fields.get("entity") or None}
    try:
        return Asked.model_validate(given)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise BadRow(source, row.line, f'has no usable "{field}"') from error
