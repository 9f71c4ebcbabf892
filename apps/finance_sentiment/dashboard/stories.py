"""A company's stories, newest first, with how many copied each; one opens its texts."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from apps.finance_sentiment.dashboard import going
from apps.finance_sentiment.dashboard.moods import sign, with_number
from apps.finance_sentiment.dashboard.outlets import outlet
from apps.finance_sentiment.schemas.archive import DocumentShown, EntityStory
from core.paging import Page
from ui.client import Client
from ui.moments import ago, moment
from ui.paging import cursor_of, show_paging
from ui.text import escaped, label
from ui.widgets import empty_place, waiting, words

PAGE_SIZE = 12
MOST_TEXTS = 20


def show_stories(client: Client, entity: str, start: datetime) -> None:
    """Draw the list. start: of the period"""
    list_name = f"stories.{entity}.{start:%Y%m%d}"
    path = f"/v1/finance/entities/{entity}/stories"
    with waiting("Reading the stories…"):
        page = client.get(
            path, Page[EntityStory], **{"from": start.isoformat()}, limit=PAGE_SIZE, cursor=cursor_of(list_name)
        )
    st.subheader("Stories", anchor=False)
    if not page.items:
        empty_place("No stories in this period.", "Choose a longer one.")
    opened = going.number("story")
    with st.container(gap=None):
        for story in page.items:
            _show_story(client, story, entity, is_open=story.story == opened)
    show_paging(list_name, page.next_cursor)


def _show_story(client: Client, story: EntityStory, entity: str, *, is_open: bool) -> None:
    title, told = st.columns([5, 2], vertical_alignment="center")
    title.button(
        f"{sign(_index(story))} {label(story.title, most=110)}".strip(),
        key=f"finance.story.{story.story}",
        type="tertiary",
        help=with_number(_index(story)),
        on_click=_toggle,
        args=(story.story, story.document),
    )
    local, utc = moment(story.published_at, st.context.timezone)
    copies = f" · {story.echoes} {'copy' if story.echoes == 1 else 'copies'}" if story.echoes else ""
    when = ago(story.published_at, datetime.now(UTC))
    with told:
        words(f'<time title="{escaped(local)} / {escaped(utc)}">{escaped(when)}</time>{copies}', "stamp")
    if is_open:
        _show_texts(client, story, entity)


def _index(story: EntityStory) -> float | None:
    return None if story.mood == "unclear" else story.score


def _toggle(story: int, document: int) -> None:
    if going.number("story") == story:
        going.put(story=None, document=None)
    else:
        going.put(story=story, document=document)


def _show_texts(client: Client, story: EntityStory, entity: str) -> None:
    page = client.get("/v1/finance/documents", Page[DocumentShown], story=story.story, limit=MOST_TEXTS)
    with st.container(border=True, gap=None):
        for line in page.items:
            show_text_line(client, line)
        if page.next_cursor:
            st.caption(f"The first {MOST_TEXTS}.")


def show_text_line(client: Client, line: DocumentShown, key: str = "text") -> None:
    """A text as a button that opens it beside."""
    local, _ = moment(line.published_at, st.context.timezone)
    copy = " · copy" if line.echo else ""
    index = line.readings[0].score if line.readings and line.readings[0].mood != "unclear" else None
    told = f"{label(outlet(client, line.source), most=40)} · {label(local)}{copy}"
    st.button(
        f"{sign(index)} {label(line.title, most=90)} :gray[{told}]".strip(),
        key=f"finance.{key}.{line.id}",
        type="tertiary",
        icon=":material/article:",
        on_click=going.put,
        kwargs={"document": line.id},
    )
