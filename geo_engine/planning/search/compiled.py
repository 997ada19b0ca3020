"""How the kernel's functions are compiled: typed, without Python's lock, and kept from run to run."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Self, cast

import llvmlite.binding
import numba
import numba.core.config
import numpy as np
from numba import njit, types

type Array = np.ndarray[Any, np.dtype[Any]]

_SOURCES = Path(__file__).parent
# Neither compiled nor read by what is.
_WITHOUT_EFFECT = ("kernel.py", "leniency.py", "scope.py", "territories.py", "warm_up.py")
# No reference counts: the functions allocate nothing, and counting each array handed on costs ten times the work.
_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}


class Folder:
    """Where compiled code is kept, as Numba asks for it; one's own code is anew when any of the kernel's sources is.

    Numba alone looks at the source of a function but not of those it calls.
    """

    def __init__(self, line: int) -> None:
        self._line = line

    @classmethod
    def from_function(cls, function: Callable[..., object], _: str) -> Self:
        """Return the folder of a function."""
        return cls(function.__code__.co_firstlineno)

    def ensure_cache_path(self) -> None:
        """Make the folder."""
        kept_in().mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        """Return the folder's path."""
        return str(kept_in())

    def get_source_stamp(self) -> str:
        """Return what changes with any source."""
        return _stamp()

    def get_disambiguator(self) -> str:
        """Return what tells functions of one name apart."""
        return str(self._line)


@cache
def kept_in() -> Path:
    """Return the folder of the compiled code: beside the sources, or else the user's own.

    The one beside the sources serves also where it cannot be written to, when all has been compiled there for this
    processor; on another one nothing could be kept in it.
    """
    beside = _SOURCES / "__pycache__"
    if _is_writable(beside) or is_complete(beside):
        return beside
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    own = Path(home) / "geo-engine" / "kernel"
    return own if _is_writable(own) else Path(tempfile.mkdtemp(prefix="geo-engine-kernel-"))


def is_complete(folder: Path) -> bool:
    """Return whether the folder holds all of the kernel, compiled from these sources for this processor."""
    return _marker(folder).exists()


def note_complete() -> None:
    """Note that all of the kernel has been compiled."""
    _marker(kept_in()).touch()


def _marker(folder: Path) -> Path:
    machine = f"{llvmlite.binding.get_host_cpu_name()} {llvmlite.binding.get_host_cpu_features().flatten()}"
    versions = f"{sys.version} {numba.__version__} {_stamp()}"
    return folder / f"kernel-{hashlib.sha256(f'{machine} {versions}'.encode()).hexdigest()[:16]}.complete"


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


@cache
def _stamp() -> str:
    sources = [source for source in sorted(_SOURCES.glob("*.py")) if source.name not in _WITHOUT_EFFECT]
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


numba.core.config.CACHE_LOCATOR_CLASSES = f"{__name__}.{Folder.__name__}"  # type: ignore[attr-defined]


def compiled[F: Callable[..., object]](function: F) -> F:
    """Compile a function on its first call, or take what was compiled for this processor before."""
    return cast("F", _once(njit(**_OPTIONS)(function)))


def inlined[F: Callable[..., object]](function: F) -> F:
    """Compile a function into each of its callers."""
    return cast("F", _once(njit(forceinline=True, **_OPTIONS)(function)))


def _once[F: Callable[..., object]](dispatcher: F) -> F:
    """Let a function be compiled once, whatever constants and widths of whole numbers others call it with.

    Numba would compile it for each, and with it all it calls: that takes several times as long.
    """
    versatile = cast("Any", dispatcher)
    find = versatile.get_call_template
    versatile.get_call_template = lambda args, kws: find(tuple(_widened(one) for one in args), kws)
    return dispatcher


def _widened(kind: types.Type) -> types.Type:
    """Return the type of 64 bits for one of whole numbers, or of several."""
    kind = types.unliteral(kind)  # type: ignore[no-untyped-call]
    if isinstance(kind, types.Integer):
        return types.int64
    if isinstance(kind, types.BaseTuple) and not isinstance(kind, types.BaseNamedTuple):
        return types.Tuple([_widened(one) for one in cast("Any", kind)])  # type: ignore[no-untyped-call]
    return kind
