"""A team with its chats over a migrated database, for tests."""

from apps.customer_service.pipeline.assigning import Team, open_team
from apps.customer_service.pipeline.handing_over import hand_over
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.agents import AgentFacts
from apps.customer_service.store.conversations import NewEntry
from core.app import installed_apps
from core.clock import Clock
from core.database import Database
from core.migrations import upgrade


def open_migrated(database: Database, clock: Clock, **settings: float) -> Team:
    """A team over fresh tables."""
    upgrade(database, installed_apps()[0])
    return open_team(database, SupportSettings(**settings), clock)


def hire(team: Team, *agents: str, skills: tuple[str, ...] = (), most_chats: int = 4, status: str = "online") -> None:
    for agent in agents:
        team.agents.put(agent, AgentFacts(agent.title(), list(skills), most_chats, status))


def says(team: Team, chat: str, text: str) -> None:
    """A customer writes."""
    with team.conversations.change(chat) as change:
        change.append(NewEntry("message", "customer", text))
        change.row.customer_at = change.now


def asks(
    team: Team, text: str = "a person, please", customer: str = "c-1", language: str = "en", **meta: object
) -> str:
    """A customer begins a chat and asks for a person. returns: its id"""
    chat = team.conversations.begin(
        customer=customer, collection="support", channel="web", language=language, meta=dict(meta)
    )
    says(team, chat, text)
    with team.conversations.change(chat) as change:
        hand_over(change, "asked_for")
    return chat
