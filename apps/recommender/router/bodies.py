"""Bodies of many kinds: how they reach an endpoint, how /docs describes them, which status tells what."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from apps.recommender.pipeline.ingesting.bodies import CSV, JSON, LINES, PARQUET, Body, read_body
from apps.recommender.pipeline.ingesting.rows import Row, Told
from apps.recommender.pipeline.ingesting.taking import Taken, usable

PARTLY = 207  # some rows were taken in, others were not


async def _received(request: Request) -> Body:
    kind = request.headers.get("content-type", JSON).split(";", 1)[0].strip().lower()
    packed = request.headers.get("content-encoding", "").strip().lower() == "gzip"
    return Body(JSON if kind.endswith("+json") else kind, await request.body(), packed)


Received = Annotated[Body, Depends(_received)]


def opened(body: Body, name: str, most_bytes: int) -> Callable[[Told], Iterator[Row]]:
    """The rows of a body, for those who take them in."""
    return lambda told: read_body(body, name, most_bytes, told)


def answered(taken: Taken, response: Response) -> Taken:
    """200 where all rows were taken in, 207 where some were. raises: NothingSent, NothingUsable where none was"""
    if usable(taken).rejected:
        response.status_code = PARTLY
    return taken


def described(schema: type[BaseModel], name: str) -> dict[str, Any]:
    """What the API's description says of such a body."""
    one = schema.model_json_schema(ref_template="#/components/schemas/{model}")
    many = {"type": "array", "items": one}
    listed = {"type": "object", "properties": {name: many}, "required": [name]}
    content: dict[str, Any] = {JSON: {"schema": {"anyOf": [one, many, listed]}}}
    content |= {kind: {"schema": {"type": "string"}} for kind in (LINES[0], CSV, PARQUET)}
    return {"requestBody": {"required": True, "content": content}}


PARTLY_TAKEN: dict[int | str, dict[str, Any]] = {PARTLY: {"description": "Some rows were taken in, others were not"}}
