"""What the desk could not answer, grouped by what customers wanted. Reads; changes nothing."""

from collections import Counter
from collections.abc import Collection, Sequence

from apps.customer_service.pipeline.clustering import Reads, cluster_messages
from apps.customer_service.schemas.insights import GapCluster, Gaps, GapSummary, Period
from apps.customer_service.schemas.proposals import MOST_GAPS, EntryPlace
from apps.customer_service.store import gaps as store
from apps.customer_service.store.gaps import Gap, Place
from apps.customer_service.store.insights import Cohort
from core.database import Database

MOST = 2_000  # grouped at once: some seconds on two cores; the newest count


def grouped(database: Database, cohort: Cohort, answered: Collection[Place], reader: Reads, examples: int) -> Gaps:
    """Group the gaps of a period. answered: those about which something was published since;  reader: an encoder

    examples: at most so many of each group
    """
    with database.session() as session:
        found = store.in_period(session, cohort, MOST + 1)
    newest = found[:MOST]
    left = [gap for gap in newest if (gap.conversation, gap.number) not in answered]
    return Gaps(
        period=Period(start=cohort.start, end=cohort.end),
        gaps=len(left),
        answered_since=len(newest) - len(left),
        more=len(found) > MOST,
        clusters=_clusters(left, reader, examples),
    )


def _clusters(gaps: Sequence[Gap], reader: Reads, examples: int) -> list[GapCluster]:
    found = cluster_messages([gap.question for gap in gaps], reader)
    members: list[list[int]] = [[] for _ in found.clusters]
    for at, group in enumerate(found.groups.tolist()):
        members[group].append(at)
    told = []
    for each, own in zip(found.clusters, members, strict=True):
        in_order = [gaps[at] for at in dict.fromkeys((*each.examples, *own))]
        shown: dict[str, GapSummary] = {}
        for gap in in_order:
            shown.setdefault(" ".join(gap.question.casefold().split()), _summary(gap))
        told.append(
            GapCluster(
                label=each.label,
                size=len(own),
                conversations=len({gap.conversation for gap in in_order}),
                kinds=dict(Counter(gap.kind for gap in in_order)),
                collections=sorted({gap.collection for gap in in_order}),
                latest=max(gap.at for gap in in_order),
                examples=list(shown.values())[:examples],
                places=[EntryPlace(conversation=gap.conversation, number=gap.number) for gap in in_order[:MOST_GAPS]],
            )
        )
    return told


def _summary(gap: Gap) -> GapSummary:
    return GapSummary(conversation=gap.conversation, number=gap.number, question=gap.question, kind=gap.kind, at=gap.at)
