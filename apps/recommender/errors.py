"""What can go wrong in the recommender: each a fact, a status, a remedy."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import Conflict, Invalid, Misconfigured, NotFound


class NoSuchItem(NotFound):
    """An item that never was, or was removed."""

    def __init__(self, item: str) -> None:
        super().__init__(f"there is no item {item!r:.90}", remedy="see `GET /v1/recommend/items`")


class NoSuchUser(NotFound):
    """A user of whom nothing was heard, or who was erased."""

    def __init__(self, user: str) -> None:
        super().__init__(f"there is no user {user!r:.90}", remedy="see `GET /v1/recommend/users`")


class NoSuchEvent(NotFound):
    """An event that is not kept under this id."""

    def __init__(self, event: str) -> None:
        super().__init__(f"there is no event with the id {event!r:.90}", remedy="give the id that it was sent with")


class OtherUser(Conflict):
    """A session that somebody else signed in from."""

    def __init__(self, session: str) -> None:
        super().__init__(
            f"the session {session!r:.90} belongs to another user", remedy="begin a new session at each sign-out"
        )


class NothingUsable(Invalid):
    """All rows that were sent are wrong. faults: a sentence for each of the first;  count: of all"""

    def __init__(self, faults: Sequence[tuple[int, str]], count: int) -> None:
        told = "; ".join(f"line {line}: {problem}" for line, problem in faults)
        more = f"; and {count - len(faults)} more" if count > len(faults) else ""
        what = "the only row" if count == 1 else f"none of the {count} rows"
        verb = "cannot" if count == 1 else "can"
        super().__init__(f"{what} {verb} be used ({told}{more})", remedy="correct it and send it again")


class NothingSent(Invalid):
    """A body or file without a row."""

    def __init__(self) -> None:
        super().__init__("there is no row in it", remedy="send an object, a list of objects, or JSON Lines")


class UnknownKind(Invalid):
    """A body of another kind than is read here."""

    status = 415

    def __init__(self) -> None:
        super().__init__(
            "this kind of body is not read here",
            remedy="send application/json, application/x-ndjson (JSON Lines), text/csv or "
            "application/vnd.apache.parquet as Content-Type",
        )


class GivesNoMoods(Misconfigured):
    """The chosen model tells other labels apart than moods."""

    def __init__(self, ref: str, labels: Sequence[str]) -> None:
        super().__init__(
            f"model {ref} does not read moods; its labels are {', '.join(labels)[:120]}",
            remedy="set `comment_model` to a model of the labels negative, neutral and positive",
        )


class NoSuchRule(NotFound):
    """A rule that never was, or was taken away."""

    def __init__(self, rule: int) -> None:
        super().__init__(f"there is no rule {rule}", remedy="see `GET /v1/recommend/rules`")


class UnusableFilter(Invalid):
    """An attribute filter that cannot be read."""

    def __init__(self, written: str) -> None:
        super().__init__(
            f"the filter {written!r:.90} cannot be read",
            remedy="write `name:value`, or `name:low..high` for numbers, where one end may be left out",
        )


class UnknownModel(NotFound):
    """A model that was asked for by name and cannot answer."""

    def __init__(self, ref: str, why: str) -> None:
        super().__init__(
            f"the model {ref!r:.90} cannot answer ({why})",
            remedy="leave `model` out, or give `text`, `popular` or a version such as `recommender@1`",
        )


class TooDeep(Invalid):
    """A page beyond what is ranked."""

    def __init__(self, most: int) -> None:
        super().__init__(f"no more than the first {most} places are ranked", remedy="lower `offset` or `k`")


class NotServable(Misconfigured):
    """A version that recommendations cannot be made with."""

    def __init__(self, ref: str, why: str) -> None:
        super().__init__(
            f"the version {ref} cannot recommend ({why})",
            remedy="train a new one (`trivium recommend train`), or go back to the one before",
        )


class NothingToLearn(Conflict):
    """No event speaks for any item, or nobody has several."""

    def __init__(self, why: str = "no event speaks for an item") -> None:
        super().__init__(
            f"there is nothing to learn from: {why}",
            remedy="import events of at least two users with three or more each (`trivium recommend import`)",
        )


class NotRecommending(Misconfigured):
    """A registered model of another kind."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            f"model {ref} is no recommender", remedy="train one with `trivium recommend train`, or name another"
        )


class HalfAnArm(Invalid):
    """An experiment without an arm, or an arm without its experiment."""

    def __init__(self) -> None:
        super().__init__(
            "an arm is named by its experiment and its own name",
            remedy="give both `experiment` and `arm`, or `experiment=none` for a list without any experiment",
        )


class ExportRuns(Conflict):
    """Two processes that write the same file."""

    def __init__(self, target: Path) -> None:
        super().__init__(
            f"another process writes these lists to {target.name}",
            remedy="wait until it is done, or give another --out",
        )


class TrainingRuns(Conflict):
    """Another process, on this machine, trains a version of the same name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a training of {name!r:.90} is running already", remedy="wait until it has ended")
