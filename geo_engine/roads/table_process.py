"""How large tables are computed in a process of their own, because OSRM's table holds Python's lock."""

import weakref
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from geo_engine.children import Child
from geo_engine.errors import Unavailable
from geo_engine.roads.graph import RoadGraph
from geo_engine.words import Message

type Tables = tuple[NDArray[np.float64], NDArray[np.float64]]


class TableProcess:
    """A child that keeps a graph open and computes tables; started by the first table, and again if it died.

    Safe to share between threads: one table is computed at a time, and other threads go on meanwhile.
    """

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        self._lock = Lock()
        self._child: Child | None = None

    def table(self, places: Sequence[tuple[float, float]]) -> Tables:
        """Return durations (s) and distances (m) between all places, as `osrm_table.travel_table` does.

        Raises
        ------
        Unavailable
            When the child cannot start or dies.
        """
        with self._lock:
            child = self._running()
            try:
                child.send(np.asarray(places, dtype=np.float64))
                tables: Tables = child.receive()  # type: ignore[assignment]
            except EOFError as error:
                reason = child.last_words()
                self._drop()
                raise Unavailable(
                    Message("The process computing travel times ended: {reason}", {"reason": reason})
                ) from error
            except BaseException:
                self._drop()  # half an answer in the pipe would be taken for the next one
                raise
            return tables

    def close(self) -> None:
        """End the child; closing twice, or before the first table, does nothing."""
        with self._lock:
            self._drop()

    def _running(self) -> Child:
        if self._child is None:
            graph = self._graph
            self._child = Child("geo_engine.roads.osrm_table", str(graph.base), graph.preparation.value)
            weakref.finalize(self, self._child.close)
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None
