"""A schema on the wire in one step, for endpoints that are asked often. What it holds was checked when it was made."""

from fastapi import Response
from pydantic import BaseModel


def written(schema: BaseModel) -> Response:
    """FastAPI would validate and write it once more, in another thread: a tenth of what an answer costs."""
    return Response(schema.model_dump_json(), media_type="application/json")
