"""Which version undoing leads to."""

from collections.abc import Sequence

from geo_engine.planning.versions.model import VersionMark


def find_undone(versions: Sequence[VersionMark]) -> VersionMark | None:
    """Return the version that was there before the newest change by hand; None when there is nothing to undo.

    Undoing adds a version, and undoing again leads one change further back: what is told to restore the version
    before the last change counts as undoing that change, whatever else somebody went back to as a change of its own.

    Parameters
    ----------
    versions
        All of a scope, the newest first.
    """
    before: dict[int, int | None] = {}
    for mark in reversed(versions):
        last = mark.version - 1
        if not mark.is_by_hand:
            before[mark.version] = None
        elif mark.restores is not None and mark.restores == before.get(last):
            before[mark.version] = before[mark.restores]
        else:
            before[mark.version] = last
    undone = before[versions[0].version] if versions else None
    return next((mark for mark in versions if mark.version == undone), None)
