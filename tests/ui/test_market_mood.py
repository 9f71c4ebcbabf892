"""The monitor's pages over its API: what stands where, and what a click sends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from streamlit.testing.v1 import AppTest

from tests.ui.mood_api import Told, empty_archive, mood_api
from ui.client import Client

NOW = datetime.now(UTC).replace(microsecond=0)  # the pages ask for the last days


@dataclass
class Monitor:
    """A client, and what it asked for."""

    client: Client
    told: Told


@pytest.fixture(scope="module")
def sample() -> tuple[FastAPI, Told]:
    return mood_api(NOW)


@pytest.fixture
def monitor(sample: tuple[FastAPI, Told], client_of: Callable[[FastAPI], Client]) -> Monitor:
    app, told = sample
    told.reads.clear()
    told.writes.clear()
    return Monitor(client_of(app), told)


@pytest.fixture
def empty(client_of: Callable[[FastAPI], Client]) -> Monitor:
    app, told = mood_api(NOW, empty_archive())
    return Monitor(client_of(app), told)


def page(client):
    from apps.finance_sentiment.dashboard import render

    render(client)


def show(monitor: Monitor, **address: str) -> AppTest:
    screen = AppTest.from_function(page, kwargs={"client": monitor.client}, default_timeout=60)
    for name, value in address.items():
        screen.query_params[name] = value
    run = screen.run()
    assert not run.exception
    return run


def html(screen: AppTest) -> str:
    return "\n".join(element.proto.body for element in screen.get("html"))


def markdown(screen: AppTest) -> str:
    return "\n".join(one.value for one in (*screen.markdown, *screen.caption, *screen.subheader)).replace("\\", "")


def labels(screen: AppTest) -> list[str]:
    return [button.label.replace("\\", "") for button in screen.button]


def press(screen: AppTest, words: str) -> AppTest:
    button = next(one for one in screen.button if words in one.label.replace("\\", ""))
    run = button.click().run()
    assert not run.exception
    return run


def table(screen: AppTest, at: int = 0) -> Any:
    return screen.dataframe[at].value


def test_the_watchlist_shows_what_moved_most_first(monitor: Monitor):
    shown = table(show(monitor))
    changes = [abs(change) for change in shown["24 h"].dropna()]
    assert changes == sorted(changes, reverse=True)
    assert set(shown["Company"]) >= {"Kestova Motors", "Harbor Insurance"}
    assert "Telvaro" not in set(shown["Company"])  # nobody watches it


def test_moods_stand_in_words_and_numbers(monitor: Monitor):
    moods = dict(zip(table(show(monitor))["Company"], table(show(monitor))["Mood now"], strict=True))
    assert moods["Dunmallow Foods"].startswith("▼ very negative, −0.")  # noqa: RUF001


def test_all_companies_can_be_shown_and_searched(monitor: Monitor):
    everything = show(monitor, which="All companies")
    assert len(table(everything)) == 24
    found = show(monitor, which="All companies", find="telva")
    assert list(table(found)["Company"]) == ["Telvaro"]


def test_a_sector_is_chosen_by_the_address(monitor: Monitor):
    assert set(table(show(monitor, sector="Health care"))["Sector"]) == {"Health care"}


def test_the_watchlist_asks_once_for_all(monitor: Monitor):
    show(monitor)
    assert [read for read in monitor.told.reads if read.startswith("/v1/finance/overview")] == [
        "/v1/finance/overview?limit=1000&watched=true"
    ]


def test_open_alerts_stand_on_top_and_lead_to_the_inbox(monitor: Monitor):
    screen = show(monitor)
    line = next(label for label in labels(screen) if "Dunmallow Foods" in label)
    assert "mood fell to -0.61" in line
    opened = press(screen, "Dunmallow Foods")
    assert opened.session_state["view"] == "Alerts"
    assert "Acknowledge" in labels(opened)


def test_texts_that_are_still_to_be_read_are_told_above_every_view(client_of: Callable[[FastAPI], Client]):
    app, told = mood_api(NOW, waiting=5_321)
    for view in ("Watchlist", "Alerts"):
        said = markdown(show(Monitor(client_of(app), told), view=view))
        assert "Older texts are still being read: 5,321 wait, back to" in said


def test_nothing_is_said_of_reading_that_keeps_up(monitor: Monitor):
    assert "being read" not in markdown(show(monitor))


def test_an_empty_archive_says_how_news_gets_in(empty: Monitor):
    screen = show(empty)
    assert "Nothing has been captured yet." in markdown(screen)
    assert "trivium finance import" in markdown(screen)
    assert "Kind" in [one.label for one in press(screen, "Add a source").get("button_group")]


def test_a_company_shows_its_curve_with_alerts(monitor: Monitor):
    screen = show(monitor, view="Company", company="dunmallow")
    assert [one.label for one in screen.metric] == [
        "Mood now",
        "Against 24 h ago",
        "Against 7 days ago",
        "Stories in 24 h",
    ]
    curve = screen.get("vega_lite_chart")[0].proto.spec
    assert "mood fell to -0.61" in curve
    assert '"domain": [-1, 1]' in curve


def test_the_curve_is_asked_for_with_its_bucket_and_what_was_known(monitor: Monitor):
    show(monitor, view="Company", company="dunmallow", period="7 days", **{"as-known-on": "2026-01-02"})
    asked = next(read for read in monitor.told.reads if "/timeline" in read)
    assert "bucket=1h" in asked
    assert "as_of=2026-01-0" in asked
    assert "half_life=24h" in asked


def test_stories_open_their_texts_and_the_first_stands_beside(monitor: Monitor):
    screen = show(monitor, view="Company", company="dunmallow")
    opened = press(screen, "Dunmallow")
    assert screen.query_params["document"]
    assert 'class="mood-title"' in html(opened)
    assert "against-" in html(opened) or "for-" in html(opened)
    assert "relevance" in markdown(opened)


def test_a_mood_is_corrected_by_one_click(monitor: Monitor):
    screen = press(show(monitor, view="Company", company="dunmallow"), "Dunmallow")
    wrong = next(button for button in screen.button if button.label == "▲ positive")
    wrong.click().run()
    method, path, body = monitor.told.writes[-1]
    assert (method, path, body["label"]) == ("POST", "/v1/finance/corrections", "positive")
    assert isinstance(body["reading"], int)


def test_a_company_and_a_story_are_corrected_too(monitor: Monitor):
    screen = press(show(monitor, view="Company", company="dunmallow"), "Dunmallow")
    document = int("".join(screen.query_params["document"]))
    screen = press(screen, "This is not about Dunmallow Foods")
    assert monitor.told.writes[-1][2] == {"document": document, "entity": "dunmallow", "linked": False}
    press(screen, "This is a story of its own")
    assert monitor.told.writes[-1][2] == {"document": document, "story": "new"}


def test_a_document_that_is_gone_is_the_apis_sentence(monitor: Monitor):
    screen = show(monitor, view="Company", company="dunmallow", document="99999")
    assert "There is no document 99999" in screen.error[0].value.replace("\\", "")


def test_an_unknown_company_is_said_to_be_none(monitor: Monitor):
    assert "There is no company “acme”." in markdown(show(monitor, view="Company", company="acme"))


def test_a_company_is_taken_off_the_watchlist(monitor: Monitor):
    press(show(monitor, view="Company", company="dunmallow"), "Unwatch")
    assert monitor.told.writes == [("PUT", "/v1/finance/entities/dunmallow/watched", {"watched": False})]
    press(show(monitor, view="Company", company="dunmallow"), "Watch")
    assert monitor.told.writes[-1][2] == {"watched": True}


def test_search_asks_by_words_company_and_mood(monitor: Monitor):
    screen = show(monitor, view="Search", q="recall", about="Dunmallow Foods", mood="negative")
    asked = next(read for read in monitor.told.reads if "/documents?" in read)
    assert "q=recall" in asked
    assert "entity=dunmallow" in asked
    assert "mood=negative" in asked
    assert any("recall" in label for label in labels(screen))


def test_search_without_a_hit_says_what_to_try(monitor: Monitor):
    assert "Nothing fits." in markdown(show(monitor, view="Search", q="xyzzy"))


def test_an_alert_tells_what_changed_and_which_stories_drive_it(monitor: Monitor):
    screen = show(monitor, view="Alerts")
    said = markdown(screen)
    assert "**Mood:** −0.61 in 3 h, against +0.04 (the 28 days before)" in said  # noqa: RUF001
    assert "**Volume:** 14 stories in 3 h, against 1.8" in said
    assert "less than once in a million" in said
    assert "quotation" in html(screen)


def test_acknowledging_is_the_only_primary_step(monitor: Monitor):
    screen = show(monitor, view="Alerts")
    primary = [button.label for button in screen.button if button.proto.type == "primary"]
    assert primary == ["Acknowledge"]
    press(screen, "Acknowledge")
    assert monitor.told.writes[-1][1].endswith("/acknowledge")


def test_alerts_are_snoozed_and_companies_muted(monitor: Monitor):
    screen = show(monitor, view="Alerts")
    press(screen, "For 4 hours")
    assert monitor.told.writes[-1][2] == {"note": "", "minutes": 240}
    press(show(monitor, view="Alerts"), "No alerts of this company for 1 week")
    assert monitor.told.writes[-1][1] == "/v1/finance/mutes"
    assert monitor.told.writes[-1][2]["hours"] == 168


def test_the_history_shows_closed_alerts_too(monitor: Monitor):
    screen = show(monitor, view="Alerts", alerts="All, newest first")
    assert sum("closed" in label for label in labels(screen)) >= 8


def test_no_alert_is_no_empty_page(empty: Monitor):
    assert "No alert is open." in markdown(show(empty, view="Alerts"))


def test_a_rule_is_tried_then_saved(monitor: Monitor):
    screen = show(monitor, view="Alerts", part="Rules", rule="new")
    screen.text_input[0].input("Watchlist sours")
    screen = press(screen, "Try it on the last 30 days")
    assert "would have told **3 times**" in markdown(screen)
    assert monitor.told.writes[-1][2]["what"]["below"] == -0.3
    press(screen, "Save")
    sent = monitor.told.writes[-1]
    assert (sent[1], sent[2]["name"]) == ("/v1/finance/rules", "Watchlist sours")
    listed = show(monitor, view="Alerts", part="Rules")
    assert any("Watchlist sours" in label and "mood below" in label for label in labels(listed))


def test_a_rule_that_cannot_be_is_refused_in_a_sentence(monitor: Monitor):
    screen = press(show(monitor, view="Alerts", part="Rules", rule="new"), "Save")
    assert screen.warning
    assert not monitor.told.writes


def test_a_channel_shows_its_secret_once(monitor: Monitor):
    screen = show(monitor, view="Alerts", part="Where alerts go")
    screen.text_input[0].input("Trading desk")
    screen.text_input[1].input("https://hooks.example/mood")
    screen = press(screen, "Add")
    assert [one.value for one in screen.code] == ["whsec_shown_once"]
    screen = press(screen, "I have it")
    assert not screen.code
    press(screen, "Send a test")
    assert monitor.told.writes[-1][1].endswith("/test")
    screen = press(show(monitor, view="Alerts", part="Where alerts go"), "Send again")
    assert monitor.told.writes[-1][1] == "/v1/finance/deliveries/msg_1/resend"


def test_one_decision_is_one_click_and_the_next_text_follows(monitor: Monitor):
    screen = show(monitor, view="Correct")
    first = html(screen)
    screen = press(screen, "Negative")
    assert monitor.told.writes[-1][2]["label"] == "negative"
    assert html(screen) != first


def test_skipping_sends_nothing(monitor: Monitor):
    screen = show(monitor, view="Correct")
    first = html(screen)
    assert html(press(screen, "Skip")) != first
    assert not monitor.told.writes


def test_failing_sources_say_why(monitor: Monitor):
    screen = show(monitor, view="Sources")
    assert "2 sources: 1 works, 1 fails" in markdown(screen)
    assert "status 503" in screen.warning[0].value
    assert list(table(screen)["State"]) == ["✓ works", "✗ fails"]


def test_a_source_is_tried_then_added(monitor: Monitor):
    screen = show(monitor, view="Sources")
    screen.text_input[0].input("https://news.example/feed.xml")
    screen = press(screen, "Try it")
    assert "12 texts" in screen.success[0].value
    press(screen, "Add")
    assert monitor.told.writes[-1][1] == "/v1/finance/sources"
    assert monitor.told.writes[-1][2]["every_seconds"] == 300


def test_a_source_that_is_none_is_refused_in_the_apis_words(monitor: Monitor):
    screen = show(monitor, view="Sources")
    screen.text_input[0].input("https://bad.example/")
    assert "answers with no feed" in press(screen, "Try it").error[0].value.replace("\\", "")


def test_texts_name_their_source_by_its_title(monitor: Monitor):
    found = "\n".join(labels(show(monitor, view="Search", about="kestova")))
    assert ":gray[Morning Wire" in found
    assert "demo-morning-wire" not in found


def test_the_model_shows_figures_with_their_interval_and_size(monitor: Monitor):
    screen = show(monitor, view="Model")
    figures = screen.table[0].value
    assert figures[["Value", "95 % interval", "Texts"]].iloc[0].tolist() == ["0.900", "0.880 to 0.920", "2,000"]
    assert "Calibration error 0.012" in markdown(screen)
