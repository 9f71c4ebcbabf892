"""The recommender's pages over its real API: what stands where, and what a click changes."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from streamlit.testing.v1 import AppTest

from apps.recommender.pipeline.recommending.answering import open_answering
from apps.recommender.pipeline.retraining import Retraining
from apps.recommender.pipeline.trainings import alone
from apps.recommender.schemas.recommend import Recommendations
from apps.recommender.schemas.versions import Training
from core.backend.registry.card import Metric
from core.clock import system_clock
from tests.core.backend.registry.samples import publish
from tests.ui.recommender_house import TITLES, House, open_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("empty"), filled=False) as opened:
        yield opened


def page(client):
    from apps.recommender.dashboard import render

    render(client)


def show(house: House, **address: str | list[str]) -> AppTest:
    screen = AppTest.from_function(page, kwargs={"client": house.client}, default_timeout=60)
    for name, value in address.items():
        screen.query_params[name] = value
    run = screen.run()
    assert not run.exception
    return run


def said(screen: AppTest) -> str:
    """All that the page says, without what keeps Markdown from being obeyed."""
    texts = [one.value for one in (*screen.markdown, *screen.caption, *screen.subheader, *screen.info)]
    texts += [element.proto.body for element in screen.get("html")]
    return "\n".join(texts).replace("\\", "").replace("\u2060", "")


def labels(screen: AppTest) -> list[str]:
    return [button.label.replace("\\", "").replace("\u2060", "") for button in screen.button]


def press(screen: AppTest, words: str) -> AppTest:
    at = next(at for at, label in enumerate(labels(screen)) if words in label)
    run = screen.button[at].click().run()
    assert not run.exception
    return run


def listed(screen: AppTest, key: str) -> list[str]:
    """Titles of a list that the page shows, best first."""
    found = [one for one in screen.button if (one.key or "").startswith(f"recommend.{key}.")]
    return [one.label.partition(" ")[2].partition(" :gray")[0] for one in found]


def test_an_empty_shop_says_how_data_gets_in(empty: House):
    for view in ("Person", "Catalogue", "Data"):
        assert "trivium recommend import" in said(show(empty, view=view))
    assert "trivium recommend train" in said(show(empty, view="Versions"))


def test_people_are_found_by_what_they_did_last_or_by_id(house: House):
    screen = show(house)
    assert {"User ann", "User bob", "Session s-1"} <= set(labels(screen))
    assert any(label.startswith("ann :gray[city Basel · newsletter yes") for label in labels(screen))
    screen.text_input[0].input("stranger")
    opened = screen.run()
    assert opened.query_params["user"] == "stranger"
    assert "Nothing was heard of them" in said(opened)


def test_a_person_has_history_list_and_reasons(house: House):
    screen = show(house, user="ann")
    told = said(screen)
    assert "rated 4.5" in told
    assert "2 events count" in told
    assert set(listed(screen, "now")) <= set(TITLES.values()) - {"Apple pie", "Lamp"}  # seen already
    assert told.count('class="why"') >= 2 + len(listed(screen, "now"))


def test_a_click_is_tried_beside_and_kept_only_on_demand(house: House):
    house.send("users", [{"id": "eve"}])
    house.send("events", [{"user": "eve", "item": "sofa", "type": "view"}])
    screen = show(house, user="eve")
    first = listed(screen, "now")[0]
    tried = press(screen, f"1. {first}")
    assert listed(tried, "now")[0] == first
    assert first not in listed(tried, "then")
    assert f"On “{first}”" in said(tried)
    assert said(show(house, user="eve")).count("clicked") == 0

    kept = press(tried, "Keep as a real click")
    assert "click" not in kept.query_params
    assert first not in listed(kept, "now")
    assert "clicked" in said(kept)


def test_a_try_is_undone(house: House):
    screen = show(house, user="ann", click=["plum", "sofa"])
    assert "After your 2 clicks" in said(screen)
    assert press(screen, "Undo").query_params["click"] == "plum"


def test_sessions_are_people_too(house: House):
    screen = show(house, session="s-1")
    assert "Not signed in." in said(screen)
    assert "Chair" not in listed(screen, "now")


def test_the_catalogue_is_searched_and_an_item_opens_beside(house: House):
    found = show(house, view="Catalogue", q="Apple pie")
    assert any("Apple pie" in label for label in labels(found))
    opened = press(found, "Apple pie")
    assert opened.query_params["item"] == "apple"
    assert "Nearly cold: 1 event names it" in said(opened)


def test_an_item_shows_what_was_bought_with_it_and_who_had_it(house: House):
    assert "Pear pie" in listed(show(house, view="Catalogue", item="plum", part="Bought together"), "bought-together")
    assert "bob" in labels(show(house, view="Catalogue", item="plum", part="Who had it"))


def test_an_item_says_who_gets_it(house: House):
    house.send("users", [{"id": "zoe"}])
    house.send("events", [{"user": "zoe", "item": "apple", "type": "view"}])
    house.client.get("/v1/recommend/users/zoe", Recommendations, k=6)
    opened = show(house, view="Catalogue", item="pear", part="Who gets it")
    for _ in range(50):  # answers are written half a second after they were given
        if "User zoe" in labels(opened):
            break
        time.sleep(0.1)
        opened = show(house, view="Catalogue", item="pear", part="Who gets it")
    assert "User zoe" in labels(opened)
    assert "place 1 of the list “users”" in said(opened)
    assert "It stood among the first 10 in" in said(opened)


def test_a_click_is_tried_on_any_item_of_the_catalogue(house: House):
    screen = show(house, session="s-1")
    next(one for one in screen.text_input if one.label == "A click on").input("Lamp")
    tried = press(screen.run(), "Lamp")
    assert tried.query_params["click"] == "lamp"
    assert "On “Lamp”" in said(tried)
    assert "Lamp" not in listed(tried, "then")


def test_an_item_that_is_none_is_the_apis_sentence(house: House):
    assert "there is no item" in show(house, view="Catalogue", item="nothing").error[0].value.replace("\\", "").lower()


def test_the_data_is_counted_and_what_is_unknown_named(house: House):
    screen = show(house, view="Data")
    numbers = {one.label: one.value for one in screen.metric}
    assert numbers["Items"] == "6"
    assert "**1 item**" in said(screen)
    assert "ghost" in labels(screen)
    covered = {row["What"]: row["How many"] for row in screen.table[0].value.to_dict("records")}
    assert covered["Items with a description"] == "6 of 6"
    assert '"purchase"' in screen.get("vega_lite_chart")[0].proto.spec  # in the legend


def test_versions_stand_side_by_side_and_are_promoted_and_rolled_back(empty: House):
    for hits, of_popularity in ((0.2, 0.05), (0.3, 0.06)):
        figures = {
            "hit@10": Metric(value=hits, low=hits - 0.02, high=hits + 0.02, n=2_000),
            "hit@10 of popularity alone": Metric(value=of_popularity, low=0.04, high=0.07, n=2_000),
        }
        publish(empty.services.registry, "recommender", metrics=figures)
    screen = show(empty, view="Versions")
    told = said(screen)
    assert "recommender@1** answers now" in told
    assert "recommender@2 is better than recommender@1" in told
    assert "10.0 more (7.2 to 12.8) find what they want next" in told
    assert "more than chance would explain" in told
    rows = {row[""]: row["recommender@2"] for row in screen.table[0].value.to_dict("records")}
    assert rows["Find what they want (hit@10)"] == "30.0 of 100 (28.0 to 32.0)"
    assert rows["The same by popularity alone"] == "6.0 of 100 (4.0 to 7.0)"
    assert rows["How near the top, 0 to 1 (nDCG@10)"] == "not measured"
    assert not any("Roll back" in label or "go back" in label for label in labels(screen))  # nothing was before

    promoted = press(screen, "Yes, let recommender@2 answer")
    assert "recommender@2** answers now" in said(promoted)
    assert "recommender@1 is worse than recommender@2" in said(promoted)
    assert "recommender@1** answers now" in said(press(promoted, "Yes, go back to recommender@1"))


def test_a_training_is_begun_watched_and_told_by_the_page(empty: House, monkeypatch: pytest.MonkeyPatch):
    home, begun = empty.services.settings.home, ExitStack()

    def begin(self: Retraining) -> Training:
        diary = begun.enter_context(alone(home, "recommender", system_clock))
        begun.callback(diary.end, "recommender@3 is published. It is not worse.", "recommender@3")
        diary.tell("network, epoch 3 of 30")
        return diary.said

    monkeypatch.setattr(Retraining, "begin", begin)
    screen = show(empty, view="Versions")
    assert "The server does not train by itself." in said(screen)
    with begun:
        running = press(screen, "Train now")
        assert "network, epoch 3 of 30" in said(running)
        assert not [label for label in labels(running) if "Train now" in label]
    ended = show(empty, view="Versions")
    assert "Last training, just now: recommender@3 is published." in said(ended)
    assert any("Train now" in label for label in labels(ended))


def test_an_experiment_is_made_started_and_stopped(house: House):
    screen = show(house, view="Experiments")
    assert "No experiment was made yet." in said(screen)
    screen = press(screen, "New experiment")
    assert press(screen, "Save").warning
    next(one for one in screen.text_input if one.label == "Name").input("Popular first")
    made = press(screen, "Save")
    assert not made.error, made.error[0].value
    assert "It was not started" in said(made)
    started = press(made, "Start")
    assert "Too early to tell" in said(started)
    next(one for one in started.checkbox if one.label == "Visitors who dislike").check()
    guarded = press(started, "Change the guardrails")
    assert "guarded: visitors who dislike" in said(guarded)
    assert "none → visitors who dislike 5%" in said(guarded)
    started = guarded
    assert "Start again" in labels(press(started, "Stop"))


def test_an_arm_names_rules_chance_and_caps(house: House):
    headers = {"Authorization": f"Bearer {house.key}"}
    rule = {"name": "No trees", "kind": "ban", "categories": ["Christmas"]}
    kept = house.client._http.post("/v1/recommend/rules", json=rule, headers=headers).raise_for_status().json()["id"]
    screen = show(house, view="Experiments", experiment="new")
    next(one for one in screen.text_input if one.label == "Name").input("With care")
    left_to_chance, most = (
        [one for one in screen.number_input if one.label == label]
        for label in ("Left to chance, %", "Most of a category")
    )
    left_to_chance[1].set_value(10)
    most[1].set_value(2)
    rules = [one for one in screen.multiselect if one.label == "Rules that count"]
    rules[0].select("No trees")
    rules[1].select("None at all")
    made = press(screen, "Save")
    assert not made.error, made.error[0].value
    [found] = [
        one
        for one in house.client._http.get("/v1/recommend/experiments", headers=headers).json()["items"]
        if one["name"] == "With care"
    ]
    control, variant = found["arms"]
    assert (control["rules"], control["explore"], control["most_per_category"]) == ([str(kept)], None, None)
    assert (variant["rules"], variant["explore"], variant["most_per_category"]) == ([], 0.1, 2)
    house.client._http.delete(f"/v1/recommend/rules/{kept}", headers=headers).raise_for_status()
    assert "left to chance 10 % · most of a category 2 · rules none" in made.table[0].value.to_dict("records")[1]["How"]


def test_an_experiment_tells_how_many_lists_each_arm_made_and_which_arm_cannot(house: House):
    arms = [{"name": "usual", "share": 0.5}, {"name": "gone", "share": 0.5, "model": "recommender@77", "novelty": 1}]
    headers = {"Authorization": f"Bearer {house.key}"}
    http, path = house.client._http, "/v1/recommend/experiments"
    made = http.post(path, json={"name": "Gone", "arms": arms, "lane": "gone"}, headers=headers).json()["id"]
    http.patch(f"{path}/{made}", json={"state": "running"}, headers=headers).raise_for_status()
    time.sleep(1.1)  # until every process has read what runs
    for person in range(20):
        answer = http.get(f"/v1/recommend/users/p{person}", headers=headers).raise_for_status().json()
        assert answer["items"]
    house.services.once(open_answering).arms.log.flush()
    screen = show(house, view="Experiments", experiment=made)
    usual, gone = screen.table[0].value.to_dict("records")
    assert (int(usual["Lists"]), gone["Lists"]) == (int(usual["Visitors"].split()[0]), "0")
    assert "model recommender@77" in gone["How"]
    [warning] = [one.value.replace("\\", "") for one in screen.warning]
    assert f"{20 - int(usual['Lists'])} lists of its visitors were made as if there were no experiment" in warning
    assert "gone cannot answer: the model 'recommender@77' cannot answer" in warning.replace("\u2060", "")
    http.patch(f"{path}/{made}", json={"state": "stopped"}, headers=headers).raise_for_status()


def test_a_rule_is_made_changed_and_removed(house: House):
    screen = show(house, view="Rules", rule="new")
    next(one for one in screen.text_input if one.label == "Name").input("Chairs first")
    assert press(screen, "Save").warning  # a pin without items
    screen.text_area[0].input("chair")
    saved = press(screen, "Save")
    assert "chair: Chair" in said(press(saved, "Chairs first"))
    line = next(label for label in labels(saved) if "Chairs first" in label)
    assert "pins chair from place 1 on" in said(saved)
    assert "counts now" in line
    assert listed(show(house, user="bob"), "now")[0] == "Chair"
    gone = press(press(saved, "Chairs first"), "Remove")
    assert "There are no rules yet." in said(gone)


def test_an_id_that_is_no_item_is_seen_before_the_rule_is_saved(house: House):
    screen = show(house, view="Rules", rule="new")
    screen.text_area[0].input("chair\nchiar")
    warned = screen.run().warning[0].value.replace("\\", "")
    assert warned == "The catalogue has no chiar: the rule waits until it is sent."


def test_a_ban_that_ended_says_so(house: House):
    house.send(
        "rules",
        {"name": "Old", "kind": "ban", "categories": ["Food"], "ends_at": "2020-01-01T00:00:00Z"},  # type: ignore[arg-type]
    )
    screen = show(house, view="Rules")
    line = next(label for label in labels(screen) if label.startswith("Old"))
    assert "bans Food" in said(screen)
    assert "is over" in line
