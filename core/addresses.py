"""Where webhooks may go: out into the world, or to this machine; not to what stands behind the firewall.

A name is looked up once for each attempt, every address is checked, and the connection goes to the address that was
checked: a name that answers otherwise a moment later leads nowhere else.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from core.errors import Invalid

Resolve = Callable[[str, int], Sequence[str]]
Number = ipaddress.IPv4Address | ipaddress.IPv6Address
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_HOLDS_IPV4 = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96")))  # NAT64; the old "IPv4-compatible" ones


class BadAddress(Invalid):
    """An address to which no webhook may go."""

    def __init__(self, fact: str, remedy: str) -> None:
        super().__init__(fact, remedy=remedy)


class NoSuchHost(Invalid):
    """A name that nobody knows (now)."""

    def __init__(self) -> None:
        super().__init__("the webhook's host cannot be found", remedy="check its name")


@dataclass(frozen=True)
class Target:
    """An address that was checked. url: with the number in place of the name;  host: the name, for TLS and `Host`"""

    url: str
    host: str
    authority: str


def resolved(host: str, port: int) -> list[str]:
    """The numbers that a name has, each once; none where nobody knows it (now)."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def ipv4_first(numbers: Sequence[str]) -> list[str]:
    """Most servers listen there, where a name has both.

    >>> ipv4_first(["2001:db8::1", "192.0.2.1"])
    ['192.0.2.1', '2001:db8::1']
    """
    return sorted(numbers, key=lambda one: ":" in one)


def meant(written: str) -> Iterator[Number]:
    """Where a connection ends up: IPv6 has several ways to write an IPv4 address, each of which is a way in.

    raises: ValueError for what is no address

    >>> [str(one) for one in meant("64:ff9b::7f00:1")]
    ['127.0.0.1']
    """
    number = ipaddress.ip_address(written.partition("%")[0])
    if isinstance(number, ipaddress.IPv4Address):
        yield number
        return
    inner = number.ipv4_mapped or number.sixtofour
    if number.teredo is not None:
        inner = number.teredo[1]
    if any(number in network for network in _HOLDS_IPV4) and not number.is_loopback:
        inner = ipaddress.IPv4Address(int(number) & 0xFFFF_FFFF)
    yield inner if inner is not None else number


def target(url: str, *, to_private: bool, resolve: Resolve = resolved) -> Target:
    """Check an address, and look its name up.

    to_private: whether it may lie in a private network
    raises: BadAddress, NoSuchHost
    """
    parts, port = _parsed(url)
    host = parts.hostname or ""
    here = host in LOOPBACK_NAMES
    if parts.scheme != "https" and not here:
        raise BadAddress("a webhook's address begins with https://", "use https; http is for this machine alone")
    numbers = list(resolve(host, port))
    if not numbers:
        raise NoSuchHost
    for number in numbers:
        _check(number, here=here, to_private=to_private)
    number = ipv4_first(numbers)[0]
    shown = f"[{number}]" if ":" in number else number
    path = parts._replace(netloc=f"{shown}:{port}", fragment="").geturl()
    return Target(path, host, parts.netloc)


def _parsed(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        raise BadAddress("the address cannot be read", "write https://host/path") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAddress("the address cannot be read", "write https://host/path")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("the address holds a user or password", "leave them out; messages are signed")
    return parts, port


def _check(number: str, *, here: bool, to_private: bool) -> None:
    for inner in meant(number):
        if here and inner.is_loopback:
            continue
        outside = inner.is_global and not inner.is_multicast
        private = inner.is_private and not (inner.is_loopback or inner.is_link_local or inner.is_unspecified)
        if not outside and not (to_private and private):
            raise BadAddress(
                "the address lies in a network that is not public", "use a public one, or set `webhooks_to_private`"
            )
