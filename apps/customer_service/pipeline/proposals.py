"""What people answered becomes what the desk answers: propose, edit, publish, take back.

Publishing marks the proposal first and then brings the knowledge base to what the mark says, reading it again until
nothing has changed meanwhile. So two who publish at once make one document, and whoever is last decides what it says; a
process that dies in between leaves `settled` unset, and a job goes on from there.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from apps.customer_service.pipeline import drawing_up
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.pipeline.listing import newest_first, place_of
from apps.customer_service.schemas.proposals import EntryPlace, NewProposal, Proposal, ProposalEdit
from apps.customer_service.store import gaps
from apps.customer_service.store.conversations import Conversations
from apps.customer_service.store.proposals import ProposalChanged, ProposalRow, Proposals
from core.errors import Conflict, Invalid, NotFound, Overloaded, TriviumError
from core.paging import Page
from core.privacy import PLACEHOLDERS
from core.retrieval.collections import Collections

LEFT_AFTER = timedelta(seconds=30)  # a living process has published by then
MOST_TRIES = 8
SOURCE = "answered-by-people.jsonl"  # what citations of published answers name

_PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(map(re.escape, PLACEHOLDERS.values()))})(?:_\d+)?\]")
_log = logging.getLogger(__name__)


class NothingThere(Invalid):
    """Sources without a question."""

    def __init__(self) -> None:
        super().__init__("there is no question at these places", remedy="name gaps, or send a question")


class SeveralCollections(Invalid):
    """Sources from several knowledge bases, or from none."""

    def __init__(self) -> None:
        super().__init__("the sources do not lie in one knowledge base", remedy="say which one with `collection`")


class NotReady(Invalid):
    """A proposal that customers should not read."""

    def __init__(self, fact: str, remedy: str) -> None:
        super().__init__(fact, remedy=remedy)


class NotInThisState(Conflict):
    """A step that the proposal's state does not allow."""

    def __init__(self, state: str, remedy: str) -> None:
        super().__init__(f"the proposal is {'a draft' if state == 'draft' else state}", remedy=remedy)


