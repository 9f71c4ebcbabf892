"""`trivium finance improve` from corrections to a proposal, with the shipped model's real weights."""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from apps.finance_sentiment.app import app
from apps.finance_sentiment.pipeline.entities import open_live
from apps.finance_sentiment.pipeline.learning import FEWEST
from apps.finance_sentiment.pipeline.opening import open_correcting, open_reader
from apps.finance_sentiment.schemas.corrections import NewCorrection
from apps.finance_sentiment.schemas.entities import EntityEdit
from apps.finance_sentiment.store.archive_tables import ReadingRow
from apps.finance_sentiment.store.documents import Documents, NewDocument
from core.app import Services
from core.backend.models import open_registry
from core.cli import build_cli
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import read_settings
from core.testing.fakes import LetterEncoder

pytestmark = pytest.mark.integration

COMPANIES = {"acme": "Acme Steel", "bolt": "Bolt Motors", "cedar": "Cedar Foods", "dune": "Dune Energy"}
THINGS = "orchard harbour lantern meadow compass thimble".split()
JARGON = {"put on the green list by the house": "positive", "moved to the amber list by the house": "negative"}
"""Words of one house, which the shipped model cannot know: what an analyst would correct again and again."""
OTHERS = (
    "Acme Steel profit rises on strong demand for rails",
    "Bolt Motors shares fall after a weak outlook for vans",
    "Cedar Foods opens a small office in Lyon",
    "Dune Energy to hold its annual meeting in May",
    "Acme Steel cuts 400 jobs as losses deepen",
    "Bolt Motors wins a large order from a parcel carrier",
    "Cedar Foods recalls soup after customers fall ill",
    "Dune Energy raises its dividend after a record quarter",
    "Dune Energy names a new head of legal affairs",
    "Cedar Foods to move its listing to another segment",
    "Acme Steel publishes its calendar for next year",
    "Bolt Motors appoints two members to its board",
)


@pytest.fixture
def house(warm_home: Path) -> Iterator[Services]:
    """A home of its own, as a version of the very model that other tests read with is trained in it."""
    home = read_settings().home
    home.mkdir()
    (warm_home / "runtimes").mkdir(exist_ok=True)
    (home / "runtimes").symlink_to(warm_home / "runtimes")  # converted once for all tests
    services = open_services(read_settings(), encoder=LetterEncoder())
    upgrade(services.database, [app])
    services.once(open_live).entities.put_all({key: EntityEdit(name=name) for key, name in COMPANIES.items()})
    yield services
    close_services(services)


def capture(house: Services, titles: Sequence[str]) -> None:
    now = house.clock()
    made = [NewDocument(one, "", one, "", now, True, now, sha256(one.encode()).hexdigest()) for one in titles]
    Documents(house.database).add("wire", made)


def wordings(moods: Mapping[str, str]) -> dict[str, str]:
    """Headlines that differ by company and thing, each with the label that an analyst gives it."""
    return {
        f"{name} {thing} unit {words}": label
        for name, thing in product(COMPANIES.values(), THINGS)
        for words, label in moods.items()
    }


def correct(house: Services, labels: Mapping[str, str], most: int) -> int:
    """Correct what was read otherwise than the analyst does, as on the page Correct. returns: how many"""
    with house.database.session() as session:
        unseen = session.query(ReadingRow).filter(ReadingRow.until.is_(None), ReadingRow.corrected_by.is_(None))
        found = [(row.id, row.sentence) for row in unseen]
    wanted = [(number, labels[sentence]) for number, sentence in found if sentence in labels][:most]
    for number, label in wanted:
        house.once(open_correcting).correct(NewCorrection.model_validate({"reading": number, "label": label}), "ada")
    return len(wanted)


def test_corrections_become_a_version_that_is_compared_and_proposed(house: Services):
    labels = wordings(JARGON)
    capture(house, [*labels, *OTHERS])
    house.once(open_reader).read_waiting()
    run, cli = CliRunner().invoke, build_cli()[0]

    held = correct(house, labels, FEWEST - 1)
    refused = run(cli, ["finance", "improve", "--json"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert str(refused.exception).startswith(f"{held} moods were corrected, and training needs {FEWEST}: ")
    assert open_registry(house.settings).get("market-mood").ref == "market-mood@0"

    held += correct(house, labels, len(labels))
    done = run(cli, ["finance", "improve", "--epochs", "3", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)  # one object and nothing else
    assert (told["model"], told["before"]) == ("market-mood@1", "market-mood@0")
    assert told["learned"] + told["measured"] == held == len(labels)
    compared = told["comparison"]
    assert compared["n"] == told["measured"] > 5
    assert compared["accuracy"]["candidate"] > compared["accuracy"]["baseline"]
    assert (compared["verdict"], told["like_before"] >= 0.9) == ("better", True)
    assert told["promote"] == "trivium models promote market-mood@1"

    registry = open_registry(house.settings)
    assert registry.get("market-mood").ref == "market-mood@0"  # proposed, no more
    assert registry.open("market-mood@1").card.labels == ["negative", "neutral", "positive"]
    assert not list(house.settings.home.glob("improve-*"))
    assert run(cli, told["promote"].split()[1:]).exit_code == 0
    assert registry.get("market-mood").ref == "market-mood@1"
