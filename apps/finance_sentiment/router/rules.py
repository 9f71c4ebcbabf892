"""Rules over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from apps.finance_sentiment.pipeline import alert_pages, previewing
from apps.finance_sentiment.schemas.rules import RULE_PATTERN, Preview, PreviewQuery, Rule, RuleEdit, RuleList
from apps.finance_sentiment.store.alerts import Alerts
from apps.finance_sentiment.store.looking import Looks
from apps.finance_sentiment.store.rules import Rules
from core.app import Services
from core.auth.access import require
from core.idempotency.dependency import idempotent

RulePath = Annotated[str, Path(pattern=RULE_PATTERN)]


def add_routes(router: APIRouter, services: Services) -> None:
    """List, show, make, replace, remove, preview."""
    readers, writers = [Depends(require("finance:read"))], [Depends(require("finance:write"))]
    rules = Rules(services.database, services.clock)

    @router.get("/rules", dependencies=readers)
    def list_rules() -> RuleList:
        """List the rules by name."""
        return RuleList(items=[alert_pages.rule(row) for row in rules.all()])

    @router.post("/rules", dependencies=[*writers, Depends(idempotent)], status_code=201)
    def add_rule(edit: RuleEdit) -> Rule:
        """Make a rule."""
        return alert_pages.rule(rules.add(edit))

    @router.post("/rules/preview", dependencies=readers)
    def preview_rule(query: PreviewQuery) -> Preview:
        """Tell how often a rule would have told in the last days, by what is known today."""
        looks, alerts = Looks(services.database), Alerts(services.database, services.clock)
        return previewing.preview(looks, alerts, query, services.clock())

    @router.get("/rules/{rule}", dependencies=readers)
    def show_rule(rule: RulePath) -> Rule:
        """Show a rule."""
        return alert_pages.rule(rules.get(rule))

    @router.put("/rules/{rule}", dependencies=writers)
    def put_rule(rule: RulePath, edit: RuleEdit) -> Rule:
        """Replace a rule, or switch it off and on."""
        return alert_pages.rule(rules.change(rule, edit))

    @router.delete("/rules/{rule}", dependencies=writers, status_code=204)
    def remove_rule(rule: RulePath) -> None:
        """Remove a rule; what it has open is closed."""
        rules.remove(rule)
