"""Publish, find, choose and delete: what is published never changes, and one version is active."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.backend.registry import (
    ActiveVersion,
    BadReference,
    CannotWrite,
    DamagedModel,
    EmptyDraft,
    NewerFormat,
    NoSuchModel,
    NoSuchVersion,
    NothingBefore,
    RefusedFile,
    Registry,
    ShippedVersion,
)
from core.backend.registry.errors import DamagedPointer
from core.testing.fakes import FixedClock
from tests.core.backend.registry.samples import WEIGHTS, all_paths, card, publish


def numbers(registry: Registry, name: str = "mood") -> list[int]:
    return [version.number for version in registry.versions(name)]


def test_versions_are_numbered_and_the_first_is_active(registry: Registry):
    first, second = publish(registry, content="one"), publish(registry, content="two")
    assert [first.ref, second.ref] == ["mood@1", "mood@2"]
    assert registry.names() == ["mood"]
    assert registry.active("mood") == registry.get("mood") == registry.get("mood@1") == first
    assert registry.get("mood@latest") == second
    assert (registry.open("mood@2").path / WEIGHTS).read_text() == "two"


def test_a_version_holds_its_files_its_card_and_what_they_weigh(registry: Registry):
    with registry.draft("mood") as draft:
        (draft / "adapter").mkdir()
        (draft / "adapter" / "labels.json").write_text('["down", "up"]')
        (draft / ".DS_Store").write_text("left by a system")
        version = registry.publish("mood", draft, card(name="other", version=9))
    assert all_paths(version.path) == {"adapter", "adapter/labels.json", "card.json", "README.md", "manifest.json"}
    assert (version.card.name, version.card.version) == ("mood", 1)
    manifest = json.loads((version.path / "manifest.json").read_text())
    assert manifest["files"]["adapter/labels.json"]["bytes"] == 14
    assert set(manifest["files"]) == {"adapter/labels.json", "card.json", "README.md"}


def test_a_draft_that_is_not_published_leaves_nothing(registry: Registry):
    with registry.draft("mood") as draft:
        (draft / WEIGHTS).write_text("half")
    assert all_paths(registry.folder) == {".drafts"}
    assert registry.names() == []


def test_leftovers_of_killed_processes_go_after_a_day_and_drafts_in_work_stay(registry: Registry, clock: FixedClock):
    left = registry.folder / ".drafts" / "mood-0123"
    left.mkdir(parents=True)
    (left / WEIGHTS).write_text("half")
    with registry.draft("mood") as working:
        for path in (left, working):
            os.utime(path, times=(clock().timestamp(),) * 2)
        with registry.draft("mood"):
            assert left.exists()
        clock.advance(days=2)
        with registry.draft("mood"):
            assert not left.exists()
            assert working.exists()


def test_an_empty_draft_is_refused(registry: Registry):
    with registry.draft("mood") as draft, pytest.raises(EmptyDraft, match="no file to publish as 'mood'"):
        registry.publish("mood", draft, card())


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("pytorch_model.bin", "pickled files can run code and are never opened"),
        ("optimizer.pt", "pickled files can run code"),
        ("run.py", "a version holds only .json .safetensors .txt .md .model"),
        ("a\nb.txt", "its path is not a plain one"),
    ],
)
def test_a_file_of_another_kind_is_refused(registry: Registry, file: str, why: str):
    with registry.draft("mood") as draft:
        (draft / file).write_text("x")
        with pytest.raises(RefusedFile, match=why):
            registry.publish("mood", draft, card())
    assert registry.names() == []


def test_a_link_in_a_draft_is_refused(registry: Registry, tmp_path: Path):
    (tmp_path / "secret.txt").write_text("secret")
    with registry.draft("mood") as draft:
        (draft / "notes.txt").symlink_to(tmp_path / "secret.txt")
        with pytest.raises(RefusedFile, match="a link or a special file"):
            registry.publish("mood", draft, card())


def test_only_drafts_are_published(registry: Registry, tmp_path: Path):
    with pytest.raises(ValueError, match=r"a folder that draft\(\) gave"):
        registry.publish("mood", tmp_path, card())


@pytest.mark.parametrize("ref", ["", "Mood", "../mood", ".mood", "a" * 65, "mood@", "mood@-1", "mood@01", "mood@new"])
def test_words_that_cannot_name_a_model_are_told_apart_from_unknown_names(registry: Registry, ref: str):
    with pytest.raises(BadReference, match="cannot name a model: write NAME"):
        registry.get(ref)


def test_an_unknown_name_is_answered_with_near_ones(registry: Registry):
    publish(registry, "market-mood")
    with pytest.raises(NoSuchModel, match="no model 'market-mod': the nearest there is: market-mood"):
        registry.get("market-mod")
    with pytest.raises(NoSuchModel, match="`trivium models list` shows"):
        registry.versions("z")


def test_an_unknown_version_is_answered_with_those_there_are(registry: Registry):
    for _ in range(3):
        publish(registry)
    registry.delete("mood@2")
    with pytest.raises(NoSuchVersion, match="Version 2 of 'mood' was deleted: there is 1, 3"):
        registry.get("mood@2")
    with pytest.raises(NoSuchVersion, match="Version 9 of 'mood' does not exist"):
        registry.get("mood@9")


def test_a_promotion_moves_the_pointer_and_rollbacks_go_back_step_by_step(registry: Registry):
    for _ in range(3):
        publish(registry)
    registry.promote("mood@2")
    registry.promote("mood")
    registry.promote("mood@3")  # active already: no step of its own
    assert registry.active("mood").number == 3
    assert registry.before("mood") == 2
    assert [registry.rollback("mood").number, registry.rollback("mood").number] == [2, 1]
    assert registry.before("mood") is None
    with pytest.raises(NothingBefore, match="active before: choose one with `trivium models promote mood@NUMBER`"):
        registry.rollback("mood")


def test_a_rollback_passes_over_versions_that_are_gone(registry: Registry):
    for _ in range(3):
        publish(registry, promote=True)
    registry.delete("mood@2")
    assert registry.before("mood") == 1
    assert registry.rollback("mood").number == 1


def test_every_change_of_the_active_version_changes_the_stamp(registry: Registry):
    stamps = [registry.active_stamp("mood")]
    publish(registry)
    stamps.append(registry.active_stamp("mood"))
    publish(registry)
    assert registry.active_stamp("mood") == stamps[-1]
    registry.promote("mood@2")
    stamps.append(registry.active_stamp("mood"))
    registry.rollback("mood")
    stamps.append(registry.active_stamp("mood"))
    assert stamps[0] is None
    assert len(set(stamps)) == 4


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        (WEIGHTS, b"weightz", "head.safetensors does not match its checksum"),
        (WEIGHTS, b"weights and more", "head.safetensors has another size"),
        (WEIGHTS, None, "head.safetensors is missing"),
        ("extra.json", b"{}", "extra.json is not in the manifest"),
        ("extra.bin", b"x", "the folder holds a file that does not belong there"),
        (
            "manifest.json",
            b'{"files": {"../x.json": {"sha256": "", "bytes": 1}}}',
            "manifest.json cannot be understood",
        ),
        ("manifest.json", None, "manifest.json cannot be read"),
    ],
)
def test_a_damaged_version_names_the_file_and_cannot_be_promoted(registry, file, content, sentence):
    publish(registry)
    path = publish(registry).path / file
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DamagedModel, match=f"Model mood@2 is damaged, {sentence}") as caught:
        registry.open("mood@2")
    assert "`trivium models rollback mood`" in caught.value.remedy
    with pytest.raises(DamagedModel):
        registry.promote("mood@2")
    assert registry.open("mood").number == 1


def test_checking_costs_once_until_a_file_changes(registry: Registry, monkeypatch: pytest.MonkeyPatch):
    read: list[Path] = []
    weights = publish(registry).path / WEIGHTS
    monkeypatch.setattr("core.backend.registry.manifest.digest", lambda path: read.append(path) or _digest(path))
    registry.open("mood")
    assert weights in read
    read.clear()
    registry.open("mood@1")
    assert read == []
    weights.write_text("WEIGHTS")
    with pytest.raises(DamagedModel):
        registry.open("mood")


def _digest(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_active_version_is_deleted_only_when_it_is_the_last(registry: Registry):
    publish(registry)
    publish(registry)
    with pytest.raises(ActiveVersion, match="Model mood@1 is active: promote another version first"):
        registry.delete("mood", force=True)
    registry.delete("mood@2")
    with pytest.raises(ActiveVersion, match="is the only one of its name"):
        registry.delete("mood@1")
    registry.delete("mood@1", force=True)
    assert registry.names() == []
    assert not any(path.is_dir() for path in (registry.folder / "mood").iterdir())


def test_a_number_is_never_used_twice(registry: Registry):
    publish(registry, content="one")
    registry.delete("mood", force=True)
    again = publish(registry, content="two")
    assert again.ref == "mood@2"
    assert registry.active("mood") == again


def test_a_pointer_that_cannot_be_read_is_told_and_mended_by_a_promotion(registry: Registry):
    publish(registry)
    publish(registry)
    (registry.folder / "mood" / "active.json").write_text('{"version":')
    with pytest.raises(DamagedPointer, match="`trivium models promote mood@latest`"):
        registry.active("mood")
    registry.promote("mood@latest")
    assert registry.active("mood").number == 2


def test_without_a_pointer_the_oldest_is_active(registry: Registry):
    publish(registry)
    publish(registry)
    (registry.folder / "mood" / "active.json").unlink()
    assert registry.active("mood").number == 1


def test_a_format_of_a_later_release_is_told_apart_from_damage(registry: Registry):
    version = publish(registry)
    (version.path / "manifest.json").write_text('{"format": 2, "parts": []}')
    with pytest.raises(NewerFormat, match="Model mood@1 is stored in format 2, which is newer"):
        registry.open("mood")


def test_the_fingerprint_is_that_of_the_files_not_of_the_card(registry: Registry):
    one, like, other = publish(registry), publish(registry, "twin", notes="again"), publish(registry, content="others")
    assert one.fingerprint == like.fingerprint != other.fingerprint


@pytest.fixture
def shipped(registry: Registry, tmp_path: Path, clock: FixedClock) -> Registry:
    """A registry whose package brings one model, `mood`."""
    made = publish(registry, content="shipped")
    shutil.copytree(made.path, tmp_path / "package" / "any-folder")
    return Registry(tmp_path / "own", clock, [tmp_path / "package" / "any-folder"])


def test_what_came_with_the_package_is_version_0_and_active_until_another_is(shipped: Registry):
    assert shipped.names() == ["mood"]
    assert (shipped.open("mood").number, shipped.active_stamp("mood")) == (0, None)
    publish(shipped)
    assert (shipped.active("mood").number, numbers(shipped)) == (0, [0, 1])
    shipped.promote("mood@1")
    assert shipped.active("mood").number == 1
    assert shipped.rollback("mood").shipped


def test_what_came_with_the_package_is_read_only(shipped: Registry):
    with pytest.raises(ShippedVersion, match="Model mood@0 came with the package and stays"):
        shipped.delete("mood@0", force=True)


def test_a_shipped_model_without_a_card_is_listed_and_says_that_it_is_damaged(tmp_path: Path, clock: FixedClock):
    (tmp_path / "mood").mkdir()
    registry = Registry(tmp_path / "home", clock, [tmp_path / "mood"])
    assert registry.names() == ["mood"]
    with pytest.raises(DamagedModel, match=r"manifest\.json cannot be read"):
        registry.open("mood")


def test_asking_writes_nothing(registry: Registry):
    assert registry.names() == []
    with pytest.raises(NoSuchModel):
        registry.active("mood")
    assert not registry.folder.exists()


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path, clock: FixedClock):
    (tmp_path / "home").write_text("a file where the home should be")
    with pytest.raises(CannotWrite, match="cannot be written"), Registry(tmp_path / "home", clock).draft("mood"):
        pass


def test_cards_keep_their_time_in_utc(registry: Registry):
    stored = publish(registry, trained_at="2026-01-01T14:00:00+02:00").card
    assert stored.trained_at == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert stored.trained_at.tzinfo is UTC
