"""One person's data everywhere: gone from tables and from answers that are kept for an Idempotency-Key."""

from dataclasses import dataclass

from pydantic_core import to_json

from apps.recommender.schemas.users import Erased
from apps.recommender.store.erased import Erasures
from core.idempotency.answers import Answers

SHORTEST_TRACE = 4  # characters; `"7"` stands in too many answers to tell whose they are


@dataclass(frozen=True)
class Eraser:
    """Erases users and anonymous sessions."""

    erasures: Erasures
    answers: Answers

    def erase_user(self, user: str) -> Erased:
        """Erase all that is kept of a user, whether or not anything is.

        raises: Overloaded when all is deleted but the database's log could not be emptied; erasing once more does that
        """
        events, sessions = self.erasures.of_user(user)
        return Erased(events=events, sessions=len(sessions), answers=self._forget([user, *sessions]))

    def erase_session(self, session: str) -> Erased:
        """The same for an anonymous session. raises: as `erase_user`"""
        events = self.erasures.of_session(session)
        return Erased(events=events, sessions=1, answers=self._forget([session]))

    def _forget(self, names: list[str]) -> int:
        traces = [to_json(name) for name in names if len(name) >= SHORTEST_TRACE]
        gone = self.answers.forget_mentioning(traces) if traces else 0
        self.erasures.database.scrub()
        return gone
