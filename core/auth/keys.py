"""API keys: made, listed, revoked, found. Shown once, when it is made; afterwards only its hash is known.

The hash is one SHA-256 without salt. That is right here and would be wrong for passwords: the secret is 256
random bits, so there is no dictionary to try and nothing for argon2's slowness to slow down, while a slow
hash on every request would let anybody keep the processor busy with made-up keys.
"""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from core.auth.scopes import CORE_SCOPES
from core.auth.tables import ApiKeyRow
from core.database import Database
from core.errors import Invalid, NotFound

SHAPE = re.compile(r"trv_([a-z0-9]{8})_[A-Za-z0-9_-]{43}")
USE_NOTED_EVERY = timedelta(minutes=1)
HIGHEST_LIMIT = 2_000_000_000  # what a 32-bit column holds

_HANDLE = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class Key:
    """What is known about a key. prefix: its public handle;  limits: None means the server's own"""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None

    def is_valid(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class NewKey:
    """A key at the one moment when it can be read. key: `trv_<prefix>_<43 characters>`"""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    key: str = field(repr=False)


def create_key(
    database: Database,
    name: str,
    scopes: Iterable[str],
    *,
    known_scopes: Iterable[str],
    now: datetime,
    expires_at: datetime | None = None,
    requests_per_minute: int | None = None,
    tokens_per_minute: int | None = None,
) -> NewKey:
    """Make a key with 256 random bits.

    known_scopes: those of the installed apps; core's own are always known
    returns: the key, which can never be read again
    raises: Invalid for an empty name, an unknown scope, a time that has passed, a limit below one
    """
    wanted = sorted(set(scopes))
    known = {*CORE_SCOPES, *known_scopes}
    _check(name, wanted, known, now, expires_at, (requests_per_minute, tokens_per_minute))
    prefix = "".join(secrets.choice(_HANDLE) for _ in range(8))
    secret = f"trv_{prefix}_{secrets.token_urlsafe(32)}"
    row = ApiKeyRow(
        name=name.strip(),
        prefix=prefix,
        hash=_hash(secret),
        scopes=wanted,
        created_at=now,
        expires_at=expires_at,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
    )
    with database.session(write=True) as session:
        session.add(row)
        session.flush()
        return NewKey(row.id, row.name, prefix, tuple(wanted), secret)


def list_keys(database: Database) -> list[Key]:
    """All keys, the revoked and expired ones too, oldest first."""
    with database.session() as session:
        return [_key(row) for row in session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.id))]


def revoke_key(database: Database, prefix: str, *, now: datetime) -> Key:
    """End a key for good. Every server process refuses it within five seconds (`core.auth.verify`).

    prefix: the eight characters after "trv_"
    returns: the key; one that was revoked before keeps its first time
    raises: NotFound
    """
    with database.session(write=True) as session:
        row = session.scalar(select(ApiKeyRow).where(ApiKeyRow.prefix == prefix))
        if row is None:
            raise NotFound(f"there is no key with the prefix {prefix!r}", remedy="see `trivium keys list`")
        row.revoked_at = row.revoked_at or now
        return _key(row)


def find_key(database: Database, secret: str) -> Key | None:
    """The key that this secret belongs to, revoked and expired ones too; None when there is none."""
    shape = SHAPE.fullmatch(secret)
    if shape is None:
        return None
    with database.session() as session:
        row = session.scalar(select(ApiKeyRow).where(ApiKeyRow.prefix == shape[1]))
    return _key(row) if row is not None and hmac.compare_digest(row.hash, _hash(secret)) else None


def note_use(database: Database, key_id: int, now: datetime) -> None:
    """Remember that a key was used, at most once a minute however many processes say so."""
    stale = or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at <= now - USE_NOTED_EVERY)
    with database.session(write=True) as session:
        session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id, stale).values(last_used_at=now))


def _check(
    name: str,
    scopes: list[str],
    known: Collection[str],
    now: datetime,
    expires_at: datetime | None,
    limits: tuple[int | None, ...],
) -> None:
    if not 1 <= len(name.strip()) <= 80 or not name.isprintable():
        raise Invalid("a key needs a name of 1 to 80 printable characters", remedy="name it after who will use it")
    if not scopes:
        raise Invalid("a key needs at least one scope", remedy=f"choose from {', '.join(sorted(known))}")
    if unknown := [scope for scope in scopes if scope not in known]:
        raise Invalid(f"there is no scope {unknown[0]!r}", remedy=f"choose from {', '.join(sorted(known))}")
    if expires_at is not None and expires_at <= now:
        raise Invalid("the key would have expired already", remedy="give a time to come")
    if any(limit is not None and not 1 <= limit <= HIGHEST_LIMIT for limit in limits):
        raise Invalid(
            f"a limit lies between 1 and {HIGHEST_LIMIT:,} a minute",
            remedy="leave it out for the server's own",
        )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: ApiKeyRow) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        requests_per_minute=row.requests_per_minute,
        tokens_per_minute=row.tokens_per_minute,
    )
