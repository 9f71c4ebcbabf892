"""What can go wrong, said once: a fact, an HTTP status, a remedy. Imports nothing of ours."""


class TriviumError(Exception):
    """The one error root: everything a person can act on derives from it.

    status: the HTTP status that it becomes;  exit_code: the exit status of the command line (1 failed, 2 wrong usage)
    retry_after_s: seconds after which a client may try again, sent as `Retry-After`
    """

    status: int = 500
    exit_code: int = 1
    retry_after_s: int | None = None

    def __init__(self, fact: str, *, remedy: str = "") -> None:
        super().__init__(fact)
        self.fact = fact
        self.remedy = remedy

    def __str__(self) -> str:
        """One sentence: what happened, then what to do.

        >>> str(TriviumError("the queue is full", remedy="try again in a second"))
        'The queue is full: try again in a second.'
        """
        sentence = f"{self.fact}: {self.remedy}" if self.remedy else self.fact
        return sentence[:1].upper() + sentence[1:].rstrip(".") + "."

    @classmethod
    def kind(cls) -> str:
        """The stable machine name of the error, as it stands in a problem's `type`.

        >>> TriviumError.kind()
        'trivium-error'
        """
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")


class Invalid(TriviumError):
    """The request, file or argument cannot be understood."""

    status = 422
    exit_code = 2


class NotFound(TriviumError):
    """The named thing does not exist."""

    status = 404


class Conflict(TriviumError):
    """The request is fine, but not in the present state."""

    status = 409


class TooLarge(TriviumError):
    """More was sent than is accepted."""

    status = 413


class Unauthorized(TriviumError):
    """No valid key came with the request."""

    status = 401


class Forbidden(TriviumError):
    """The key is valid but not allowed to do this."""

    status = 403


class TooManyRequests(TriviumError):
    """A limit of the key is used up."""

    status = 429
    retry_after_s = 60


class Overloaded(TriviumError):
    """The process has more work than it may hold."""

    status = 503
    retry_after_s = 1


class Misconfigured(TriviumError):
    """A setting, a path or a model does not fit."""

    status = 500
