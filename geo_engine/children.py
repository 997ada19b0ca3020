"""How a module of this package runs in a process of its own, and how objects cross to it and back.

Native calls that hold Python's lock for seconds, and searches that only a kill can end, run there.
"""

import ctypes
import mmap
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import IO

from geo_engine.errors import Unavailable
from geo_engine.system_errors import reason_of
from geo_engine.words import Message

_SOURCE_ROOT = Path(__file__).parents[1]
_LAST_WORDS_BYTES = 2_000
_PR_SET_PDEATHSIG = 1  # prctl(2)
_LARGE_BYTES, _ALIGNED_BYTES = 2**23, 64


class Child:
    """A child process running one module; what it is sent and answers are any picklable objects.

    It is in a session of its own, so that a Ctrl-C meant for the parent does not end it, and sees the end
    of its input when the parent dies. What it prints goes to its errors, whose last line tells why it ended.

    Parameters
    ----------
    module
        The module to run, such as ``geo_engine.planning.solver.model_process``; its ``main`` calls `parent_pipes`.
    arguments
        Its command line.

    Raises
    ------
    Unavailable
        When no process can be started.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child; an unread pipe fills up
        try:
            pipe = subprocess.PIPE
            self._process = start_module(module, *arguments, stdin=pipe, stdout=pipe, stderr=self._errors)
        except Unavailable:
            self._errors.close()
            raise
        self._memory_fds: list[int] = []
        self._requests = _take_over(self._process.stdin, is_read=False)
        self._answers = _take_over(self._process.stdout, is_read=True)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the child has not ended yet."""
        return self._process.poll() is None

    def send(self, request: object) -> None:
        """Send an object; a child that has ended does not mind, its end shows in `receive`.

        Large arrays in it are laid where the child reads them in place; it must not write to them.
        """
        buffers: list[pickle.PickleBuffer] = []
        head = pickle.dumps(request, protocol=5, buffer_callback=buffers.append)
        parts = [buffer.raw() for buffer in buffers]
        if sys.platform == "linux" and sum(part.nbytes for part in parts) >= _LARGE_BYTES:
            self._memory_fds.append(memory_fd := os.memfd_create("request"))
            request = _Laid(head, _lay(memory_fd, parts), f"/proc/{os.getpid()}/fd/{memory_fd}")
        with suppress(BrokenPipeError):
            self._requests.send(request)

    def receive(self) -> object:
        """Return the child's next object, waiting for it.

        Raises
        ------
        EOFError
            When the child has ended.
        """
        try:
            return self._answers.recv()
        except OSError as error:
            raise EOFError from error

    def last_words(self) -> str:
        """Return the last line the child printed, or its exit code; waits for its end."""
        code = self._process.wait()
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - _LAST_WORDS_BYTES))
        lines = self._errors.read().decode("utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit {code}"

    def exit_code(self) -> int:
        """Return the child's exit code, waiting for its end; negative when a signal ended it."""
        return self._process.wait()

    def close(self) -> None:
        """End the child now, if it still runs, and leave nothing behind; closing twice does nothing."""
        self._process.kill()
        self._process.wait()
        self._requests.close()
        self._answers.close()
        self._errors.close()
        while self._memory_fds:
            os.close(self._memory_fds.pop())


@dataclass(frozen=True, slots=True)
class _Laid:
    """A pickled object whose large parts lie in memory that the child opens; unpickling it gives the object."""

    head: bytes
    spans: list[tuple[int, int]]
    path: str

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return _read_laid, (self.head, self.spans, self.path)


def _lay(memory_fd: int, parts: Iterable[memoryview]) -> list[tuple[int, int]]:
    """Write parts one behind the other and return where each begins and ends."""
    spans, end = [], 0
    with open(memory_fd, "wb", closefd=False) as memory:
        for part in parts:
            begin = -(-end // _ALIGNED_BYTES) * _ALIGNED_BYTES
            memory.seek(begin)
            memory.write(part)
            end = begin + part.nbytes
            spans.append((begin, end))
    return spans


def _read_laid(head: bytes, spans: Iterable[tuple[int, int]], path: str) -> object:
    with Path(path).open("rb") as file:
        memory = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return pickle.loads(head, buffers=[memory[begin:end] for begin, end in spans])  # noqa: S301 - of the parent


def start_module(
    module: str, *arguments: str, stdin: int, stdout: int | IO[bytes], stderr: int | IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start a module of ours in a process and a session of its own, which a Ctrl-C meant for us does not reach.

    Raises
    ------
    Unavailable
        When no process can be started.
    """
    # -P: a file of the user's in the current folder, named like a library, must not be imported.
    command = [sys.executable, "-P", "-m", module, *arguments]
    search_path = os.pathsep.join(filter(None, [str(_SOURCE_ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": search_path}
    try:
        return subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True, env=environment
        )
    except OSError as error:
        raise Unavailable(Message("No process can be started: {reason}", {"reason": reason_of(error)})) from error


def end_with_parent(number: signal.Signals) -> None:
    """Let Linux send this process a signal when its parent dies; elsewhere it has to look itself."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def ready_children(children: Iterable[Child], timeout_s: float) -> list[Child]:
    """Return the children from which `receive` will not wait, waiting for the first for at most `timeout_s`."""
    by_pipe = {child._answers: child for child in children}  # noqa: SLF001 - of this module
    arrived = wait(list(by_pipe), timeout=timeout_s)
    return [child for pipe, child in by_pipe.items() if pipe in arrived]


def parent_pipes() -> tuple[Connection, Connection]:
    """Return, in a child, what reads from the parent and what writes to it; prints join the errors from now on."""
    answers = Connection(os.dup(sys.stdout.fileno()), readable=False)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return Connection(os.dup(sys.stdin.fileno()), writable=False), answers


def _take_over(pipe: object, *, is_read: bool) -> Connection:
    """Return a connection over one end of a pipe that `subprocess` opened."""
    if not hasattr(pipe, "fileno"):
        raise TypeError("a child without pipes")
    connection = Connection(os.dup(pipe.fileno()), readable=is_read, writable=not is_read)
    pipe.close()  # type: ignore[attr-defined]
    return connection
