"""Experiments' statistics, by simulation with fixed seeds: nobody is told too often of what is not there."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from apps.recommender.pipeline.experimenting.assigning import NOBODY, SLOTS, allot, arm_of, claim, slot_of
from apps.recommender.pipeline.experimenting.deciding import LEAST_USERS, Difference, difference
from apps.recommender.pipeline.experimenting.guarding import Guardrail, does_harm
from apps.recommender.pipeline.experimenting.measuring import Rate, ratio, share
from apps.recommender.pipeline.experimenting.off_policy import NoPropensities, NothingLogged, estimate


def ones(count: int) -> np.ndarray:
    return np.ones(count)


# Who sees which arm


def test_everybody_keeps_the_arm_and_arms_get_their_shares():
    slots = allot([0.5, 0.3, 0.2])
    arms = [arm_of(f"u-{number}", "spring", slots) for number in range(20_000)]
    assert arms == [arm_of(f"u-{number}", "spring", slots) for number in range(20_000)]
    shares = [arms.count(arm) / 20_000 for arm in range(3)]
    assert np.allclose(shares, [0.5, 0.3, 0.2], atol=0.015)


def test_experiments_are_independent_of_each_other():
    slots = allot([0.5, 0.5])
    both = Counter((arm_of(f"u-{n}", "one", slots), arm_of(f"u-{n}", "two", slots)) for n in range(20_000))
    assert all(abs(count / 20_000 - 0.25) < 0.015 for count in both.values())


def test_shares_that_change_move_as_few_as_they_must():
    before = allot([0.5, 0.3, 0.2])
    after = allot([0.5, 0.1, 0.4], before)
    moved = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert moved == [(1, 2)] * 200
    assert allot([0.5, 0.3, 0.2], before) == before


def test_a_new_arm_takes_from_those_that_shrink_and_nobody_else():
    before = allot([0.4, 0.4])
    after = allot([0.4, 0.3, 0.3], before)
    moved = Counter((old, new) for old, new in zip(before, after, strict=True) if old != new)
    assert moved == {(1, 2): 100, (NOBODY, 2): 200}


def test_thirds_fill_the_slots():
    counts = Counter(allot([1 / 3, 1 / 3, 1 / 3]))
    assert sorted(counts.values()) == [333, 333, 334]


def test_experiments_of_a_lane_share_nobody():
    first = claim([], 0.6)
    second = claim(first, 0.4)
    assert len(first) + len(second) == SLOTS
    assert set(first).isdisjoint(second)
    assert claim([*first, *second], 0.01) is None


def test_shares_beyond_the_whole_are_refused():
    with pytest.raises(ValueError, match="together"):
        allot([0.7, 0.5])


def test_salt_and_unit_do_not_run_into_each_other():
    apart = [slot_of("bc", "a") != slot_of("c", "ab"), slot_of("b1", "a") != slot_of("1", "ab")]
    assert any(apart)


# What came of it


def clustered(rng: np.random.Generator, users: int, rate: float, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Users who differ: each has a rate of their own, and some see far more than others."""
    below = rng.poisson(each, users) + 1.0
    own = rng.beta(rate * 4, (1 - rate) * 4, users)
    return rng.binomial(below.astype(int), own).astype(float), below


def test_intervals_hold_what_they_should_though_people_differ():
    rng = np.random.default_rng(7)
    held = naive = 0
    for _ in range(400):
        above, below = clustered(rng, 150, 0.1, 20)
        found = share(above, below)
        held += found.low <= 0.1 <= found.high
        p, n = above.sum() / below.sum(), below.sum()
        naive += abs(p - 0.1) <= 1.96 * np.sqrt(p * (1 - p) / n)
    assert 0.92 <= held / 400 <= 0.98
    assert naive / 400 < 0.75  # as if events were independent


def test_one_fan_is_no_certainty():
    above, below = np.zeros(50), np.full(50, 20.0)
    above[0] = 20
    found = share(above, below)
    assert found.value == pytest.approx(0.02)
    assert found.high > 0.08


def test_nothing_at_all_has_an_upper_bound():
    found = share(np.zeros(100), ones(100))
    assert (found.value, found.low) == (0, 0)
    assert 0.03 < found.high < 0.05
    assert ratio(np.zeros(0), np.zeros(0)) is None


# Whether one may say so


def looks(rng: np.random.Generator, users: int, control: float, arm: float, every: int = 1) -> Iterator[Difference]:
    """Differences after each pair of users, or every so many, from the least that are needed on."""
    first = (rng.random(users) < control).cumsum()
    second = (rng.random(users) < arm).cumsum()
    for count in range(LEAST_USERS, users + 1, every):
        if first[count - 1] + second[count - 1] < 10:
            continue
        rates = []
        for hits in (second[count - 1], first[count - 1]):
            p = hits / count
            rates.append(Rate(p, 0, 0, count, count, p * (1 - p) / (count - 1)))
        yield difference(*rates)


