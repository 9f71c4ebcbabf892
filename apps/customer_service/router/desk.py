"""The agents' desk over HTTP: the queue, and each step of a chat."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from apps.customer_service.pipeline import assigning, watching, writing
from apps.customer_service.pipeline.assigning import Team
from apps.customer_service.schemas.agents import AgentId
from apps.customer_service.schemas.desk import (
    Assign,
    DeskChat,
    DeskEntry,
    EarlierChats,
    MyQueue,
    NewNote,
    Opened,
    Release,
    Reopen,
    Reply,
    Resolve,
    Taken,
    TakeNext,
    Transfer,
)
from apps.customer_service.store.intents import Intents
from core.app import Services
from core.auth.access import require
from core.idempotency.dependency import idempotent

LOOKS_FOR_SILENT_EVERY_S = 15.0


def add_routes(router: APIRouter, services: Services, team: Team) -> None:
    """Queue, chats, steps; and the job that gives customers of silent agents back to the queue."""
    agents = [Depends(require("support:agent"))]
    once = [*agents, Depends(idempotent)]
    intents = Intents(services.database)
    services.scheduler.every("support.take-from-the-silent", LOOKS_FOR_SILENT_EVERY_S, team.take_from_the_silent)

    @router.get("/queue", dependencies=agents)
    def show_my_queue(agent: Annotated[AgentId, Query(description="whose queue")]) -> MyQueue:
        """Show the chats that this agent may take, in order, and those that this agent has."""
        return watching.my_queue(team, agent)

    @router.post("/queue/take-next", dependencies=once)
    def take_next(step: TakeNext) -> Taken:
        """Take the next waiting chat; of several agents who do so at once each gets another."""
        row = team.take_next(step.agent)
        return Taken(chat=watching.listed(team, row, step.agent) if row else None)

    @router.get("/desk/{conversation}", dependencies=agents)
    def show_chat(
        conversation: str,
        after: Annotated[int, Query(ge=0, description="number of the last entry that is known")] = 0,
        agent: Annotated[str, Query(description="who looks")] = "",
    ) -> Opened:
        """Show a chat as agents see it, with notes."""
        return watching.opened(team, intents, conversation, after, agent)

    @router.get("/desk/{conversation}/earlier", dependencies=agents)
    def list_earlier(conversation: str) -> EarlierChats:
        """List the same customer's other chats, the newest first."""
        return watching.earlier(team, conversation, "")

    @router.post("/conversations/{conversation}/assign", dependencies=once)
    def assign(conversation: str, step: Assign) -> DeskChat:
        """Take this chat."""
        return watching.listed(team, team.assign(conversation, step.agent, step.version), step.agent)

    @router.post("/conversations/{conversation}/release", dependencies=once)
    def release(conversation: str, step: Release) -> DeskChat:
        """Give a chat back to its queue."""
        return watching.listed(team, team.release(conversation, step.agent, step.version), step.agent)

    @router.post("/conversations/{conversation}/transfer", dependencies=once)
    def transfer(conversation: str, step: Transfer) -> DeskChat:
        """Pass a chat on to a queue or to a colleague, with a note."""
        return watching.listed(team, assigning.transfer(team, conversation, step), step.agent)

    @router.post("/conversations/{conversation}/resolve", dependencies=once)
    def resolve(conversation: str, step: Resolve) -> DeskChat:
        """Close a chat with a reason."""
        row = team.resolve(conversation, step.agent, step.reason, step.note, step.version)
        return watching.listed(team, row, step.agent)

    @router.post("/conversations/{conversation}/reopen", dependencies=once)
    def reopen(conversation: str, step: Reopen) -> DeskChat:
        """Open a resolved chat again; whoever had it before is preferred."""
        return watching.listed(team, team.reopen(conversation, step.agent, step.version), step.agent)

    @router.post("/conversations/{conversation}/reply", dependencies=once, status_code=201)
    def reply(conversation: str, said: Reply) -> DeskEntry:
        """Write to the customer; only the agent who has the chat may."""
        return watching.entry(team, writing.reply(team, conversation, said))

    @router.post("/conversations/{conversation}/notes", dependencies=once, status_code=201)
    def add_note(conversation: str, note: NewNote) -> DeskEntry:
        """Write a note that only agents see."""
        return watching.entry(team, writing.note(team, conversation, note.agent, note.text))
