"""When an arm must be stopped, because it does harm. Stops nothing itself."""

from dataclasses import dataclass

from apps.recommender.pipeline.experimenting.deciding import Difference


@dataclass(frozen=True)
class Guardrail:
    """What an arm must not make worse. metric: its name;  may_fall: by how much of the control's rate it may, 0 … 1

    rises: whether more of it is the harm (dislikes), or less (purchases)
    """

    metric: str
    may_fall: float
    rises: bool


def does_harm(found: Difference, control: float, guardrail: Guardrail) -> bool:
    """Whether it is certain that the arm is worse than the control by more than may be.

    found: the guardrail's metric, arm against control, with an interval that holds at all looks: it is looked at again
        and again, and must not stop a harmless arm by chance
    control: the control's rate

    >>> rail = Guardrail("purchase", 0.1, rises=False)
    >>> does_harm(Difference(-0.03, -0.04, -0.02, -0.3, 0.001, 5_000), 0.1, rail)
    True
    >>> does_harm(Difference(-0.03, -0.06, 0.0, -0.3, 0.05, 500), 0.1, rail)
    False
    """
    margin = guardrail.may_fall * control
    return found.low > margin if guardrail.rises else found.high < -margin
