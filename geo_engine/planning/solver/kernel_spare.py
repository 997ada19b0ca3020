"""A kernel process started ahead: it loads its compiled code, a second of work, before anybody waits for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from geo_engine.children import Child

MODULE = "geo_engine.planning.solver.kernel_process"
_LOADED_AFTER_S = 5.0  # a second and a half of work, also on a busy machine


class _Spare:
    """At most one process that has no task yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._started_s = 0.0
        self._is_kept = False

    def start(self, *, keep: bool) -> None:
        """Start it unless it is there."""
        with self._lock:
            self._is_kept |= keep
            if self._child is None or not self._child.is_running:
                self._drop()
                self._child = Child(MODULE)
                self._started_s = time.monotonic()

    @property
    def is_loaded(self) -> bool:
        """Whether it is there, and long enough to have loaded its code."""
        with self._lock:
            is_there = self._child is not None and self._child.is_running
            return is_there and time.monotonic() - self._started_s >= _LOADED_AFTER_S

    def take(self) -> Child:
        """Return it, or a new process."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None and child.is_running:
            return child
        if child is not None:  # Linux ends it with the thread that started it
            child.close()
        return Child(MODULE)

    def renew(self) -> None:
        """Start another one where one is to be kept ready."""
        if self._is_kept:
            self.start(keep=True)

    def drop(self) -> None:
        """End it, and keep none any more."""
        with self._lock:
            self._is_kept = False
            self._drop()

    def _drop(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


_SPARE = _Spare()


@contextmanager
def kernel_ready(*, keep: bool = False) -> Iterator[None]:
    """Have a kernel process ready, from the start, for the next solve of this process.

    Parameters
    ----------
    keep
        Start another one after each solve, for a process that solves again and again.

    Raises
    ------
    Unavailable
        When no process can be started.

    Notes
    -----
    It holds about 150 MiB while it waits. On Linux it ends with the thread that started it; a new one takes its place.
    """
    _SPARE.start(keep=keep)
    try:
        yield
    finally:
        _SPARE.drop()


def is_kernel_loaded() -> bool:
    """Return whether a process waits that has had the time to load its code: its first plan is then a matter of ms."""
    return _SPARE.is_loaded


def take_kernel() -> Child:
    """Return the process that waits, or a new one; it has no task yet."""
    return _SPARE.take()


def renew_kernel() -> None:
    """Start the next process after a solve, where one is to be kept ready."""
    _SPARE.renew()
