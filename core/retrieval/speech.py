"""What a spoken turn asks, without its filling and its run-up. English; a text that is nothing else stays as it is."""

import re

_FILLING = re.compile(
    r"""\b(?: uh+ | u+m+ | h?mm+ | ah | oh | er | ok(?:ay)? | yeah | yes
    | perfect | great | awesome | excellent | fantastic | wonderful | all\s?right | well | cool | nice
    | thank\ you | thanks | please | that's\ fine | sounds\ good | that\ sounds\ (?:really\ )*(?:good|great|fun) )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_RUN_UP = re.compile(
    r"""\b(?: do\ you\ (?:happen\ to\ )?know\ (?:if|whether)
    | can\ you\ (?:check|tell\ me|see|find\ out)(?:\ (?:if|whether|and\ see|to\ see))*
    | could\ you\ (?:check|tell\ me)(?:\ if|\ whether)?
    | let\ me\ know\ if | i(?:'m|\ was)\ wondering\ (?:if|whether) | any\ idea\ if )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_FEWEST = 3  # words behind a run-up; fewer are no question


def asked_in(turn: str) -> str:
    """The question in a turn.

    >>> asked_in("perfect umm do you know if they have a happy hour")
    'they have a happy hour'
    >>> asked_in("ok thanks")
    'ok thanks'
    """
    plain = " ".join(_FILLING.sub(" ", turn).split())
    *before, last = _RUN_UP.split(plain)
    return (last.strip() if before and len(last.split()) >= _FEWEST else plain) or turn
