"""Which version undoing leads to."""

import uuid
from datetime import UTC, datetime

import pytest

from geo_engine.ids import PlanId
from geo_engine.planning.versions.history import find_undone
from geo_engine.planning.versions.model import VersionMark


def _history(*made: str) -> list[VersionMark]:
    """Return versions, the newest first: each was planned, moved by hand, or is as an earlier one (its number)."""
    return [
        VersionMark(
            id=PlanId(uuid.UUID(int=version)),
            version=version,
            made_at=datetime(2026, 11, 24, 8, tzinfo=UTC),
            is_by_hand=how != "planned",
            restores=int(how) if how.isdigit() else None,
        )
        for version, how in reversed(list(enumerate(made, start=1)))
    ]


@pytest.mark.parametrize(
    ("made", "undone"),
    [
        ([], None),
        (["planned"], None),
        (["planned", "moved"], 1),
        (["planned", "moved", "moved"], 2),
        (["planned", "moved", "moved", "2"], 1),  # undone once
        (["planned", "moved", "moved", "2", "1"], None),  # undone twice: as it was planned
        (["planned", "moved", "moved", "2", "moved"], 4),
        (["planned", "moved", "moved", "2", "moved", "4"], 1),  # the move after the undoing, and then the first one
        (["planned", "moved", "moved", "moved", "2"], 4),  # gone back two at once: a change of its own
        (["planned", "moved", "moved", "moved", "2", "4"], 3),
        (["planned", "moved", "planned"], None),
        (["planned", "planned", "1"], 2),
        (["planned", "planned", "1", "2"], None),
    ],
)
def test_undoing_leads_one_change_by_hand_back_each_time(made: list[str], undone: int | None) -> None:
    """What was undone is not done again by undoing once more; a plan that was searched for is no change by hand."""
    found = find_undone(_history(*made))

    assert (found and found.version) == undone
