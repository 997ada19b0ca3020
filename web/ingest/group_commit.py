"""How posts share a commit: all that waits is taken together, and answered when it is on disk."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from geo_engine.errors import GeoEngineError, Unavailable
from geo_engine.tracks.arrivals import Arrival
from geo_engine.tracks.ingest import Ingest
from geo_engine.words import Message

_log = logging.getLogger(__name__)
_MOST_FIXES = 20_000
_PATIENCE_S = 0.01
_COMMITTERS = 3
_NOBODY = 0
_NOT_NOW = Message("Positions cannot be taken at the moment.")

type _Waiting = tuple[Arrival, asyncio.Future[None]]


class GroupCommit:
    """Commits arrivals in threads of its own: while one group is under way, the next gathers.

    Parameters
    ----------
    now
        A clock.
    patience_s
        How long a group is awaited to become as large as the two before were on average.

    Notes
    -----
    The busier the process, the larger the groups: a lone post has a commit of its own, of sixty-four each shares one.
    Who was answered together posts again together: without patience the first of them would have a commit of its own,
    for which all others wait. Several groups are under way: with one only nothing would be read while it is committed,
    nor anything committed while the next is read. A group that cannot be kept as a whole is halved until it is known
    which arrival spoils it.
    """

    def __init__(self, ingest: Ingest, *, now: Callable[[], datetime], patience_s: float = _PATIENCE_S) -> None:
        self._ingest = ingest
        self._now = now
        self._patience_s = patience_s
        self._waiting: list[_Waiting] = []
        self._came = threading.Condition()
        self._wanted = _NOBODY
        self._last_counts = 1, 1
        self._gathering = threading.Lock()
        self._threads: list[threading.Thread] = []

    async def submit(self, arrival: Arrival) -> None:
        """Return when the arrival is committed.

        Raises
        ------
        GeoEngineError
            What keeps it from being; `Unavailable` when it is worth sending again, as after a defect of ours.
        """
        done = asyncio.get_running_loop().create_future()
        with self._came:
            self._start()
            self._waiting.append((arrival, done))
            if len(self._waiting) == self._wanted:
                self._came.notify()
        await done

    def _start(self) -> None:
        """Have the threads at work; while the system gives none but one, that is enough."""
        while len(self._threads) < _COMMITTERS:
            thread = threading.Thread(target=self._run, name="group commit", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                if not self._threads:
                    raise Unavailable(_NOT_NOW) from None
                return
            self._threads.append(thread)

    def _run(self) -> None:
        while True:
            with self._gathering:
                group = self._gather()
            self._tell(group, self._commit([arrival for arrival, _ in group]))

    def _gather(self) -> list[_Waiting]:
        """Return who waits: at once if few did before, else when as many are there as before, or after a moment."""
        with self._came:
            self._await(1, None)
            self._await(sum(self._last_counts) // 2, self._patience_s)
            self._wanted = _NOBODY
            group = self._take()
        self._last_counts = self._last_counts[1], len(group)
        return group

    def _await(self, count: int, within_s: float | None) -> None:
        self._wanted = count
        self._came.wait_for(lambda: len(self._waiting) >= count, within_s)

    def _take(self) -> list[_Waiting]:
        """Take the first that wait, up to about 20,000 fixes."""
        count = fix_count = 0
        while count < len(self._waiting) and (count == 0 or fix_count < _MOST_FIXES):
            fix_count += len(self._waiting[count][0].fixes)
            count += 1
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group

    def _commit(self, arrivals: Sequence[Arrival]) -> list[GeoEngineError | None]:
        """Commit arrivals and return what became of each; one that cannot be kept does not keep others from it."""
        try:
            self._ingest.commit(arrivals, now=self._now())
        except Unavailable as error:
            return [error] * len(arrivals)
        except Exception as error:  # noqa: BLE001 - of one arrival it is told, of several it is sought
            if len(arrivals) == 1:
                return [_told(error)]
            middle = len(arrivals) // 2
            return self._commit(arrivals[:middle]) + self._commit(arrivals[middle:])
        return [None] * len(arrivals)

    @staticmethod
    def _tell(group: Sequence[_Waiting], outcomes: Sequence[GeoEngineError | None]) -> None:
        def settle() -> None:
            for (_, done), outcome in zip(group, outcomes, strict=True):
                if done.done():
                    continue
                if outcome is None:
                    done.set_result(None)
                else:
                    done.set_exception(outcome)

        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            group[0][1].get_loop().call_soon_threadsafe(settle)


def _told(error: Exception) -> GeoEngineError:
    if isinstance(error, GeoEngineError):
        return error
    # A defect of ours: phones keep what they have until it is mended, and this thread serves the others.
    _log.error("An arrival could not be committed.", exc_info=error)
    return Unavailable(_NOT_NOW)
