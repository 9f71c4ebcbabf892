"""Serve the sample's feeds beside the API, in the process that polls them, where the sample was loaded. Nowhere else.

Sources may not lie on this machine. One address is excepted: the very port on which this process serves the sample.
"""

import logging
from dataclasses import dataclass

from apps.finance_sentiment.pipeline.guarding import Guard, Target, parsed
from apps.finance_sentiment.pipeline.polling import Poller
from apps.finance_sentiment.pipeline.sources import open_poller
from apps.finance_sentiment.sample.archive import OUTLETS
from apps.finance_sentiment.sample.feeds import HOST, SampleFeeds
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.backfill import Backfill
from core.app import Services

LOOKED_EVERY_S = 5.0
DATED_EVERY_S = 20.0

_log = logging.getLogger(__name__)


class SampleNews:
    """The sample's feeds of one process: opened once they are wanted, closed with the services."""

    def __init__(self, services: Services, port: int) -> None:
        self._services = services
        self._port = port
        self._feeds: SampleFeeds | None = None
        self._taken = False
        self._is_dated = False

    @property
    def authority(self) -> str:
        """Host and port that are served now; empty while none is."""
        return f"{HOST}:{self._feeds.port}" if self._feeds else ""

    def keep(self) -> None:
        """Open the feeds where the sample is loaded and they are not open yet: a job of the process that polls."""
        if self._feeds is not None or not self._port or not Backfill(self._services.database).enabled(OUTLETS):
            return
        try:
            self._feeds = SampleFeeds(self._port, self._services.clock)
        except OSError:
            if not self._taken:
                _log.warning("the port of the sample's feeds is taken: choose `sample_feeds_port`, or 0 for none")
            self._taken = True
            return
        self._services.closing.callback(self._feeds.close)

    def date_back(self) -> None:
        """Have what is read of older months count as known since it was captured: a job until all of them are read."""
        if self._is_dated:
            return
        backfill = Backfill(self._services.database)
        is_last = not backfill.has_waiting(OUTLETS)
        backfill.date_back(OUTLETS)
        self._is_dated = is_last


@dataclass(frozen=True)
class SampleGuard(Guard):
    """A guard that lets the sample's own feeds pass. news: that are served by this process"""

    news: SampleNews | None = None

    def target(self, url: str) -> Target:
        """Check an address. raises: as `Guard` does"""
        asked = parsed(url)
        authority = asked.netloc.decode("ascii")
        if self.news is not None and asked.scheme == "http" and authority and authority == self.news.authority:
            return Target(asked, (HOST,), HOST, authority)
        return super().target(url)


def open_sample_news(services: Services) -> SampleNews:
    """The feeds of this process, and the job that opens them."""
    news = SampleNews(services, FinanceSettings.of(services.settings).sample_feeds_port)
    services.scheduler.every("finance.sample-feeds", LOOKED_EVERY_S, news.keep)
    services.scheduler.every("finance.sample-known", DATED_EVERY_S, news.date_back)
    return news


def sample_guard(services: Services) -> SampleGuard:
    """The guard under which sources are fetched where the sample may be loaded."""
    settings = FinanceSettings.of(services.settings)
    news = services.once(open_sample_news)
    return SampleGuard(settings.allow_private_addresses, settings.allowed_hosts, news=news)


def open_guarded_poller(services: Services) -> Poller:
    """What looks at sources in a server's process, the sample's own feeds among them."""
    guard = sample_guard(services)
    return open_poller(services.database, services.settings, services.clock, services.stopping, guard)
