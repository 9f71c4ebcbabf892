"""Rules as they are shown. Applies none."""

from datetime import datetime

from apps.recommender.pipeline.recommending.rules import in_time
from apps.recommender.schemas.rules import Rule, RuleShown
from apps.recommender.store.rules import Rules


def shown_rules(rules: Rules) -> list[RuleShown]:
    """All of them, the oldest first."""
    now = rules.clock()
    return [_shown(row.key, Rule(**row.values), row.created_at, row.updated_at, now) for row in rules.all()]


def made_rule(rules: Rules, rule: Rule) -> RuleShown:
    """Keep a rule; it counts with the next request."""
    row = rules.add(rule.model_dump())
    return _shown(row.key, rule, row.created_at, row.updated_at, rules.clock())


def changed_rule(rules: Rules, key: int, rule: Rule) -> RuleShown:
    """Replace a rule. raises: NoSuchRule"""
    row = rules.change(key, rule.model_dump())
    return _shown(row.key, rule, row.created_at, row.updated_at, rules.clock())


def _shown(key: int, rule: Rule, created: datetime, updated: datetime, now: datetime) -> RuleShown:
    active = in_time(rule, now.timestamp())
    return RuleShown.model_construct(**rule.model_dump(), id=key, active=active, created_at=created, updated_at=updated)
