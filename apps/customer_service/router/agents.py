"""The people who answer, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from apps.customer_service.pipeline import watching
from apps.customer_service.pipeline.assigning import Team
from apps.customer_service.schemas.agents import AGENT_PATTERN, Agent, AgentEdit, AgentList
from apps.customer_service.store.agents import AgentFacts
from core.auth.access import require

AgentPath = Annotated[str, Path(pattern=AGENT_PATTERN)]


def add_routes(router: APIRouter, team: Team) -> None:
    """Register, change, sign of life, list."""
    agents = [Depends(require("support:agent"))]

    @router.get("/agents", dependencies=agents)
    def list_agents() -> AgentList:
        """List the team, by name."""
        return watching.agents(team)

    @router.get("/agents/{agent}", dependencies=agents)
    def show_agent(agent: AgentPath) -> Agent:
        """Show one agent."""
        return watching.one_agent(team, team.agents.get(agent))

    @router.put("/agents/{agent}", dependencies=agents)
    def put_agent(agent: AgentPath, edit: AgentEdit) -> Agent:
        """Register, or change name, skills, most chats at once, or status."""
        facts = AgentFacts(edit.name, edit.skills, edit.most_chats, edit.status)
        return watching.one_agent(team, team.agents.put(agent, facts, edit.version))

    @router.post("/agents/{agent}/heartbeat", dependencies=agents)
    def send_heartbeat(agent: AgentPath) -> Agent:
        """Say that the agent's console is there; without this, waiting customers go back to their queue."""
        return watching.one_agent(team, team.agents.heard_of(agent))
