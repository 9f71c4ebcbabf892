"""Trained versions in a running process: followed under load, kept within bounds, never closed while in use."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.backend.classifier import Classifier, GivesNoLabels, WrongBackbone, head_of
from core.backend.registry import BadReference, DamagedModel, NoSuchModel, NoSuchVersion, Registry, Version
from core.backend.serving import TRY_AGAIN, Classifiers, Closing, Opener, StillOpening
from core.outcomes import Labelled
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder
from tests.core.backend.classifiers import publish_head
from tests.core.backend.registry.samples import publish

ROWS = [Labelled("gains, and a zip")]


class Bench:
    """Opens versions over an encoder each, as slowly as a test wants; knows which are open and which forgot."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.forgot: list[str] = []
        self.gates: dict[str, threading.Event] = {}

    def __call__(self, version: Version) -> Classifier:
        self.opened.append(version.ref)
        if gate := self.gates.get(version.ref):
            gate.wait(20)
        encoder = Letters(forget=lambda: self.forgot.append(version.ref))

        def close() -> None:
            encoder.open = False
            self.closed.append(version.ref)

        return Classifier(version, encoder, head_of(version), close)


class Letters(LetterEncoder):
    """Refuses to work once it is closed, as the queue does."""

    open = True

    def __init__(self, forget: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.forget = forget

    def encode(self, texts):
        time.sleep(0.001)
        assert self.open, "a closed encoder was asked"
        return super().encode(texts)


@pytest.fixture
def registry(settings: Settings, clock: FixedClock) -> Registry:
    return Registry(settings.home, clock)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def classifiers(registry: Registry, bench: Bench, clock: FixedClock) -> Iterator[Classifiers]:
    opened = Classifiers(registry, bench, most=2, clock=clock)
    yield opened
    opened.close()


def asked(classifiers: Classifiers, ref: str) -> str:
    with classifiers.get(ref) as classifier:
        assert classifier.predict(ROWS)[0].label == "up"
        return classifier.ref


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def damage(version: Version) -> None:
    path = version.path / "head.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def test_a_version_is_opened_when_it_is_first_asked_for_and_kept(registry, classifiers, bench):
    publish_head(registry)
    assert bench.opened == []
    assert [asked(classifiers, ref) for ref in ("mood", "mood@1", "mood@latest", "mood@active")] == ["mood@1"] * 4
    assert bench.opened == ["mood@1"]


def test_all_that_are_open_forget_the_texts_that_they_have_read(registry, classifiers, bench):
    for name in ("mood", "wish"):
        publish_head(registry, name)
        asked(classifiers, name)
    classifiers.forget()
    assert bench.forgot == ["mood@1", "wish@1"]


def test_a_promotion_and_a_rollback_are_followed(registry, classifiers, bench):
    publish_head(registry)
    assert asked(classifiers, "mood") == "mood@1"
    publish_head(registry, promote=True)
    assert asked(classifiers, "mood") == "mood@2"
    registry.rollback("mood")
    assert asked(classifiers, "mood") == "mood@1"
    assert bench.opened == ["mood@1", "mood@2"]


def test_the_old_version_answers_while_one_thread_opens_the_new_one(registry, classifiers, bench, monkeypatch):
    monkeypatch.setattr("core.backend.serving.PATIENCE_S", 0.01)
    publish_head(registry)
    asked(classifiers, "mood")
    gate = bench.gates["mood@2"] = threading.Event()
    publish_head(registry, promote=True)
    assert {asked(classifiers, "mood") for _ in range(20)} == {"mood@1"}
    gate.set()
    eventually(lambda: asked(classifiers, "mood") == "mood@2")
    assert bench.opened == ["mood@1", "mood@2"]


def test_many_who_ask_first_wait_for_one_opening(registry, classifiers, bench):
    publish_head(registry)
    gate = bench.gates["mood@1"] = threading.Event()
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(asked(classifiers, "mood"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    eventually(lambda: bench.opened == ["mood@1"])
    gate.set()
    for thread in threads:
        thread.join()
    assert answers == ["mood@1"] * 8
    assert bench.opened == ["mood@1"]


def test_more_than_may_wait_are_told_to_come_back(registry, classifiers, bench, monkeypatch):
    monkeypatch.setattr("core.backend.serving.MOST_WAITING", 1)
    publish_head(registry)
    gate = bench.gates["mood@1"] = threading.Event()
    first = threading.Thread(target=lambda: asked(classifiers, "mood"))
    first.start()
    eventually(lambda: bench.opened == ["mood@1"])
    with pytest.raises(StillOpening, match="Model mood@1 is being opened: try again in a second"):
        asked(classifiers, "mood")
    gate.set()
    first.join()
    assert asked(classifiers, "mood") == "mood@1"


@pytest.mark.parametrize("most", [1, 4])
def test_nobody_notices_promotions_under_load(registry, bench, clock, most: int):
    classifiers = Classifiers(registry, bench, most=most, clock=clock)
    publish_head(registry)
    publish_head(registry)
    seen: list[set[str]] = []
    errors: list[Exception] = []
    stop = threading.Event()

    def ask() -> None:
        mine: set[str] = set()
        seen.append(mine)
        try:
            while not stop.is_set():
                mine.add(asked(classifiers, "mood"))
        except Exception as error:  # noqa: BLE001  it is judged below
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        registry.promote("mood@2")
        time.sleep(0.03)
        registry.rollback("mood")
        time.sleep(0.03)
    registry.promote("mood@2")
    eventually(lambda: asked(classifiers, "mood") == "mood@2")
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert all(mine == {"mood@1", "mood@2"} for mine in seen)
    classifiers.close()
    assert sorted(bench.closed) == sorted(bench.opened)


def test_the_longest_unused_is_closed_when_there_are_too_many(registry, classifiers, bench):
    for name in ("one", "two", "three"):
        publish_head(registry, name)
    asked(classifiers, "one")
    asked(classifiers, "two")
    asked(classifiers, "one")
    asked(classifiers, "three")
    eventually(lambda: bench.closed == ["two@1"])
    assert classifiers.refs() == ["one@1", "three@1"]
    asked(classifiers, "two")
    assert bench.opened == ["one@1", "two@1", "three@1", "two@1"]


def test_what_is_in_use_is_closed_only_when_it_is_given_back(registry, classifiers, bench):
    for name in ("one", "two", "three"):
        publish_head(registry, name)
    with classifiers.get("one") as one:
        asked(classifiers, "two")
        asked(classifiers, "three")
        assert classifiers.refs() == ["two@1", "three@1"]
        assert one.predict(ROWS)[0].label == "up"
        assert bench.closed == []
    assert bench.closed == ["one@1"]


def test_what_is_in_use_at_the_end_finishes(registry, classifiers, bench):
    publish_head(registry)
    with classifiers.get("mood") as mood:
        classifiers.close()
        assert mood.predict(ROWS)[0].label == "up"
        with pytest.raises(Closing):
            asked(classifiers, "mood")
    assert bench.closed == ["mood@1"]


def test_a_damaged_version_is_named(registry, classifiers, bench):
    damage(publish_head(registry))
    for _ in range(2):
        with pytest.raises(DamagedModel, match=r"mood@1 is damaged, head\.safetensors"):
            asked(classifiers, "mood")
    assert bench.opened == []


def test_the_version_before_goes_on_when_the_promoted_one_is_damaged(registry, classifiers, clock, caplog):
    publish_head(registry)
    asked(classifiers, "mood")
    promoted = publish_head(registry, promote=True)
    sound = (promoted.path / "head.safetensors").read_bytes()
    damage(promoted)
    assert {asked(classifiers, "mood") for _ in range(5)} == {"mood@1"}
    assert [record.getMessage() for record in caplog.records] == [
        "a trained model cannot be opened: Model mood@2 is damaged, head.safetensors does not match its checksum: "
        "import it again, or roll back with `trivium models rollback mood`."
    ]
    with pytest.raises(DamagedModel, match="mood@2"):
        asked(classifiers, "mood@2")
    (promoted.path / "head.safetensors").write_bytes(sound)
    clock.advance(seconds=TRY_AGAIN.total_seconds())
    assert asked(classifiers, "mood") == "mood@2"


def test_the_version_before_goes_on_when_the_pointer_is_damaged(registry, classifiers, caplog):
    publish_head(registry)
    asked(classifiers, "mood")
    (registry.folder / "mood" / "active.json").write_text("{")
    assert {asked(classifiers, "mood") for _ in range(3)} == {"mood@1"}
    assert len(caplog.records) == 1
    publish_head(registry, promote=True)
    assert asked(classifiers, "mood") == "mood@2"


def test_what_was_deleted_is_no_longer_served(registry, classifiers):
    publish_head(registry)
    publish_head(registry)
    asked(classifiers, "mood@2")
    registry.delete("mood@2")
    with pytest.raises(NoSuchVersion, match="was deleted"):
        asked(classifiers, "mood@2")
    asked(classifiers, "mood")
    registry.delete("mood@1", force=True)
    with pytest.raises(NoSuchModel):
        asked(classifiers, "mood")
    assert all(held.leases == 0 for held in classifiers._held.values())


def test_a_wrong_reference_opens_nothing(registry, classifiers, bench):
    for ref, error in (("Mood!", BadReference), ("mood", NoSuchModel), ("mood@3", NoSuchModel)):
        with pytest.raises(error):
            asked(classifiers, ref)
    assert bench.opened == []


def test_versions_on_the_base_backbone_share_the_process_s_one_encoder(registry, settings, clock):
    encoder = Letters()
    classifiers = Classifiers(registry, Opener(settings, encoder), most=1, clock=clock)
    publish_head(registry)
    publish_head(registry)
    assert [asked(classifiers, ref) for ref in ("mood@1", "mood@2")] == ["mood@1", "mood@2"]
    classifiers.close()
    assert encoder.texts_seen == 2
    assert encoder.open


def test_a_version_of_another_backbone_and_one_without_labels_say_so(registry, settings, clock, tmp_path: Path):
    classifiers = Classifiers(registry, Opener(settings, LetterEncoder()), most=1, clock=clock)
    publish_head(registry, fingerprint="f" * 64)
    with pytest.raises(WrongBackbone, match="Model mood@1 was trained on the backbone 'letters'"):
        asked(classifiers, "mood")
    with registry.draft("vectors") as draft:
        (draft / "weights.txt").write_text("no head")
        registry.publish("vectors", draft, publish(registry, "other").card)
    with pytest.raises(GivesNoLabels, match="Model vectors@1 gives no labels"):
        asked(classifiers, "vectors")
    classifiers.close()
