"""Read conversations to learn replies from; a row that cannot be used is named first. Knows no model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.generation.conversation import Conversation, Unclear, conversation_of
from core.rows import BadRow, read_rows
from core.training.held_out import hold_out
from core.training.sources import Source, Unusable, fingerprint, gather

FEWEST = 10  # different beginnings, so that some can be held out


@dataclass(frozen=True)
class Conversations:
    """Conversations, each once, in order. repeated: how many were left out because they stood there before"""

    rows: tuple[Conversation, ...]
    sources: tuple[Source, ...]
    repeated: int = 0

    @property
    def fingerprint(self) -> str:
        """Names the data."""
        return fingerprint(self.sources)

    @property
    def replies(self) -> int:
        """How often the assistant speaks."""
        return sum(message["role"] == "assistant" for row in self.rows for message in row)


def read_conversations(paths: Sequence[Path]) -> Conversations:
    """Rows `{"messages": [{"role", "content"}, …]}` or `{"text", "reply"}`, each with a reply of the assistant.

    raises: Invalid naming the file or line that cannot be used, Unusable when there is none
    """
    rows, sources = gather(
        paths, _read, lacking="rows", remedy='put rows with "messages", or "text" and "reply", into it'
    )
    kept = {repr(row): row for row in rows}
    return Conversations(tuple(kept.values()), sources, len(rows) - len(kept))


def check_enough(conversations: Conversations) -> None:
    """raises: Unusable when there are too few"""
    if (found := len({opening(row) for row in conversations.rows})) < FEWEST:
        raise Unusable(
            f"there are only {found} conversations that begin differently", remedy=f"give at least {FEWEST} of them"
        )


def conversations_apart(
    conversations: Conversations, valid: Conversations | None, seed: int
) -> tuple[list[Conversation], list[Conversation]]:
    """Conversations to learn from and others to measure with; none of them begins with the same words.

    raises: Unusable when nothing is left to learn from
    """
    openings = list(dict.fromkeys(map(opening, conversations.rows)))
    if valid is not None:
        held, among = list(valid.rows), {opening(row) for row in valid.rows}
    else:
        among = {openings[at] for at in hold_out(len(openings), seed)}
        held = [row for row in conversations.rows if opening(row) in among]
    learned = [row for row in conversations.rows if opening(row) not in among]
    if not learned:
        raise Unusable("every conversation begins as one of the validation rows", remedy="give others to learn from")
    return learned, held


def opening(conversation: Conversation) -> str:
    """What the user says first."""
    return next(message["content"] for message in conversation if message["role"] == "user")


def _read(path: Path) -> Iterator[Conversation]:
    for row in read_rows(path, column=None):
        try:
            conversation = conversation_of(row.fields)
        except Unclear as error:
            raise BadRow(path, row.line, str(error)) from error
        roles = [message["role"] for message in conversation]
        if "user" not in roles or "assistant" not in roles[roles.index("user") :]:
            raise BadRow(path, row.line, "has no reply of the assistant to the user")
        yield conversation
