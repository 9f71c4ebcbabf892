"""Out as a directory or an archive and in again; an archive of a stranger brings in nothing but plain files."""

import gzip
import io
import json
import random
import shutil
import tarfile
from pathlib import Path

import pytest

from core.backend.registry import (
    CannotImport,
    DamagedModel,
    NewerFormat,
    RefusedFile,
    Registry,
    TargetTaken,
)
from core.errors import TriviumError
from core.testing.fakes import FixedClock
from tests.core.backend.registry.samples import WEIGHTS, all_paths, publish


@pytest.fixture
def elsewhere(tmp_path: Path, clock: FixedClock) -> Registry:
    return Registry(tmp_path / "elsewhere", clock)


@pytest.fixture
def archive(registry: Registry, tmp_path: Path) -> Path:
    publish(registry)
    return registry.export_archive("mood", tmp_path / "mood.tar.gz")


def test_a_directory_goes_out_and_comes_in_again(registry: Registry, elsewhere: Registry, tmp_path: Path):
    version = publish(registry)
    target = registry.export("mood", tmp_path / "new" / "mood")
    assert all_paths(target) == all_paths(version.path)
    arrived = elsewhere.import_(target)
    assert (arrived.ref, arrived.fingerprint) == ("mood@1", version.fingerprint)
    assert elsewhere.open("mood").card == version.card


def test_an_archive_goes_out_and_comes_in_under_another_name(elsewhere: Registry, archive: Path):
    publish(elsewhere, "tone")
    arrived = elsewhere.import_(archive, name="tone")
    assert (arrived.ref, arrived.card.name, arrived.card.version) == ("tone@2", "tone", 2)
    assert (elsewhere.open("tone@2").path / WEIGHTS).read_text() == "weights"
    assert elsewhere.active("tone").number == 1
    assert all_paths(elsewhere.folder / ".drafts") == set()


def test_the_same_version_gives_the_same_bytes(registry: Registry, archive: Path, tmp_path: Path):
    again = registry.export_archive("mood", tmp_path / "again.tar.gz")
    assert again.read_bytes() == archive.read_bytes()


def test_an_archive_unpacks_with_tar_into_a_folder_of_its_name(archive: Path, tmp_path: Path):
    shutil.unpack_archive(archive, tmp_path / "out", filter="data")
    assert (tmp_path / "out" / "mood-1" / "README.md").read_text().startswith("---\nlicense: ")


def test_exporting_writes_over_nothing(registry: Registry, archive: Path, tmp_path: Path):
    with pytest.raises(TargetTaken, match="exists already: name a new file"):
        registry.export_archive("mood", archive)
    with pytest.raises(TargetTaken):
        registry.export("mood", tmp_path)
    (tmp_path / "empty").mkdir()
    registry.export("mood", tmp_path / "empty")
    assert (tmp_path / "empty" / WEIGHTS).exists()


def test_a_damaged_version_does_not_leave_the_house(registry: Registry, tmp_path: Path):
    (publish(registry).path / WEIGHTS).write_text("WEIGHTS")
    with pytest.raises(DamagedModel):
        registry.export("mood", tmp_path / "out")
    with pytest.raises(DamagedModel):
        registry.export_archive("mood", tmp_path / "out.tar.gz")
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda f: (f / WEIGHTS).write_text("WEIGHTS"), "head.safetensors does not match its checksum"),
        (lambda f: (f / WEIGHTS).unlink(), "head.safetensors is missing"),
        (lambda f: (f / "more.txt").write_text("more"), "more.txt is not in the manifest"),
        (lambda f: (f / "manifest.json").unlink(), "it lacks manifest.json"),
        (lambda f: (f / "card.json").write_text("{}"), "card.json has another size"),
        (lambda f: (f / "manifest.json").write_text('{"format": 2}'), "written by a newer release: upgrade"),
    ],
)
def test_a_directory_that_is_not_what_was_exported_is_refused(registry, elsewhere, tmp_path, change, sentence):
    publish(registry)
    change(folder := registry.export("mood", tmp_path / "mood"))
    with pytest.raises(CannotImport, match=f"Cannot import mood, .*{sentence}"):
        elsewhere.import_(folder)
    assert elsewhere.names() == []
    assert all_paths(elsewhere.folder / ".drafts") == set()


def test_what_a_system_left_in_a_directory_is_passed_over(registry: Registry, elsewhere: Registry, tmp_path: Path):
    publish(registry)
    folder = registry.export("mood", tmp_path / "mood")
    (folder / ".DS_Store").write_text("x")
    assert not (elsewhere.import_(folder).path / ".DS_Store").exists()


def repacked(archive: Path, *members: tuple[tarfile.TarInfo, bytes], format_: int = tarfile.PAX_FORMAT) -> Path:
    """A copy of the archive with more members."""
    target = archive.with_name("stranger.tar.gz")
    with tarfile.open(archive) as old, tarfile.open(target, "w:gz", format=format_) as new:
        for member in old:
            new.addfile(member, old.extractfile(member))
        for member, content in members:
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return target


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


