"""How much of the processor processes took, as the kernel counts it."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PARENT, _TIMES = 1, slice(11, 15)  # of what follows the name in /proc/<pid>/stat: of itself and of ended children


def seconds_of_tree(pid: int) -> float:
    """Return the seconds that a process and all below it took so far, also those that ended and were waited for."""
    stats = {int(path.name): found for path in Path("/proc").glob("[0-9]*") if (found := _stat(path)) is not None}
    return sum(sum(map(int, stats[one][_TIMES])) for one in _below(pid, stats)) * _TICK_S


def _below(pid: int, stats: dict[int, list[str]]) -> Iterable[int]:
    """Give a process and all below it."""
    if pid in stats:
        yield pid
    for child, stat in stats.items():
        if int(stat[_PARENT]) == pid:
            yield from _below(child, stats)


def _stat(folder: Path) -> list[str] | None:
    """Return what stands behind the name of a process; None when it is gone."""
    try:
        return (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
