"""How the private database and commands of ours are kept running: started again when they die, ended together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from geo_engine.children import start_module
from geo_engine.db.cluster import Cluster
from geo_engine.errors import Unavailable
from geo_engine.words import Message

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_LIVED_WELL_S = 120.0
_LOOK_AT_DATABASE_EVERY_S = 2.0

type Teller = Callable[[Message], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A command that runs until it is told to end.

    Parameters
    ----------
    name
        As people read it.
    arguments
        Of `geo-engine`.
    may_take_s
        How long its end may take before it is forced; None for as long as its work needs.
    """

    name: Message
    arguments: tuple[str, ...]
    may_take_s: float | None = None


class Pauses:
    """How long to wait before something that fails is tried again: twice as long each time, up to a minute.

    Examples
    --------
    >>> pauses = Pauses(first_s=1.0)
    >>> [pauses.next_s() for _ in range(8)]
    [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    >>> pauses.begin_anew()
    >>> pauses.next_s()
    1.0
    """

    def __init__(self, *, first_s: float) -> None:
        self._first_s = self._next_s = first_s

    def next_s(self) -> float:
        """Return the next pause, in seconds."""
        pause_s, self._next_s = self._next_s, min(2 * self._next_s, _LONGEST_PAUSE_S)
        return pause_s

    def begin_anew(self) -> None:
        """Have the next pause be the first one again: it did not fail."""
        self._next_s = self._first_s


class KeptService:
    """A service and the process it runs in; nothing it started outlives it.

    Parameters
    ----------
    tell
        Is told that it died and when it is started again: after 1, 2, 4 … and at most 60 seconds, and after one
        second once it has lived for two minutes.
    may_start
        Whether what it needs to start is there; until then it waits, which is no death of its own.
    """

    def __init__(self, service: Service, *, tell: Teller, may_start: Callable[[], bool]) -> None:
        self._service = service
        self._tell = tell
        self._may_start = may_start
        self._process: subprocess.Popen[bytes] | None = None
        self._pauses = Pauses(first_s=_FIRST_PAUSE_S)
        self._starts_at_s = 0.0
        self._started_at_s = 0.0
        self._forced_at_s: float | None = None
        self.death_count = 0

    def look_after(self) -> None:
        """Start it when it does not run and its pause is over; when it has died, tell so and begin the pause.

        Raises
        ------
        Unavailable
            When no process can be started.
        """
        now_s = time.monotonic()
        if self._process is None:
            if now_s >= self._starts_at_s and self._may_start():
                self._start(now_s)
            return
        code = _collect(self._process)
        if code is not None:
            self._mourn(code, now_s)

    def tell_to_end(self) -> None:
        """Tell it to end, as it can."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            if self._service.may_take_s is not None:
                self._forced_at_s = time.monotonic() + self._service.may_take_s

    def has_ended(self) -> bool:
        """Whether it has ended; one that has had its time is forced to."""
        if self._process is None:
            return True
        if self._forced_at_s is not None and time.monotonic() > self._forced_at_s:
            self.end_now()
        return self._process is None or _collect(self._process) is not None

    def end_now(self) -> None:
        """End it, and what it started, at once."""
        if self._process is not None:
            _end_session(self._process.pid)
            self._process.wait()
            self._process = None

    def _start(self, now_s: float) -> None:
        arguments = (str(os.getpid()), *self._service.arguments)
        self._process = start_module(
            "geo_engine.cli.kept", *arguments, stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), stderr=2
        )
        self._started_at_s = now_s

    def _mourn(self, code: int, now_s: float) -> None:
        self._process = None
        self.death_count += 1
        if now_s - self._started_at_s > _LIVED_WELL_S:
            self._pauses.begin_anew()
        pause_s = self._pauses.next_s()
        self._starts_at_s = now_s + pause_s
        reason = (
            Message("signal {number}", {"number": -code}) if code < 0 else Message("exit code {code}", {"code": code})
        )
        facts = {"name": self._service.name, "reason": reason, "pause": f"{pause_s:.0f}"}
        self._tell(Message("{name}: ended ({reason}); it is started again in {pause} s.", facts))


class KeptDatabase:
    """A private database that is started again when it has died.

    Parameters
    ----------
    tell
        Is told that it died, and of each try that fails; the next is after 2, 4, 8 … and at most 60 seconds.
    """

    def __init__(self, cluster: Cluster, *, tell: Teller) -> None:
        self._cluster = cluster
        self._tell = tell
        self._pauses = Pauses(first_s=_LOOK_AT_DATABASE_EVERY_S)
        self._looks_at_s = 0.0

    def is_running(self) -> bool:
        """Whether it takes connections; somebody else's does not for us."""
        try:
            return self._cluster.status().is_running
        except Unavailable:
            return False

    def look_after(self) -> None:
        """Start it when it does not run; seldom enough to cost nothing."""
        if time.monotonic() < self._looks_at_s:
            return
        try:
            if not self.is_running():
                self._tell(Message("The database does not run any more; it is started again."))
                self._cluster.up()
        except Unavailable as error:
            self._tell(error.message)
        else:
            self._pauses.begin_anew()
        self._looks_at_s = time.monotonic() + self._pauses.next_s()


def _collect(process: subprocess.Popen[bytes]) -> int | None:
    """Return a process's exit code, ending what it left behind in its session; None while it runs."""
    if process.returncode is None:
        # Its number stays taken until it is waited for: no other session can be meant.
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        _end_session(process.pid)
    return process.wait()


def _end_session(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
