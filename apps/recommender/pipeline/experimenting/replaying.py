"""What another version would have put where a list was served: the same request, answered by it as of that moment.

Of that moment are the person's events, the filters and the dates of items and rules; the catalogue's stock, the rules
themselves and what is popular are as they are now.
"""

from __future__ import annotations

from dataclasses import dataclass

from apps.recommender.pipeline.recommending.answering import Answering
from apps.recommender.pipeline.recommending.listing import Listing, make_list
from apps.recommender.pipeline.recommending.past import past_of
from apps.recommender.schemas.recommend import Filters, Place, Wish
from apps.recommender.store.history import read_past
from apps.recommender.store.served import Served
from core.database import Database


@dataclass(frozen=True)
class Replay:
    """Answers again what was answered, by one model. model: "text", "popular" or a version"""

    house: Answering
    database: Database
    model: str

    def order(self, served: Served, number: int) -> list[str]:
        """The items that the model would have put into the first places, best first, with nothing left to chance.

        raises: UnknownModel
        """
        house, said = self.house, served.asked or {}
        wish = Wish(**{**said.get("wish", {}), "k": number, "offset": 0, "explore": 0.0, "keep": False})
        place: Place = "users" if served.place == "users" else "sessions"
        catalogue, n, settings = house.shelf.catalogue, house.shelf.catalogue.n, house.settings
        with self.database.reading() as connection:
            events = read_past(connection, served.who, served.at, settings.history_events) if served.who else []
        past = past_of(events, wish.context, catalogue, n, settings, served.at)
        signals = house.models.get(self.model).signals(past, house.shelf, n, served.at)
        listing = Listing(
            place=place,
            n=n,
            now=served.at,
            signals=signals,
            filters=Filters(**said.get("filters", {})),
            wish=wish,
            past=past,
            left_out=[] if wish.seen else past.seen,
        )
        return [one.id for one in make_list(listing, house.shelf).items]
