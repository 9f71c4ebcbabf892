"""One look at a feed or a page: what lies there now, ready to be kept. Writes nothing."""

from dataclasses import dataclass, replace
from datetime import datetime

from apps.finance_sentiment.pipeline.capturing import Captured
from apps.finance_sentiment.pipeline.feeds import read_feed
from apps.finance_sentiment.pipeline.fetching import Fetched, Fetcher
from apps.finance_sentiment.pipeline.pages import read_page
from apps.finance_sentiment.pipeline.web_text import web_text

BROKEN = "the feed is broken, and was read as far as it goes"


@dataclass(frozen=True)
class Gathered:
    """What lies at an address. changed: False where it is as it was, with nothing captured then

    every_s: seconds between looks as the feed asks; None: it does not say;  note: what is odd about it
    """

    fetched: Fetched
    captured: list[Captured]
    title: str = ""
    every_s: float | None = None
    note: str = ""

    @property
    def changed(self) -> bool:
        return self.fetched.changed


def gather(
    fetcher: Fetcher, kind: str, address: str, *, etag: str = "", last_modified: str = "", since: datetime | None = None
) -> Gathered:
    """Look at a feed or a page.

    since: when a page was last read; what it says about its date then counts only where that is later
    raises: AddressRefused, FetchFailed
    """
    fetched = fetcher.get(address, etag=etag, last_modified=last_modified)
    if not fetched.changed:
        return Gathered(fetched, [])
    if kind == "feed":
        feed = read_feed(fetched)
        if feed.whole:
            return Gathered(fetched, feed.captured, feed.title, feed.every_s)
        again = replace(fetched, etag="", last_modified="")  # so that it is sent whole the next time, changed or not
        return Gathered(again, feed.captured, feed.title, feed.every_s, BROKEN)
    page = read_page(web_text(fetched.body, fetched.content_type), fetched.url)
    if since is not None and page.published_at is not None and page.published_at <= since:
        page = replace(page, published_at=None)
    return Gathered(fetched, [page], page.title)
