"""Queues over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from apps.customer_service.pipeline import watching
from apps.customer_service.pipeline.assigning import Team
from apps.customer_service.schemas.queues import QUEUE_PATTERN, Queue, QueueEdit, QueueList
from apps.customer_service.store.queues import QueueFacts
from core.auth.access import require

QueuePath = Annotated[str, Path(pattern=QUEUE_PATTERN)]


def add_routes(router: APIRouter, team: Team) -> None:
    """List, show, make or change, remove."""
    agents = [Depends(require("support:agent"))]

    @router.get("/queues", dependencies=agents)
    def list_queues() -> QueueList:
        """List the queues, by name, with how many wait in each."""
        return watching.queues(team)

    @router.get("/queues/{name}", dependencies=agents)
    def show_queue(name: QueuePath) -> Queue:
        """Show one queue."""
        return watching.one_queue(team, team.queues.get(name))

    @router.put("/queues/{name}", dependencies=agents)
    def put_queue(name: QueuePath, edit: QueueEdit) -> Queue:
        """Make a queue, or replace what is said of it."""
        facts = QueueFacts(**edit.model_dump(mode="json", exclude={"version"}))
        return watching.one_queue(team, team.queues.put(name, facts, edit.version))

    @router.delete("/queues/{name}", dependencies=agents, status_code=204)
    def remove_queue(name: QueuePath) -> None:
        """Remove a queue that holds no open chats."""
        team.queues.remove(name)
