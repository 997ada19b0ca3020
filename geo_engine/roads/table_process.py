"""How large tables are computed in a process of their own, because OSRM's table holds Python's lock.

The child says `READY` once its graph is open. A request is a `COUNT` and that many (lon, lat) pairs of
float64; the answer is the durations and then the distances, each count × count float64 in row order.
"""

import os
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from threading import Lock
from typing import IO

import numpy as np
from numpy.typing import NDArray

from geo_engine.errors import Unavailable
from geo_engine.roads.graph import RoadGraph
from geo_engine.words import Message

READY = b"ready\n"
COUNT = Struct("<q")
_STOP_PATIENCE_S = 5.0
_LAST_WORDS_BYTES = 2000
_SOURCE_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    answers: IO[bytes]
    errors: IO[bytes]


class TableProcess:
    """A child that keeps a graph open and computes tables; started by the first table, and again if it died.

    Safe to share between threads: one table is computed at a time, and other threads go on meanwhile.
    """

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        self._lock = Lock()
        self._child: _Child | None = None
        self._stop: weakref.finalize[..., TableProcess] | None = None

    def table(self, places: Sequence[tuple[float, float]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return durations (s) and distances (m) between all places, as `osrm_table.travel_table` does.

        Raises
        ------
        Unavailable
            When the child cannot start or dies.
        """
        request = np.asarray(places, dtype=np.float64)
        with self._lock:
            child = self._running()
            try:
                child.requests.write(COUNT.pack(len(request)) + request.tobytes())
                child.requests.flush()
            except BrokenPipeError as error:
                raise self._failure(child) from error
            durations_s = self._figures(child, len(request))
            return durations_s, self._figures(child, len(request))

    def close(self) -> None:
        """End the child; closing twice, or before the first table, does nothing."""
        with self._lock:
            if self._stop is not None:
                self._stop()
            self._child = None

    def _running(self) -> _Child:
        if self._child is None:
            child = _start(self._graph)
            self._child, self._stop = child, weakref.finalize(self, _end, child)
            if child.answers.read(len(READY)) != READY:
                raise self._failure(child)
        return self._child

    def _figures(self, child: _Child, count: int) -> NDArray[np.float64]:
        figures = np.empty((count, count), dtype=np.float64)
        if child.answers.readinto(memoryview(figures).cast("B")) != figures.nbytes:  # type: ignore[attr-defined]
            raise self._failure(child)
        return figures

    def _failure(self, child: _Child) -> Unavailable:
        """End what is left of the child, so that the next table starts a new one, and return its last words."""
        _await_end(child.process)
        child.errors.seek(0, os.SEEK_END)
        child.errors.seek(max(0, child.errors.tell() - _LAST_WORDS_BYTES))
        lines = child.errors.read().decode("utf-8", errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit {child.process.returncode}"
        if self._stop is not None:
            self._stop()
        self._child = None
        return Unavailable(Message("The process computing travel times ended: {reason}", {"reason": reason}))


def _start(graph: RoadGraph) -> _Child:
    # -P: a file of the user's named osrm.py in the current folder must not be imported.
    command = [sys.executable, "-P", "-m", "geo_engine.roads.osrm_table", str(graph.base), graph.preparation.value]
    search_path = os.pathsep.join(filter(None, [str(_SOURCE_ROOT), os.environ.get("PYTHONPATH")]))
    errors = tempfile.TemporaryFile()  # noqa: SIM115 — lives as long as the child; a pipe nobody reads would fill up
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": search_path},
    )
    if process.stdin is None or process.stdout is None:  # never: both were asked for
        raise Unavailable(Message("The process computing travel times ended: {reason}", {"reason": "no pipe"}))
    return _Child(process=process, requests=process.stdin, answers=process.stdout, errors=errors)


def _end(child: _Child) -> None:
    """End the child by ending its input; kill it when it does not listen."""
    with suppress(BrokenPipeError):
        child.requests.close()
    _await_end(child.process)
    child.answers.close()
    child.errors.close()


def _await_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=_STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
