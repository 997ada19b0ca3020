"""Where OSRM's command line tools are and how they are run: quietly, their last words kept."""

import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from geo_engine.errors import Unavailable
from geo_engine.words import Message

TOOL_PACKAGE = "osrm-bindings"
_LOG_PREFIX = re.compile(r"^\[[^\]]*\] \[\w+\] ")
_SOURCE_SUFFIX = re.compile(r"(?:src|include)/[\w/]+\.[ch]pp:\d+$")


def run_tool(name: str, arguments: tuple[str, ...], *, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool in `folder` and return what it said; nothing reaches our own output.

    Raises
    ------
    Unavailable
        When the tool is not installed.
    """
    command = [str(_tool_path(name)), "-t", str(os.cpu_count() or 1), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False)


def profile_path(name: str) -> Path:
    """Return the tools' own profile for a kind of vehicle.

    Raises
    ------
    Unavailable
        When it is not installed.
    """
    path = _package_dir() / "share" / "profiles" / f"{name}.lua"
    if not path.is_file():
        raise _missing(path.name)
    return path


def last_words(run: subprocess.CompletedProcess[str]) -> str:
    """Return the line that says why a tool stopped, without its time stamp and source line."""
    lines = [line.strip() for line in f"{run.stdout}\n{run.stderr}".splitlines() if line.strip()]
    telling = [line for line in lines if "[error]" in line or "what():" in line] or lines
    if not telling:
        return f"exit {run.returncode}"
    line = _LOG_PREFIX.sub("", telling[-1]).removeprefix("what():").strip()
    return _SOURCE_SUFFIX.sub("", line)


def _tool_path(name: str) -> Path:
    path = _package_dir() / "bin" / name
    if not path.is_file():
        raise _missing(name)
    return path


def _package_dir() -> Path:
    # Found, not imported: the module that is imported belongs to the router alone.
    spec = find_spec("osrm")
    if spec is None or spec.origin is None:
        raise _missing(TOOL_PACKAGE)
    return Path(spec.origin).parent


def _missing(name: str) -> Unavailable:
    return Unavailable(Message("The road tool {tool} is not installed; run scripts/setup.", {"tool": name}))
