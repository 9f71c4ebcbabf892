"""Where sources may lie: out in the world, and nowhere behind the firewall unless a setting says so.

A name is looked up once for each hop, every address that it has is checked, and the connection goes to an address that
was checked: a name that answers otherwise a moment later leads nowhere else.
"""

from dataclasses import dataclass, replace

import httpx

from apps.finance_sentiment.errors import AddressRefused, FetchFailed
from core.addresses import Resolve, ipv4_first, meant, resolved

MOST_TRIED = 3  # addresses of one name
MOST_URL = 2_000
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Target:
    """An address that was checked.

    url: as it was asked for;  numbers: where to connect, the first that answers;  host: for TLS;  authority: for `Host`
    """

    url: httpx.URL
    numbers: tuple[str, ...]
    host: str
    authority: str

    def pinned(self, number: str) -> httpx.URL:
        """The address with a number in place of the name."""
        return self.url.copy_with(host=number, fragment=None)

    def beside(self, path: str) -> "Target":
        """Another path of the same site, at the numbers that were checked."""
        return replace(self, url=self.url.copy_with(raw_path=path.encode(), fragment=None))


def parsed(url: str) -> httpx.URL:
    """raises: AddressRefused for what is no plain web address"""
    try:
        if len(url) > MOST_URL:
            raise AddressRefused("the address is too long", remedy="use a shorter one")
        found = httpx.URL(url.strip())
        host = found.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        raise AddressRefused("the address cannot be read", remedy="write https://host/path") from None
    if found.scheme not in _PORTS or not host:
        raise AddressRefused("the address does not begin with https:// or http://", remedy="write https://host/path")
    if found.port is not None and not 0 < found.port < 65_536:
        raise AddressRefused("the address names a port that cannot be", remedy="correct it or leave it out")
    if found.userinfo:
        raise AddressRefused("the address holds a user or a password", remedy="leave them out; they would be shown")
    return found


@dataclass(frozen=True)
class Guard:
    """What may be fetched. allow_private: also from this machine and private networks;  hosts: or from these alone"""

    allow_private: bool = False
    hosts: frozenset[str] = frozenset()
    resolve: Resolve = resolved

    def target(self, url: str) -> Target:
        """Check an address, and look its name up. Takes as long as the name server does.

        raises: AddressRefused, FetchFailed where nobody knows the name
        """
        asked = parsed(url)
        host = asked.raw_host.decode("ascii")
        private = self.allow_private or host.lower().rstrip(".") in {name.lower() for name in self.hosts}
        numbers = self.resolve(host, asked.port or _PORTS[asked.scheme])
        if not numbers:
            raise FetchFailed(f"the host {host:.100} cannot be found", remedy="check its name")
        for number in numbers:
            _check(number, private=private)
        return Target(asked, tuple(ipv4_first(numbers)[:MOST_TRIED]), host, asked.netloc.decode("ascii"))


def _check(written: str, *, private: bool) -> None:
    try:
        numbers = list(meant(written))
    except ValueError:
        raise AddressRefused("the host has an address that cannot be read", remedy="use another one") from None
    for number in numbers:
        if number.is_global and not number.is_multicast:
            continue
        never = number.is_link_local or number.is_multicast or number.is_unspecified or number.is_reserved
        if private and (number.is_loopback or not never):
            continue
        raise AddressRefused(
            "the address lies on this machine or in a network that is not public",
            remedy="use a public one, or set `allowed_hosts` or `allow_private_addresses`",
        )
