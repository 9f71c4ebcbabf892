"""One signed message to one address: the attempt, what follows from it, and when the next is due. Keeps nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import httpx

from core.addresses import Resolve, resolved, target
from core.errors import TriviumError
from core.signing import signed_headers

ANSWERS_WITHIN_S = 10.0
MOST_ATTEMPTS = 10  # about 20 hours
FIRST_PAUSE_S, GROWS_BY, LONGEST_PAUSE_S = 5.0, 4.0, 21_600.0
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True)
class Letter:
    """What is sent. id: the same at every attempt, so that the receiver can tell;  body: JSON"""

    url: str
    secret: str
    id: str
    body: bytes


@dataclass(frozen=True)
class Posted:
    """How an attempt ended. status: of the answer;  problem: None: it arrived

    unsure: it was sent, or in part, and nothing was answered, so it may have arrived
    note: what is to be told although it arrived
    """

    status: int | None
    problem: str | None
    unsure: bool = False
    note: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What becomes of a message after an attempt. due_at: of the next one, where it waits"""

    state: Literal["done", "unsure", "dead", "waiting"]
    due_at: datetime | None = None


def outcome(posted: Posted, attempts: int, now: datetime, chance: Callable[[], float]) -> Outcome:
    """What follows from the latest of so many attempts. chance: see `pause`

    >>> outcome(Posted(410, "the receiver refused it"), 1, datetime(2026, 1, 1), lambda: 0.5).state
    'dead'
    """
    if posted.problem is None:
        return Outcome("done")
    if posted.unsure:
        return Outcome("unsure")
    if attempts >= MOST_ATTEMPTS or posted.status == httpx.codes.GONE:
        return Outcome("dead")
    return Outcome("waiting", now + pause(attempts, chance))


def pause(attempts: int, chance: Callable[[], float]) -> timedelta:
    """How long to wait after so many attempts: growing, and moved by chance, so that not all come back at once.

    chance: gives numbers in [0, 1);  returns: between .75 and 1.25 of the pause

    >>> [round(pause(n, lambda: 0.5).total_seconds()) for n in (1, 2, 3, 9)]
    [5, 20, 80, 21600]
    """
    seconds = min(FIRST_PAUSE_S * GROWS_BY ** (attempts - 1), LONGEST_PAUSE_S)
    return timedelta(seconds=seconds * (0.75 + 0.5 * chance()))


def post(
    client: httpx.Client, letter: Letter, now: datetime, *, to_private: bool, resolve: Resolve = resolved
) -> Posted:
    """Make one attempt, signed by the Standard Webhooks specification, to an address that is checked first.

    client: that follows no redirects and has a timeout;  to_private: whether it may lie in a private network
    """
    try:
        to = target(letter.url, to_private=to_private, resolve=resolve)
        headers = {
            "Host": to.authority,
            "Content-Type": "application/json",
            "User-Agent": "trivium-webhooks",
            **signed_headers(letter.secret, letter.id, now, letter.body),
        }
        request = client.build_request(
            "POST", to.url, content=letter.body, headers=headers, extensions={"sni_hostname": to.host}
        )
        answer = client.send(request, stream=True)  # what is answered is not read: it may never end
        answer.close()
    except TriviumError as error:
        return Posted(None, error.fact[:100])
    except httpx.TimeoutException as error:
        unsure = not isinstance(error, _NEVER_SENT)
        return Posted(None, f"no answer within {ANSWERS_WITHIN_S:.0f} s", unsure=unsure)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Posted(None, "no connection", unsure=not isinstance(error, (*_NEVER_SENT, httpx.InvalidURL)))
    if answer.is_success:
        return Posted(answer.status_code, None)
    return Posted(answer.status_code, "redirects are not followed" if answer.is_redirect else "the receiver refused it")
