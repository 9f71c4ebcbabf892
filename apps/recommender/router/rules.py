"""Rules over HTTP: listed, made, replaced, taken away."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from apps.recommender.pipeline import ruling
from apps.recommender.schemas.rules import Rule, RuleShown
from apps.recommender.store.rules import Rules
from core.app import Services
from core.auth.access import require
from core.idempotency.dependency import idempotent
from core.paging import Page

RulePath = Annotated[int, Path(ge=1, lt=2**63)]


def add_routes(router: APIRouter, services: Services) -> None:
    """List, make, replace, take away."""
    writers = [Depends(require("recommend:write")), Depends(idempotent)]
    rules = Rules(services.database, services.clock)

    @router.get("/rules", dependencies=[Depends(require("recommend:read"))])
    def list_rules() -> Page[RuleShown]:
        """List all rules, the oldest first."""
        return Page(items=ruling.shown_rules(rules))

    @router.post("/rules", dependencies=writers, status_code=201)
    def make_rule(rule: Rule) -> RuleShown:
        """Pin, boost or ban items, from the next request on or between two dates."""
        return ruling.made_rule(rules, rule)

    @router.put("/rules/{rule}", dependencies=writers)
    def replace_rule(rule: RulePath, said: Rule) -> RuleShown:
        """Say anew what a rule is."""
        return ruling.changed_rule(rules, rule, said)

    @router.delete("/rules/{rule}", dependencies=[Depends(require("recommend:write"))], status_code=204)
    def remove_rule(rule: RulePath) -> None:
        """Take a rule away."""
        rules.remove(rule)