@pytest.mark.parametrize(
    ("member", "why"),
    [
        (tarfile.TarInfo("/etc/passwd.txt"), "points out of the archive"),
        (tarfile.TarInfo("mood-1/../../x.txt"), "points out of the archive"),
        (tarfile.TarInfo("mood-1/x\\..\\y.txt"), "its path is not a plain one"),
        (tarfile.TarInfo("mood-1/weights.bin"), "pickled files can run code and are never opened"),
        (tarfile.TarInfo("mood-1/weights.PT"), "pickled files can run code"),
        (tarfile.TarInfo("mood-1/run.sh"), "a version holds only"),
        (tarfile.TarInfo("mood-1/README.md"), "it is in the archive twice"),
        (tarfile.TarInfo("mood-1/README.md/x.txt"), "it is in the archive twice"),
        (special("mood-1/x.txt", tarfile.SYMTYPE, "/etc/passwd"), "a link or a special file"),
        (special("mood-1/x.txt", tarfile.LNKTYPE, "mood-1/README.md"), "a link or a special file"),
        (special("mood-1/x.txt", tarfile.CHRTYPE), "a link or a special file"),
        (special("mood-1/x.txt", tarfile.FIFOTYPE), "a link or a special file"),
        (special("mood-1/.hidden", tarfile.SYMTYPE, "/etc"), "a link or a special file"),
    ],
)
def test_a_member_that_is_no_plain_file_is_refused(elsewhere: Registry, archive: Path, tmp_path, member, why):
    before = all_paths(tmp_path) - {"stranger.tar.gz"}
    with pytest.raises(RefusedFile, match=why):
        elsewhere.import_(repacked(archive, (member, b"")))
    assert elsewhere.names() == []
    new = all_paths(tmp_path) - before - {"stranger.tar.gz"}
    assert new == {"elsewhere", "elsewhere/models", "elsewhere/models/.drafts"}


def test_an_archive_made_by_another_tar_is_taken(elsewhere: Registry, archive: Path, tmp_path: Path):
    left = tarfile.TarInfo("mood-1/._card.json")  # as macOS leaves them
    assert elsewhere.import_(repacked(archive, (left, b"x"), format_=tarfile.GNU_FORMAT)).ref == "mood@1"
    shutil.unpack_archive(archive, tmp_path / "out", filter="data")
    flat = tmp_path / "flat.tar.gz"
    with tarfile.open(flat, "w:gz") as tar:
        tar.add(tmp_path / "out" / "mood-1", arcname=".")
    assert elsewhere.import_(flat).ref == "mood@2"


def test_more_than_a_model_may_hold_is_refused_before_it_is_unpacked(elsewhere: Registry, archive: Path):
    big = repacked(archive, (tarfile.TarInfo("mood-1/big.txt"), bytes(100_000)))
    with pytest.raises(CannotImport, match=r"Cannot import stranger\.tar\.gz, it holds more than a model may"):
        elsewhere.import_archive(big, most_bytes=50_000)
    many = repacked(archive, *((tarfile.TarInfo(f"mood-1/{n}.txt"), b"") for n in range(1_001)))
    with pytest.raises(CannotImport, match="more than a model may"):
        elsewhere.import_(many)


def test_a_header_that_would_fill_the_memory_is_refused(elsewhere: Registry, archive: Path):
    bomb = special("mood-1/x.txt", tarfile.XHDTYPE)
    with pytest.raises(CannotImport, match=r"not a whole \.tar\.gz"):
        elsewhere.import_(repacked(archive, (bomb, bytes(10_000_000))))


def test_a_negative_size_does_not_go_in_circles(elsewhere: Registry, tmp_path: Path):
    member = tarfile.TarInfo("mood-1/x.txt")
    member.size = -1024
    header = member.tobuf(tarfile.GNU_FORMAT)
    (tmp_path / "x.tar.gz").write_bytes(gzip.compress(header * 4 + bytes(10_240)))
    with pytest.raises(CannotImport):
        elsewhere.import_(tmp_path / "x.tar.gz")


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", gzip.compress(b"no tar", mtime=0), gzip.compress(bytes(10_240), mtime=0)],
    ids=["nothing", "no archive", "no tar", "an empty tar"],
)
def test_what_is_no_archive_is_refused(elsewhere: Registry, tmp_path: Path, content: bytes):
    (tmp_path / "x.tar.gz").write_bytes(content)
    with pytest.raises(CannotImport, match=r"Cannot import x\.tar\.gz"):
        elsewhere.import_(tmp_path / "x.tar.gz")


def test_a_path_that_does_not_exist_is_told(elsewhere: Registry, tmp_path: Path):
    with pytest.raises(CannotImport, match=r"cannot be opened \(no such file"):
        elsewhere.import_(tmp_path / "x.tar.gz")


def test_damage_anywhere_in_an_archive_is_noticed(elsewhere: Registry, archive: Path, tmp_path: Path):
    whole, chance = gzip.decompress(archive.read_bytes()), random.Random(7)
    for round_ in range(100):
        broken = bytearray(whole)
        for _ in range(chance.choice((1, 1, 5))):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        if round_ % 3 == 0:
            del broken[chance.randrange(len(broken)) :]
        (tmp_path / "x.tar.gz").write_bytes(gzip.compress(bytes(broken), 1))
        try:
            arrived = elsewhere.import_(tmp_path / "x.tar.gz", name="mood")
        except TriviumError:
            continue
        assert elsewhere.open(arrived.ref).card.task == "mood"  # the damage lay in padding or in a member's date
        assert (arrived.path / WEIGHTS).read_text() == "weights"


def test_a_card_of_a_later_release_is_told(registry: Registry, tmp_path: Path):
    version = publish(registry)
    plain = json.loads((version.path / "card.json").read_text())
    (version.path / "card.json").write_text(json.dumps({**plain, "format": 2}))
    with pytest.raises(NewerFormat):
        _ = registry.get("mood").card
