"""A version for what comes next, or for what comes later: each is chosen on that, and foresees it better."""

import numpy as np
import pytest
from typer.testing import CliRunner

from apps.recommender.commands import build_commands
from apps.recommender.pipeline.evaluating.running import evaluate
from apps.recommender.pipeline.model.fitting import TooFewEvents, fit
from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.pipeline.model.holding_out import later
from apps.recommender.settings import RecommenderSettings

USERS, ITEMS, DAYS, VISITS, TASTES, OWN = 600, 240, 40, 10, 6, 0.5
DAY_S = 86_400.0


def shop(users: int = USERS) -> Histories:
    """On some days a person looks at an item, often of the own taste, then at the one that comes in its packet. What is
    next within a visit the last look says; what comes later, all looks together.
    """
    chance = np.random.default_rng(4)
    rows = []
    for user in range(users):
        for day in np.sort(chance.permutation(DAYS)[:VISITS]).tolist():
            taste = user % TASTES if chance.random() < OWN else int(chance.integers(0, TASTES))
            first = 2 * (TASTES * int(chance.integers(0, ITEMS // 2 // TASTES)) + taste)
            rows += [(user, first, day * DAY_S), (user, first + 1, day * DAY_S + 60)]
    user, item, seconds = (np.array(column) for column in zip(*rows, strict=True))
    return Histories.gather(user, item, seconds, user_count=users, item_count=ITEMS)


def test_what_is_chosen_for_later_foresees_it_better():
    outer = later(shop(), USERS, 7)
    asked = outer.past.of_users(outer.users)
    found = {}
    for aim in ("next", "later"):
        fitted = fit(outer.past, None, aim=aim, budget_s=0)
        lists = fitted.recommender.recommend(asked, 10).tolist()
        found[aim] = np.mean(
            [len({*one} & {*wanted.tolist()}) > 0 for one, wanted in zip(lists, outer.wanted, strict=True)]
        )
        assert fitted.held.kind == ("later" if aim == "later" else "last event")
    assert found["later"] > 1.1 * found["next"]


def test_a_temporal_evaluation_is_of_a_version_for_later():
    kinds = {
        split: evaluate(shop(100), None, split=split, most=100, seed=7, budget_s=0).about["held_out"]
        for split in ("leave-one-out", "temporal")
    }
    assert kinds == {"leave-one-out": "last event", "temporal": "later"}


def test_too_little_at_the_end_is_said():
    early = shop().before(2 * DAY_S)
    late = Histories.gather(
        np.append(early.user, 0),
        np.append(early.item, 5),
        np.append(early.seconds, 9e6),
        user_count=USERS,
        item_count=ITEMS,
    )
    with pytest.raises(TooFewEvents, match="an event in the newest tenth of the time, and one before it"):
        fit(late, None, aim="later", budget_s=0)


def test_the_setting_says_what_is_left_out_of_the_command():
    assert RecommenderSettings().aim == "next"
    refused = CliRunner().invoke(build_commands(), ["train", "--aim", "sometime"])
    assert refused.exit_code == 2
    assert "sometime" in refused.stderr