@dataclass(frozen=True)
class Proposing:
    """All that is done with proposals."""

    proposals: Proposals
    conversations: Conversations
    collections: Collections

    def propose(self, new: NewProposal) -> ProposalRow:
        """Draw up a draft. The same person's answer is proposed once.

        raises: NoSuchConversation, NotAPersonsAnswer, NothingThere, SeveralCollections, NoSuchCollection
        """
        places = [(gap.conversation, gap.number) for gap in new.gaps]
        with self.proposals.database.session() as session:
            found = gaps.at_places(session, places)
        drawn = drawing_up.from_gaps(found)
        wordings, answer, where = drawn.wordings, "", {gap.collection for gap in found}
        sources, entry = [(gap.conversation, gap.number) for gap in found], None
        if new.entry is not None:
            entry = (new.entry.conversation, new.entry.number)
            where.add(self.conversations.get(entry[0]).collection)
            said = self.conversations.entries(entry[0])
            person = drawing_up.from_answer(said, entry[1])
            wordings, answer = drawing_up.distinct([*person.wordings, *wordings]), person.answer
            own = [e.number for e in said if e.role == "bot" and e.number < entry[1]]
            with self.proposals.database.session() as session:
                sources += [
                    (gap.conversation, gap.number) for gap in gaps.at_places(session, [(entry[0], n) for n in own])
                ]
            sources.append(entry)
        question = new.question or next(iter(wordings), "")
        if not question:
            raise NothingThere
        if new.collection is None and len(where) != 1:
            raise SeveralCollections
        collection = self.collections.get(new.collection or where.pop()).name
        variants = wordings if new.variants is None else drawing_up.distinct(new.variants)
        return self.proposals.add(
            collection,
            question=question,
            variants=[wording for wording in variants if wording.casefold() != question.casefold()],
            answer=new.answer or answer,
            sources=list(dict.fromkeys(sources)),
            entry=entry,
        )

    def edit(self, proposal: str, edit: ProposalEdit) -> ProposalRow:
        """Change the words. What is published already stays as it is until it is published again.

        raises: NoSuchProposal, ProposalChanged, NotInThisState
        """
        with self.proposals.change(proposal) as row:
            _check_version(row, edit.version)
            if row.state == "dismissed":
                raise NotInThisState(row.state, "propose it anew")
            before = row.content()
            row.question = edit.question or row.question
            row.answer = row.answer if edit.answer is None else edit.answer
            variants = row.variants if edit.variants is None else drawing_up.distinct(edit.variants)
            row.variants = [wording for wording in variants if wording.casefold() != row.question.casefold()]
            if row.content() != before:
                self.proposals.rise(row)
        return row

    def dismiss(self, proposal: str, version: int) -> ProposalRow:
        """Put a draft aside. raises: NoSuchProposal, ProposalChanged, NotInThisState"""
        with self.proposals.change(proposal) as row:
            if row.state == "dismissed":
                return row
            _check_version(row, version)
            if row.state == "published":
                raise NotInThisState(row.state, "take it out of the knowledge base first")
            row.state = "dismissed"
            self.proposals.rise(row)
        return row

    def publish(self, proposal: str, version: int) -> ProposalRow:
        """Put it into the knowledge base; when this returns, every process answers with it. Twice is one document.

        raises: NoSuchProposal, ProposalChanged, NotInThisState, NotReady, NoSuchCollection, EncoderChanged
        """

        def mark(row: ProposalRow) -> None:
            _check_ready(row)
            row.state, row.published = "published", row.content()
            row.published_at = self.proposals.clock()

        self.collections.get(self.proposals.get(proposal).collection)
        return self._marked(proposal, version, mark)

    def unpublish(self, proposal: str, version: int) -> ProposalRow:
        """Take it out of the knowledge base; it is a draft again.

        raises: NoSuchProposal, ProposalChanged, NotInThisState
        """

        def mark(row: ProposalRow) -> None:
            if row.state == "dismissed":
                raise NotInThisState(row.state, "propose it anew")
            row.state, row.published, row.published_at = "draft", None, None

        return self._marked(proposal, version, mark)

    def settle_left_behind(self) -> int:
        """Finish what a process that died has begun. returns: how many proposals it looked at"""
        left = self.proposals.unsettled(self.proposals.clock() - LEFT_AFTER)
        for proposal in left:
            try:
                self._settle(proposal)
            except TriviumError as error:  # the others must not wait; the next round tries again
                _log.warning("a proposal could not be published", extra={"problem": error.kind()})
        return len(left)

    def _marked(self, proposal: str, version: int, mark: Callable[[ProposalRow], None]) -> ProposalRow:
        """Mark and settle. If the knowledge base refuses, the mark goes again, unless somebody has changed it since."""
        with self.proposals.change(proposal) as row:
            before = (row.state, row.published, row.published_at, row.settled)
            mark(row)
            changed = (row.state, row.published) != before[:2]
            if changed or row.version != version + 1:  # else the same decision came a second time
                _check_version(row, version)
            if changed:
                self.proposals.rise(row)
            else:
                row.published_at = before[2]
            row.settled, marked = False, row.version
        try:
            self._settle(proposal)
        except TriviumError:
            with self.proposals.change(proposal) as row:
                if row.version == marked and changed:
                    row.state, row.published, row.published_at, row.settled = before
                    self.proposals.rise(row)
            raise
        return self.proposals.get(proposal)

    def _settle(self, proposal: str) -> None:
        """Bring the knowledge base to what the proposal says. raises: Overloaded when it changes all the time"""
        for _ in range(MOST_TRIES):
            row = self.proposals.get(proposal)
            if row.state == "published" and row.published is not None:
                entry = {
                    "id": row.id,
                    "question": row.published["question"],
                    "answer": row.published["answer"],
                    "also_asked": row.published["variants"],
                }
                import_rows([entry], self.collections.get(row.collection), SOURCE)
            else:
                try:
                    self.collections.get(row.collection).remove([row.id])
                except NotFound:
                    _log.info("a proposal's knowledge base is gone, and its document with it")
            if self.proposals.settle(proposal, row.version):
                return
        raise Overloaded("the proposal is being changed all the time", remedy="try again in a second")


def page(
    proposals: Proposals, *, state: str | None, collection: str | None, cursor: str | None, limit: int
) -> Page[Proposal]:
    """Proposals, the newest first. raises: BadCursor"""
    rows = proposals.page(state=state, collection=collection, after=place_of(cursor), limit=limit + 1)
    return newest_first(rows, limit, show)


def show(row: ProposalRow) -> Proposal:
    """As it goes over the wire."""
    names = ("id", "collection", "state", "version", "question", "variants", "answer")
    return Proposal(
        **{name: getattr(row, name) for name in names},
        sources=[EntryPlace(conversation=one.conversation_id, number=one.number) for one in row.sources],
        document=row.id if row.state == "published" else None,
        changed_since=row.published is not None and row.published != row.content(),
        created_at=row.created_at,
        updated_at=row.updated_at,
        published_at=row.published_at,
    )


def _check_version(row: ProposalRow, version: int) -> None:
    if row.version != version:
        raise ProposalChanged(version, row.version)


def _check_ready(row: ProposalRow) -> None:
    """raises: NotInThisState, NotReady"""
    if row.state == "dismissed":
        raise NotInThisState(row.state, "propose it anew")
    if not row.answer:
        raise NotReady("the proposal has no answer", "write one")
    if left := _PLACEHOLDER.search(f"{row.question}\n{row.answer}"):
        raise NotReady(
            f"{left.group()} stands where personal data was", "write what every customer may read, then publish"
        )
