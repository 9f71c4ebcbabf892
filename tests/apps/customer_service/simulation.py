"""Customers and agents who live through servers and connections that die: each goes on as a real client would."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

QUESTION = "What does a new card cost?"
PERSON = "I want to talk to a human, please."
ROW = {"id": "fee", "question": QUESTION, "answer": "A new card costs £5."}
API = "/v1/support"
IMPATIENT = 0.1  # of the requests: the client hangs up, whether or not the server has done the work by then
Body = dict[str, Any]


@dataclass
class Doors:
    """The servers' addresses, of which some may be down; a request goes to any until one answers.

    waits: how often a request had to be sent again
    """

    addresses: list[str]
    client: httpx.AsyncClient
    chance: random.Random
    waits: int = 0

    async def send(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """returns: the first answer that is not "try again" """
        while True:
            impatient = {"timeout": 0.3 * self.chance.random()} if self.chance.random() < IMPATIENT else {}
            try:
                address = self.chance.choice(self.addresses) + API + path
                answer = await self.client.request(method, address, **sent, **impatient)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code not in (429, 503):
                assert answer.status_code < 500, answer.text
                return answer
            self.waits += 1
            await asyncio.sleep(0.05 + 0.1 * self.chance.random())

    async def get(self, path: str) -> Body:
        answer = await self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def once(self, method: str, path: str, body: Body) -> httpx.Response:
        """For what may be sent again without harm, as messages with a client_id may."""
        return await self.send(method, path, json=body)


@dataclass
class Watch:
    """Looks at all chats at once, as a supervisor's page does: two hundred customers that ask each second would be the
    load themselves. states: of each chat;  looked: rises with every look that has ended
    """

    doors: Doors
    done: asyncio.Event
    states: dict[str, Body] = field(default_factory=dict)
    looked: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def live(self) -> None:
        while not self.done.is_set():
            path, cursor = "/conversations?limit=200", ""
            seen: dict[str, Body] = {}
            while cursor is not None:
                page = await self.doors.get(path + (f"&cursor={cursor}" if cursor else ""))
                seen |= {chat["id"]: chat for chat in page["items"]}
                cursor = page["next_cursor"]
            async with self.looked:
                self.states = seen
                self.looked.notify_all()
            await asyncio.sleep(0.5)

    async def until(self, chat: str, holds: Callable[[Body], bool]) -> None:
        """Wait for two looks, as the first may have begun before what the caller did."""
        async with self.looked:
            await self.looked.wait()
            while True:
                await self.looked.wait()
                if holds(self.states.get(chat, {"state": "", "pending": True})):
                    return


@dataclass
class Customer:
    """One chat. sent: client_ids of the messages that were acknowledged, in order"""

    doors: Doors
    watch: Watch
    number: int
    chat: str = ""
    sent: list[str] = field(default_factory=list)

    async def live(self) -> None:
        """Ask, ask for a person, tell what it is about, wait until it is solved; every other one comes back."""
        await self._say(f"{QUESTION} ({self.number})")
        await self.watch.until(self.chat, lambda chat: not chat["pending"])
        if self.number % 3:
            assert (await self.doors.once("POST", f"/conversations/{self.chat}/handoff", {})).status_code == 200
        else:
            await self._say(PERSON)
        await self._say(f"It is about order {self.number}.")
        await self.watch.until(self.chat, lambda chat: chat["state"] == "resolved")
        if self.number % 2:
            await self._say("It happened again.")
            await self.watch.until(self.chat, lambda chat: chat["state"] == "resolved")

    async def _say(self, text: str) -> None:
        client_id = f"m-{len(self.sent)}"
        body = {"text": text, "client_id": client_id}
        answer = await self.doors.once("POST", f"/conversations/{self.chat}/messages", body)
        assert answer.status_code == 201, answer.text
        self.sent.append(client_id)


@dataclass
class Agent:
    """Takes chats and solves them. said: (chat, client_id) of the replies that were acknowledged"""

    doors: Doors
    name: str
    done: asyncio.Event
    said: set[tuple[str, str]] = field(default_factory=set)

    async def live(self) -> None:
        while not self.done.is_set():
            queue = await self.doors.get(f"/queue?agent={self.name}")
            mine = [chat["id"] for chat in queue["mine"]]
            if not mine and queue["waiting"]:
                # Two ways to a chat: the next one, and one that others are also about to take.
                if self.doors.chance.random() < 0.5:
                    await self.doors.once("POST", "/queue/take-next", {"agent": self.name})
                else:
                    wanted = queue["waiting"][0]["id"]
                    await self.doors.once("POST", f"/conversations/{wanted}/assign", {"agent": self.name})
                continue
            for chat in mine:
                await self._solve(chat)
            if not mine:
                await asyncio.sleep(0.3)

    async def _solve(self, chat: str) -> None:
        """A reply, then the end, if the customer has not written meanwhile: the version that was read says so."""
        seen = await self.doors.get(f"/desk/{chat}")
        client_id = f"solved-{seen['entries'][-1]['number']}"
        body = {"agent": self.name, "text": "It is solved.", "client_id": client_id}
        answer = await self.doors.once("POST", f"/conversations/{chat}/reply", body)
        if answer.status_code == 201:
            self.said.add((chat, client_id))
        seen = await self.doors.get(f"/desk/{chat}?after={seen['entries'][-1]['number']}")
        if any(entry["role"] == "customer" for entry in seen["entries"]):
            return
        step = {"agent": self.name, "reason": "answered", "version": seen["chat"]["version"]}
        done = await self.doors.once("POST", f"/conversations/{chat}/resolve", step)
        assert done.status_code in (200, 409), done.text  # 409: an answer to the first attempt was lost on its way


@dataclass(frozen=True)
class Lived:
    """What became of it."""

    customers: Sequence[Customer]
    agents: Sequence[Agent]
    waits: int


async def live(
    addresses: list[str], key: str, chats: int, agents: int, disturb: Callable[[asyncio.Event], Awaitable[None]]
) -> Lived:
    """Let so many customers and agents live at once, all under the same disturbance.

    disturb: runs beside them until the event is set
    """
    done, chance = asyncio.Event(), random.Random(7)
    limits = httpx.Limits(max_connections=48, max_keepalive_connections=48)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(headers=headers, timeout=httpx.Timeout(90, pool=None), limits=limits) as client:
        doors = Doors(addresses, client, chance)
        team = [Agent(doors, f"agent-{n}", done) for n in range(agents)]
        for agent in team:
            body = {"name": agent.name, "skills": [], "most_chats": 4, "status": "online"}
            assert (await doors.once("PUT", f"/agents/{agent.name}", body)).status_code == 200
        watch = Watch(doors, done)
        crowd = [Customer(doors, watch, n) for n in range(chats)]
        for customer in crowd:
            # Patiently: sent twice without an Idempotency-Key, it would begin two conversations.
            begun = await client.post(f"{addresses[0]}{API}/conversations", json={"customer": f"c-{customer.number}"})
            customer.chat = begun.json()["conversation"]["id"]
        disturbance = asyncio.create_task(disturb(done))
        working = [asyncio.create_task(one.live()) for one in (*team, watch)]
        try:
            await asyncio.gather(*(customer.live() for customer in crowd))
        finally:
            done.set()
            await asyncio.gather(*working, disturbance)
    return Lived(crowd, team, doors.waits)