@pytest.mark.parametrize("rate", [0.3, 0.03])
def test_whoever_peeks_after_every_user_is_wrong_at_most_one_time_in_twenty(rate: float):
    rng = np.random.default_rng(11)
    walks, users = 200, 1_500
    wrong = fooled = 0
    for _ in range(walks):
        found = list(looks(rng, users, rate, rate))
        wrong += any(not one.low <= 0 <= one.high for one in found)
        fooled += any(abs(one.value) > (one.high - one.value) * 1.96 / _boundary(one) for one in found)
    assert wrong / walks <= 0.05
    assert fooled / walks > 0.2  # an ordinary interval, looked at as often


def _boundary(one: Difference) -> float:
    from apps.recommender.pipeline.experimenting.deciding import TIGHT_AT, boundary

    return boundary(one.users, 0.05, TIGHT_AT)


def test_a_real_difference_is_found_nearly_always_and_early():
    rng = np.random.default_rng(13)
    first = []
    for _ in range(100):
        found = looks(rng, 2_000, 0.10, 0.15)
        first.append(next((one.users for one in found if one.low > 0), None))
    told = [users for users in first if users is not None]
    assert len(told) >= 90
    assert np.median(told) < 2_600  # a test of fixed size needs 1,372 users for a power of 80 %, 2,266 for 95 %


def test_the_p_value_says_what_the_interval_says():
    rng = np.random.default_rng(17)
    for one in looks(rng, 1_200, 0.10, 0.14, every=20):
        assert (one.p_value < 0.05) == (not one.low <= 0 <= one.high)


def test_clusters_of_clicks_keep_their_promise_too():
    """Clicks by impressions, users with rates of their own, a look after every 50 users."""
    rng = np.random.default_rng(19)
    wrong = 0
    for _ in range(200):
        above, below = clustered(rng, 2_400, 0.08, 6)
        arm = rng.integers(0, 2, 2_400).astype(bool)
        for count in range(300, 2_401, 50):
            here = arm[:count]
            one = difference(
                ratio(above[:count][here], below[:count][here]), ratio(above[:count][~here], below[:count][~here])
            )
            if not one.low <= 0 <= one.high:
                wrong += 1
                break
    assert wrong / 200 <= 0.05


def test_a_guardrail_spares_the_harmless_and_stops_the_harmful():
    rail = Guardrail("purchase", 0.05, rises=False)
    rng = np.random.default_rng(23)
    spared = sum(
        not any(does_harm(one, 0.2, rail) for one in looks(rng, 1_500, 0.2, 0.2, every=10)) for _ in range(100)
    )
    stopped = sum(any(does_harm(one, 0.2, rail) for one in looks(rng, 3_000, 0.2, 0.13, every=10)) for _ in range(100))
    assert spared >= 98
    assert stopped >= 90


# What another policy would have earned


def logged(rng: np.random.Generator, count: int) -> tuple[np.ndarray, ...]:
    """Three things, shown by chance; what they earn; and a policy that would rather show the third."""
    shown_with, wanted, earns = np.array([0.6, 0.3, 0.1]), np.array([0.1, 0.2, 0.7]), np.array([0.05, 0.1, 0.3])
    shown = rng.choice(3, count, p=shown_with)
    rewards = (rng.random(count) < earns[shown]).astype(float)
    return rewards, shown_with[shown], wanted[shown], rng.integers(0, count // 5, count), wanted @ earns


def test_the_estimate_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(29)
    held = Counter()
    for _ in range(200):
        rewards, propensity, target, users, truth = logged(rng, 3_000)
        found = estimate(rewards, propensity, target, users)
        for name in ("ips", "snips"):
            one = getattr(found, name)
            held[name] += one.low <= truth <= one.high
    assert 0.9 <= held["ips"] / 200 <= 0.99
    assert 0.9 <= held["snips"] / 200 <= 0.99


def test_the_same_policy_earns_what_was_earned():
    rewards, propensity, _, users, _ = logged(np.random.default_rng(31), 2_000)
    found = estimate(rewards, propensity, propensity, users)
    assert found.snips.value == pytest.approx(rewards.mean()) == found.logged.value
    assert found.effective == pytest.approx(2_000)
    assert found.caution == ""


def test_a_policy_that_shows_what_was_hardly_shown_is_not_to_be_trusted():
    rng = np.random.default_rng(37)
    shown = rng.random(1_000) < 0.01
    propensity = np.where(shown, 0.01, 0.99)
    target = np.where(shown, 0.99, 0.01)
    found = estimate(ones(1_000), propensity, target, np.arange(1_000))
    assert "hardly ever shown" in found.caution
    assert found.clipped > 0


def test_without_propensities_it_refuses_in_one_sentence():
    rewards, propensity, target, users, _ = logged(np.random.default_rng(41), 100)
    propensity[3], propensity[7] = np.nan, 0.0
    with pytest.raises(NoPropensities, match="2 of 100 impressions have no propensity"):
        estimate(rewards, propensity, target, users)
    with pytest.raises(NothingLogged):
        estimate(rewards[:0], propensity[:0], target[:0], users[:0])
