"""What people edit (agents, queues, canned replies): who decides by an old version is told so."""

from core.errors import Conflict


class EditedMeanwhile(Conflict):
    """Somebody else was faster."""

    def __init__(self, what: str, read: int, now: int) -> None:
        super().__init__(
            f"{what} has changed: you read version {read}, it is at {now}", remedy="read it again, then decide"
        )


def check_version(what: str, read: int | None, now: int) -> None:
    """read: the version that the change depends on; None where it depends on none

    raises: EditedMeanwhile
    """
    if read is not None and read != now:
        raise EditedMeanwhile(what, read, now)
