"""The monitor's API as its pages see it, over the sample's invented news: fast, and it remembers what it was told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Body, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

from apps.finance_sentiment.sample.archive import OUTLETS, Archive, SampleDocument, companies
from apps.finance_sentiment.sample.events import generate

SCORES = {"negative": -0.72, "neutral": 0.02, "positive": 0.69}
SHARES = {
    "negative": {"negative": 0.81, "neutral": 0.1, "positive": 0.09},
    "neutral": {"negative": 0.09, "neutral": 0.81, "positive": 0.1},
    "positive": {"negative": 0.1, "neutral": 0.09, "positive": 0.81},
}
HOUR = timedelta(hours=1)


@dataclass
class Told:
    """What the pages asked for and sent. reads: paths with their query;  writes: method, path, body"""

    reads: list[str] = field(default_factory=list)
    writes: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)


def empty_archive() -> Archive:
    """Companies, and no news yet."""
    return Archive(dict(companies()), [], [])


def mood_api(
    now: datetime, archive: Archive | None = None, more_companies: int = 0, waiting: int = 0
) -> tuple[FastAPI, Told]:
    """Build it. archive: None takes the sample's;  more_companies: that nothing is written about

    waiting: texts that are still to be read
    """
    return _Api(now, archive or generate(now), more_companies, waiting).app()


class _Api:
    def __init__(self, now: datetime, archive: Archive, more_companies: int, waiting: int) -> None:
        self.now = now
        self.told = Told()
        self.waiting = waiting
        self.documents = archive.documents
        self.names = {entity: edit.name for entity, edit in archive.companies.items()}
        self.sectors = {entity: edit.sector for entity, edit in archive.companies.items()}
        self.watched = {entity for entity, edit in archive.companies.items() if edit.watched}
        for number in range(more_companies):
            self.names[f"extra-{number}"], self.sectors[f"extra-{number}"] = f"Extra {number}", "Industrials"
        self.stories: dict[str, list[int]] = defaultdict(list)
        self.of_entity: dict[str, list[int]] = defaultdict(list)
        for number, document in enumerate(self.documents):
            self.stories[self._story(document)].append(number)
            for entity in document.moods:
                self.of_entity[entity].append(number)
        self.story_ids = {key: number for number, key in enumerate(self.stories, start=1)}
        self.story_keys = {number: key for key, number in self.story_ids.items()}
        self.alerts = [self._alert(number, event) for number, event in enumerate(archive.events) if event.alert]
        self.rules: list[dict[str, Any]] = []
        self.channels: list[dict[str, Any]] = []
        self.mutes: list[dict[str, Any]] = []
        self.sources = (
            [self._source("demo-morning-wire", "ok"), self._source("demo-bourse-daily", "failing")]
            if archive.documents
            else []
        )

    def _source(self, name: str, state: str) -> dict[str, Any]:
        reason = "" if state == "ok" else "The server answered with status 503; next try in 4 minutes."
        last = self.now - (timedelta(seconds=40) if state == "ok" else timedelta(hours=3))
        return {
            "id": name, "kind": "feed", "address": f"https://{name}.example/feed.xml", "title": OUTLETS.get(name, ""),
            "every_seconds": 60,
            "enabled": True, "state": state, "reason": reason, "last_success_at": last.isoformat(),
            "last_polled_at": last.isoformat(), "next_at": (self.now + timedelta(minutes=4)).isoformat(),
            "failures": 0 if state == "ok" else 5, "items_seen": 1200, "items_new": 1140,
            "created_at": last.isoformat(),
        }  # fmt: skip

    @staticmethod
    def _story(document: SampleDocument) -> str:
        return document.external_id.partition("-c")[0]

    def is_echo(self, number: int) -> bool:
        """Whether it is not the first of its story."""
        return self.stories[self._story(self.documents[number])][0] != number

    def reading(self, number: int, entity: str, *, explain: bool = False) -> dict[str, Any]:
        """What is read from a document for a company."""
        document = self.documents[number]
        label = document.moods[entity]
        score = SCORES[label]
        words, at = [], 0
        for at_word, word in enumerate(document.title.split(" ")):
            if explain and len(word) > 3 and at_word:
                words.append({"start": at, "end": at + len(word), "weight": ((at_word * 37) % 11 - 4) / 10})
            at += len(word) + 1
        start = max(document.title.find(self.names[entity].split()[0]), 0)
        return {
            "id": number * 10 + list(document.moods).index(entity), "entity": entity, "name": self.names[entity],
            "relevance": 90 - 40 * list(document.moods).index(entity), "enough": True, "label": label, "score": score,
            "confidence": 0.81, "probabilities": {"negative": 0.1, "neutral": 0.09, "positive": 0.81},
            "sentence": document.title, "start": start, "end": start + len(self.names[entity].split()[0]),
            "model": "finance-mood@1", "corrected_by": None, "tokens": words,
        }  # fmt: skip

    def line(self, number: int, entity: str | None) -> dict[str, Any]:
        """A document in a list."""
        document = self.documents[number]
        about = [one for one in document.moods if entity in (None, one)]
        return {
            "id": number + 1, "title": document.title, "source": document.source, "url": document.url,
            "published_at": document.published_at.isoformat(), "story": self.story_ids[self._story(document)],
            "fetched_at": document.published_at.isoformat(), "dated": True, "text": document.text[:200], "read": True,
            "echo": self.is_echo(number),
            "readings": [
                self.reading(number, one) | {"mood": document.moods[one], **SHARES[document.moods[one]]}
                for one in about
            ],
        }  # fmt: skip

    def points(self, entity: str, start: datetime, end: datetime, step: timedelta) -> list[dict[str, Any]]:
        """A curve."""
        made: list[dict[str, Any]] = []
        weight = weighted = 0.0
        numbers = [n for n in self.of_entity[entity] if start - 10 * step <= self.documents[n].published_at < end]
        at, place = start - 10 * step, 0
        decay = 0.5 ** (step / timedelta(hours=24))
        while at < end:
            weight, weighted = weight * decay, weighted * decay
            counts, volume, echoes = dict.fromkeys(SCORES, 0), 0, 0
            while place < len(numbers) and self.documents[numbers[place]].published_at < at + step:
                number = numbers[place]
                place += 1
                if self.is_echo(number):
                    echoes += 1
                    continue
                label = self.documents[number].moods[entity]
                counts[label], volume = counts[label] + 1, volume + 1
                weight, weighted = weight + 0.9, weighted + 0.9 * SCORES[label]
            index = weighted / weight if weight > 0.02 else None
            if at >= start:
                spread = None if index is None else 0.3
                made.append(
                    {"start": at.isoformat(), "volume": volume, "echoes": echoes, "index": index, "dispersion": spread,
                     "evidence": weight, **counts}
                )  # fmt: skip
            at += step
        return made

    def overview(self) -> list[dict[str, Any]]:
        """The watchlist's page."""
        items = []
        start = self.now - timedelta(days=30)
        for entity, name in self.names.items():
            days = self.points(entity, start, self.now, timedelta(days=1))
            curve = [day["index"] for day in days]
            recent = [n for n in self.of_entity[entity] if self.documents[n].published_at >= self.now - 24 * HOUR]
            last = self.of_entity[entity][-1] if self.of_entity[entity] else None
            now, day, week = curve[-1], curve[-2], curve[-8]
            items.append(
                {
                    "entity": entity, "name": name, "sector": self.sectors[entity], "watched": entity in self.watched,
                    "index": now, "change_24h": None if now is None or day is None else now - day,
                    "change_7d": None if now is None or week is None else now - week,
                    "volume_24h": sum(not self.is_echo(n) for n in recent),
                    "volume_usual": sum(day["volume"] for day in days) / 30, "sparkline": curve[-30:],
                    "last_story": None if last is None else {
                        "document": last + 1, "story": self.line(last, None)["story"],
                        "title": self.documents[last].title, "at": self.documents[last].published_at.isoformat(),
                    },
                }
            )  # fmt: skip
        return items

    def _alert(self, number: int, event: Any) -> dict[str, Any]:
        numbers = [
            n for n in self.of_entity[event.entity] if event.start <= self.documents[n].published_at <= event.end
        ]
        first = [n for n in numbers if not self.is_echo(n)][:3]
        state = "open" if event.end > self.now - timedelta(days=2) else "closed"
        value, way = (-0.61, "fell") if event.direction == "negative" else (0.64, "rose")
        name = self.names[event.entity]
        return {
            "id": f"al_{number:016x}", "kind": "signal", "rule": None, "rule_name": None, "entity": event.entity,
            "entity_name": name, "severity": "high", "state": state, "lasts": state == "open",
            "headline": f"{name}: mood {way} to {value:+.2f} from +0.04",
            "opened_at": event.start.isoformat(), "updated_at": event.end.isoformat(),
            "closed_at": None if state == "open" else event.end.isoformat(), "closed_because": "",
            "acknowledged_by": None, "snoozed_until": None, "reminders": 0, "remind_at": None,
            "facts": {
                "since": event.start.isoformat(), "until": event.end.isoformat(),
                "changes": [
                    {"measure": "mood", "value": value, "baseline": 0.04, "unit": "score", "hours": 3,
                     "compared_with": "the 28 days before", "surprise": 6.2},
                    {"measure": "volume", "value": 14, "baseline": 1.8, "unit": "stories", "hours": 3,
                     "compared_with": "the same hours of the week", "surprise": 5.1},
                ],
                "stories": [self._story_told(n, event.entity) for n in first],
                "sentences": [{"document": n + 1, "text": self.documents[n].title, "mood": -0.7} for n in first],
            },
            "history": [{"number": 1, "at": event.start.isoformat(), "step": "opened", "by": "", "note": ""}],
        }  # fmt: skip

    def _story_told(self, n: int, entity: str) -> dict[str, Any]:
        document = self.documents[n]
        return {
            "story": self.story_ids[self._story(document)], "document": n + 1, "title": document.title,
            "url": document.url, "source": document.source, "published_at": document.published_at.isoformat(),
            "echoes": len(self.stories[self._story(document)]) - 1, "mood": SCORES[document.moods[entity]],
        }  # fmt: skip

    def delivery(self, event: str, state: str) -> dict[str, Any]:
        """A message to the only channel."""
        return {
            "id": "msg_1", "channel": "ch_1", "channel_name": "Trading desk", "alert": None, "event": event,
            "state": state, "attempts": 8, "status": 500, "problem": "the server answered with 500",
            "due_at": None, "created_at": self.now.isoformat(),
        }  # fmt: skip

    def app(self) -> tuple[FastAPI, Told]:
        """Put it together."""
        app = FastAPI()

        @app.middleware("http")
        async def remember(request: Request, call_next: Any) -> Response:
            if request.method == "GET":
                self.told.reads.append(str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""))
            answer: Response = await call_next(request)
            return answer

        @app.get("/v1/apps")
        def apps() -> dict[str, Any]:
            return {"apps": []}

        @app.get("/health/ready")
        def ready() -> dict[str, Any]:
            return {"broken": []}

        self._add_reads(app)
        self._add_writes(app)
        return app, self.told

    def _add_reads(self, app: FastAPI) -> None:
        @app.get("/v1/finance/backlog")
        def backlog() -> dict[str, Any]:
            since = (self.now - timedelta(days=150)).isoformat() if self.waiting else None
            return {"waiting": self.waiting, "behind": self.waiting > 512, "since": since}

        @app.get("/v1/finance/overview")
        def overview() -> dict[str, Any]:
            return {"items": self.overview(), "next_cursor": None}

        @app.get("/v1/finance/entities/{entity}/timeline")
        def timeline(
            entity: str,
            start: datetime = Query(alias="from"),
            bucket: str = "1h",
            as_of: datetime | None = None,
            kind: str = Query("json", alias="format"),
        ) -> Any:
            if kind != "json":
                return Response(b"start,index\n", media_type="text/csv")
            step = {"1h": HOUR, "6h": 6 * HOUR, "1d": 24 * HOUR, "1w": 168 * HOUR}[bucket]
            points = self.points(entity, start.astimezone(UTC), as_of.astimezone(UTC) if as_of else self.now, step)
            return {"entity": entity, "bucket": bucket, "half_life": 24, "zone": "UTC", "as_of": None, "points": points}

        @app.get("/v1/finance/entities/{entity}/stories")
        def stories(entity: str, start: datetime = Query(alias="from"), limit: int = 50) -> dict[str, Any]:
            shown = []
            for number in reversed(self.of_entity[entity]):
                document = self.documents[number]
                if self.is_echo(number) or document.published_at < start:
                    continue
                told = self.stories[self._story(document)]
                shown.append(
                    {"story": self.story_ids[self._story(document)], "title": document.title, "source": document.source,
                     "document": number + 1, "published_at": document.published_at.isoformat(),
                     "last_at": self.documents[told[-1]].published_at.isoformat(), "echoes": len(told) - 1,
                     "mood": document.moods[entity], "score": SCORES[document.moods[entity]], "relevance": 90,
                     "sentence": document.title}
                )  # fmt: skip
            return {"items": shown[:limit], "next_cursor": "more" if len(shown) > limit else None}

        @app.get("/v1/finance/documents")
        def documents(
            q: str = "", entity: str | None = None, mood: str = "", story: int | None = None, limit: int = 50
        ) -> dict[str, Any]:
            found = []
            for number in range(len(self.documents) - 1, -1, -1):
                document = self.documents[number]
                if story is not None and self.story_ids[self._story(document)] != story:
                    continue
                if entity is not None and entity not in document.moods:
                    continue
                if mood and mood not in document.moods.values():
                    continue
                if q.casefold() in document.title.casefold():
                    found.append(self.line(number, entity))
                if len(found) > limit:
                    break
            return {"items": found[:limit], "next_cursor": "more" if len(found) > limit else None}

        @app.get("/v1/finance/documents/{document}")
        def document(document: int) -> Any:
            if not 1 <= document <= len(self.documents):
                return _problem(404, f"There is no document {document}.", "See `GET /v1/finance/documents`.")
            shown = self.line(document - 1, None) | {"text": self.documents[document - 1].text, "read_at": None}
            shown["external_id"] = self.documents[document - 1].external_id
            about = self.documents[document - 1].moods
            return shown | {"readings": [self.reading(document - 1, one, explain=True) for one in about]}

        @app.get("/v1/finance/alerts")
        def alerts(state: str = "", entity: str = "", limit: int = 50) -> dict[str, Any]:
            shown = [
                one
                for one in reversed(self.alerts)
                if (not state or one["state"] == state) and (not entity or one["entity"] == entity)
            ]
            return {"items": shown[:limit], "next_cursor": None}

        @app.get("/v1/finance/alerts/{alert}")
        def alert(alert: str) -> Any:
            found = [one for one in self.alerts if one["id"] == alert]
            return found[0] if found else _problem(404, f"There is no alert {alert}.", "See `GET /v1/finance/alerts`.")

        @app.get("/v1/finance/rules")
        def rules() -> dict[str, Any]:
            return {"items": self.rules}

        @app.get("/v1/finance/channels")
        def channels() -> dict[str, Any]:
            return {"items": self.channels}

        @app.get("/v1/finance/deliveries")
        def deliveries(state: str) -> dict[str, Any]:
            shown = [self.delivery("opened", "dead")] if state == "dead" and self.channels else []
            return {"items": shown, "next_cursor": None}

        @app.get("/v1/finance/mutes")
        def mutes() -> dict[str, Any]:
            return {"items": self.mutes}

        @app.get("/v1/finance/sources")
        def sources() -> dict[str, Any]:
            return {"items": self.sources, "next_cursor": None}

        @app.get("/v1/finance/review")
        def review() -> dict[str, Any]:
            items = []
            for number in range(len(self.documents) - 1, max(-1, len(self.documents) - 40), -1):
                for entity in self.documents[number].moods:
                    read = self.reading(number, entity)
                    items.append(
                        self.line(number, None)
                        | read
                        | {"reading": read["id"], "document": number + 1, "documents": 2, "worth": 0.4}
                    )
            return {"items": items[:5], "next_cursor": None}

        @app.get("/v1/finance/model")
        def model() -> dict[str, Any]:
            bins = [{"confidence": 0.4 + at / 10, "accuracy": 0.41 + at / 10, "n": 40 + 90 * at} for at in range(6)]
            return {
                "name": "finance-mood", "version": 1, "base": "all-MiniLM-L6-v2", "trained_on": "open data",
                "figures": [
                    {"name": "macro-F1", "value": 0.9, "low": 0.88, "high": 0.92, "n": 2000, "of": "held-out headlines"}
                ],
                "calibration": bins, "error": 0.012, "on": "held-out headlines",
                "versions": [
                    {"version": 1, "created_at": self.now.isoformat(), "active": True, "origin": "shipped", "note": ""}
                ],
            }  # fmt: skip

    def _add_writes(self, app: FastAPI) -> None:
        def keep(request: Request, body: dict[str, Any]) -> None:
            self.told.writes.append((request.method, request.url.path, body))

        @app.put("/v1/finance/entities/{entity}/watched")
        def watch(entity: str, request: Request, body: dict[str, Any] = Body()) -> dict[str, Any]:
            keep(request, body)
            (self.watched.add if body["watched"] else self.watched.discard)(entity)
            return {
                "id": entity, "name": self.names[entity], "tickers": [], "sector": "", "country": "", "aliases": [],
                "context": [], "anticontext": [], "watched": body["watched"], "origin": "own", "version": 2,
                "updated_at": self.now.isoformat(),
            }  # fmt: skip

        @app.post("/v1/finance/rules/preview")
        def preview(request: Request, body: dict[str, Any] = Body()) -> dict[str, Any]:
            keep(request, body)
            firing = {
                "entity": "kestova", "name": "Kestova Motors", "opened_at": self.now.isoformat(), "closed_at": None,
                "headline": "Kestova Motors: mood fell to -0.42",
            }  # fmt: skip
            return {"alerts": 3, "per_week": 0.7, "entities": 15, "days": 30, "step_minutes": 60, "firings": [firing]}

        @app.post("/v1/finance/rules", status_code=201)
        def add_rule(request: Request, body: dict[str, Any] = Body()) -> dict[str, Any]:
            keep(request, body)
            at = self.now.isoformat()
            made = {"enabled": True, "version": 1} | body
            self.rules.append(made | {"id": f"rule_{len(self.rules):016x}", "created_at": at, "updated_at": at})
            return self.rules[-1]

        @app.put("/v1/finance/rules/{rule}")
        def put_rule(rule: str, request: Request, body: dict[str, Any] = Body()) -> dict[str, Any]:
            keep(request, body)
            found = next(one for one in self.rules if one["id"] == rule)
            found.update(body, version=found["version"] + 1)
            return found

        @app.post("/v1/finance/channels", status_code=201)
        def add_channel(request: Request, body: dict[str, Any] = Body()) -> dict[str, Any]:
            keep(request, body)
            made = {"url": "", "addresses": []} | body | {"id": f"ch_{len(self.channels):016x}", "version": 1}
            self.channels.append(made | {"created_at": self.now.isoformat()})
            return self.channels[-1] | {"secret": "whsec_shown_once" if body["kind"] == "webhook" else ""}

        @app.post("/v1/finance/channels/{channel}/test", status_code=202)
        @app.post("/v1/finance/deliveries/{channel}/resend", status_code=202)
        def send(channel: str, request: Request, body: dict[str, Any] = Body()) -> dict[str, Any]:
            keep(request, body)
            return self.delivery("test", "done")

        @app.post("/v1/finance/corrections", status_code=201)
        @app.post("/v1/finance/mutes", status_code=201)
        def write(request: Request, body: dict[str, Any] = Body()) -> dict[str, Any]:
            keep(request, body)
            return {}

        @app.post("/v1/finance/alerts/{alert}/{step}")
        def act(alert: str, step: str, request: Request, body: dict[str, Any] = Body()) -> dict[str, Any]:
            keep(request, body)
            states = {"acknowledge": "acknowledged", "snooze": "snoozed", "close": "closed", "reopen": "open"}
            found = next(one for one in self.alerts if one["id"] == alert)
            found["state"] = states[step]
            return found

        @app.post("/v1/finance/sources/test")
        def try_source(request: Request, body: dict[str, Any] = Body()) -> Any:
            keep(request, body)
            if "bad" in body["address"]:
                return _problem(422, "The address answers with no feed.", "Give the address of an RSS or Atom feed.")
            return {"title": "", "items": 12, "titles": ["Kestova recalls vans"], "every_seconds": None, "note": ""}

        @app.post("/v1/finance/sources", status_code=201)
        def add_source(request: Request, body: dict[str, Any] = Body()) -> dict[str, Any]:
            keep(request, body)
            made = self._source(f"source-{len(self.sources)}", "ok") | body | {"id": f"source-{len(self.sources)}"}
            self.sources.append(made)
            return made

        @app.post("/v1/finance/sources/{source}/poll")
        def poll(source: str, request: Request) -> dict[str, Any]:
            keep(request, {})
            return {"source": source, "ok": True, "reason": "", "changed": True, "seen": 9, "new": 2}

        @app.patch("/v1/finance/sources/{source}")
        def change_source(source: str, request: Request, body: dict[str, Any] = Body()) -> dict[str, Any]:
            keep(request, body)
            found = next(one for one in self.sources if one["id"] == source)
            found.update(body, state="new" if body["enabled"] else "paused")
            return found


def _problem(status: int, detail: str, remedy: str) -> JSONResponse:
    return JSONResponse({"detail": detail, "remedy": remedy, "type": "about:blank"}, status)
