"""What is kept outside the database: a key that is made once, and anchors that are only ever added."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.chains import KEY, TENANT, a_chain

from geo_engine.audit.anchors import AnchorFile, AnchorsUnreadable, OtherAuditKey
from geo_engine.audit.vault import AuditKeyTooShort, Vault

ANCHORS = a_chain([[1], [2, 3], [4]]).anchors


@pytest.fixture
def file(tmp_path: Path) -> AnchorFile:
    """Give a file with three anchors."""
    file = AnchorFile(tmp_path / "anchors", TENANT, KEY)
    for anchor in ANCHORS:
        with file.opened() as opened:
            opened.append(anchor)
    return file


def test_anchors_are_read_as_they_were_written(file: AnchorFile) -> None:
    """All of them in their order, by nobody but their user."""
    with file.opened() as opened:
        last = opened.last

    assert list(file.read()) == list(ANCHORS)
    assert last == ANCHORS[-1]
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700


def test_what_an_interrupted_writer_left_is_cut_off(file: AnchorFile) -> None:
    """Half a line is no anchor; the next one begins a line of its own."""
    with file.path.open("a") as half:
        half.write('{"form": 1, "le')

    before = list(file.read())
    with file.opened() as opened:
        assert opened.last == ANCHORS[-1]
        opened.append(ANCHORS[-1])

    assert before == list(ANCHORS)
    assert list(file.read()) == [*ANCHORS, ANCHORS[-1]]


def test_lines_of_any_length_are_found_from_the_end(file: AnchorFile) -> None:
    """A seal of very many events has a line longer than what is read at once."""
    long = replace(ANCHORS[-1], checks=(b"12345678",) * 30_000)
    with file.opened() as opened:
        opened.append(long)

    with file.opened() as opened:
        assert opened.last == long
        opened.append(ANCHORS[0])
    with file.opened() as opened:
        assert opened.last == ANCHORS[0]


_ANCHOR = '{"form": 1, "at": "2026-11-25T00:00:00+00:00", "length": 1, "head": "", "settled": 0, "checks": ""}'


@pytest.mark.parametrize(
    "line",
    ["", "{}", "[]", '{"form": 2}', "no", _ANCHOR, _ANCHOR.replace(": 1,", ": 1e999,"), "[" * 200_000],
    ids=["empty", "nothing", "list", "form", "text", "keyless", "endless", "deep"],
)
def test_a_line_that_is_no_anchor_is_told(file: AnchorFile, line: str) -> None:
    """With its beginning and the file's name, to whoever reads and whoever adds."""
    file.path.write_text(f"{line}\n")

    with pytest.raises(AnchorsUnreadable, match=str(file.path)):
        list(file.read())
    with pytest.raises(AnchorsUnreadable), file.opened():
        pass


def test_anchors_of_another_key_are_told(file: AnchorFile) -> None:
    """They are not taken for a chain of which every link is wrong."""
    with pytest.raises(OtherAuditKey):
        list(AnchorFile(file.path.parent, TENANT, b"another").read())


def test_anchors_hold_nothing_of_what_was_done(file: AnchorFile) -> None:
    """Lengths, digests and moments: whoever is erased need not be erased there."""
    lines = [json.loads(line) for line in file.path.read_text().splitlines()]

    assert {name for line in lines for name in line} == {"form", "at", "length", "head", "settled", "key", "checks"}


def test_a_key_is_made_once_and_is_its_users_alone(tmp_path: Path) -> None:
    """Asking for it makes none; sealing does, and from then on it is the same."""
    vault = Vault(state_dir=tmp_path / "state")

    assert vault.find_key() is None
    key = vault.keep_key()

    assert vault.keep_key() == vault.find_key() == Vault(state_dir=tmp_path / "state").find_key() == key
    assert len(key) >= 32
    assert (tmp_path / "state" / "audit-key").stat().st_mode & 0o777 == 0o600


def test_a_given_key_is_taken_if_nobody_can_guess_it(tmp_path: Path) -> None:
    """It makes no file; a short one is refused."""
    vault = Vault(state_dir=tmp_path, given_key="k" * 32)

    assert vault.find_key() == b"k" * 32
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(AuditKeyTooShort):
        replace(vault, given_key="k" * 31).find_key()
