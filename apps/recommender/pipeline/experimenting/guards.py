"""Look at all running experiments, and stop arms that do harm: recurring work of the leader."""

from collections.abc import Sequence

from apps.recommender.pipeline.experimenting.guarding import Guardrail, does_harm
from apps.recommender.pipeline.experimenting.metrics import MEASURES, TYPES
from apps.recommender.pipeline.experimenting.results import alpha_each, compare
from apps.recommender.schemas.experiments import GuardrailEdit
from apps.recommender.store.experiment_tables import ExperimentRow
from apps.recommender.store.experiments import Experiments
from apps.recommender.store.exposures import Done, Exposures
from core.clock import Clock

LOOKS_EVERY_S = 60.0


class Guards:
    """Watches over arms. A look costs one query an experiment that has guardrails."""

    def __init__(self, experiments: Experiments, exposures: Exposures, clock: Clock) -> None:
        self._experiments, self._exposures, self._clock = experiments, exposures, clock

    def look(self) -> list[tuple[str, str]]:
        """Stop arms that surely break a guardrail. returns: experiment and arm of those just stopped"""
        stopped = []
        for row in self._experiments.running():
            for arm, because in self._breaches(row) if row.guardrails else []:
                if self._experiments.stop_arm(row.id, arm, because):
                    stopped.append((row.id, arm))
        return stopped

    def _breaches(self, row: ExperimentRow) -> list[tuple[str, str]]:
        seen = self._exposures.read(row, TYPES, self._clock().timestamp())
        done: dict[str, list[Done]] = {arm["name"]: [] for arm in row.arms}
        for one in seen:
            if len(one.arms) == 1 and one.done is not None:
                done[one.arms[0]].append(one.done)
        control, *others = row.arms
        found = []
        for arm in others:
            if not arm["stopped_because"]:
                because = _breach(row, done[arm["name"]], done[control["name"]])
                found += [(arm["name"], because)] if because else []
        return found


def _breach(row: ExperimentRow, arm: Sequence[Done], control: Sequence[Done]) -> str:
    for told in row.guardrails:
        edit = GuardrailEdit.model_validate(told)
        measure = MEASURES[edit.metric]
        compared = compare(edit.metric, arm, control, alpha_each(row))
        if compared.found is None or compared.control is None:
            continue
        rail = Guardrail(edit.metric, edit.may_change, measure.rises)
        if does_harm(compared.found, compared.control.value, rail):
            now = f"{compared.arm.value:.4g} against {compared.control.value:.4g}" if compared.arm else ""
            return f"guardrail: {measure.words} is {now}, worse than the {edit.may_change:.0%} that may be"
    return ""
