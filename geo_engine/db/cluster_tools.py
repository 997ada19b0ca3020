"""Where the programs of PostgreSQL with PostGIS are, and what to type when they are nowhere."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geo_engine.errors import Unavailable
from geo_engine.words import Message

LEAST_MAJOR = 15
_PACKAGED = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
)
_NO_SYSTEM_CLUSTER = (
    "{sudo}mkdir -p /etc/postgresql-common",
    "echo 'create_main_cluster = false' | {sudo}tee -a /etc/postgresql-common/createcluster.conf",
)
_COMMANDS = {
    "apt-get": (
        "{sudo}apt-get update",
        "{sudo}env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get install --yes {apt}",
    ),
    "dnf": ("{sudo}dnf install -y postgresql-server postgis",),
    "zypper": ("{sudo}zypper install -y postgresql-server postgis",),
    "pacman": ("{sudo}pacman -S --needed postgresql postgis",),
    "apk": ("{sudo}apk add postgresql postgis",),
    "brew": ("brew install postgresql@{brew} postgis",),
}
_SHARES = ("share", "share/postgresql", "share/postgresql@{major}")
_DEBIAN_SHARE = "/usr/share/postgresql/{major}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresTools:
    """The programs of one installed PostgreSQL that has PostGIS.

    Parameters
    ----------
    bin_dir
        The folder with ``initdb`` and ``postgres``.
    major
        Its major version, such as 15.
    """

    bin_dir: Path
    major: int

    def path(self, program: str) -> Path:
        """Return where `program` is."""
        return self.bin_dir / program


class ToolsMissingError(Unavailable):
    """No usable PostgreSQL with PostGIS is installed; the message says what to type."""


def find_tools(*, bin_dir: Path | None = None, major: int | None = None) -> PostgresTools:
    """Return the newest installed PostgreSQL with PostGIS.

    Parameters
    ----------
    bin_dir
        Look here and nowhere else.
    major
        Only this major version will do: data exist that it made.

    Raises
    ------
    ToolsMissingError
        When there is none; the message has the commands that provide it.
    """
    bare_majors: list[int] = []
    for tools in _installed(bin_dir):
        if tools.major < LEAST_MAJOR or major not in {None, tools.major}:
            continue
        if _has_postgis(tools):
            return tools
        bare_majors.append(tools.major)
    if bin_dir is not None:
        facts = {"folder": bin_dir, "version": major or LEAST_MAJOR}
        raise ToolsMissingError(Message("{folder} does not hold PostgreSQL {version} with PostGIS.", facts))
    raise ToolsMissingError(_advice(major or (bare_majors[0] if bare_majors else None)))


def _installed(bin_dir: Path | None) -> Iterator[PostgresTools]:
    """Yield every installed server: packaged ones newest first, then those on the search path."""
    if bin_dir is not None:
        yield from _tools_in(bin_dir)
        return
    packaged = [tools for pattern in _PACKAGED for folder in _folders(pattern) for tools in _tools_in(folder)]
    yield from sorted(packaged, key=lambda tools: -tools.major)
    if shutil.which("pg_config"):
        yield from _tools_in(Path(_first_line("pg_config", "--bindir")))
    if initdb := shutil.which("initdb"):
        yield from _tools_in(Path(os.path.realpath(initdb)).parent)


def _folders(pattern: str) -> list[Path]:
    return list(Path("/").glob(pattern.removeprefix("/")))


def _tools_in(folder: Path) -> Iterator[PostgresTools]:
    if all(shutil.which(str(folder / program)) for program in ("initdb", "postgres")):
        version = re.search(r"\) (\d+)", _first_line(str(folder / "postgres"), "--version"))
        if version:
            yield PostgresTools(bin_dir=folder, major=int(version[1]))


def _has_postgis(tools: PostgresTools) -> bool:
    own = [tools.bin_dir.parent / share.format(major=tools.major) for share in _SHARES]
    shares = [*own, Path(_DEBIAN_SHARE.format(major=tools.major))]
    if shutil.which(str(tools.path("pg_config"))):
        shares.insert(0, Path(_first_line(str(tools.path("pg_config")), "--sharedir")))
    return any((share / "extension" / "postgis.control").is_file() for share in shares)


def _first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, cwd="/")
    return next(iter(done.stdout.splitlines()), "")


def _advice(major: int | None) -> Message:
    """Return what to type on this machine to get PostgreSQL (of that major version) with PostGIS."""
    version = Message("PostgreSQL {major} or newer", {"major": LEAST_MAJOR})
    if major is not None:
        version = Message("PostgreSQL {major}", {"major": major})
    facts: dict[str, object] = {
        "version": version,
        "commands": "".join(f"\n  {command}" for command in _commands(major)),
    }
    return Message(
        "{version} with PostGIS is not installed. Install it, or set DATABASE_URL to a server that has it, "
        "or GEO_ENGINE_POSTGRES_BIN to the folder of its programs.{commands}",
        facts,
    )


def _commands(major: int | None) -> list[str]:
    sudo = "" if os.geteuid() == 0 else "sudo "
    facts = {
        "sudo": sudo,
        "apt": f"postgresql-{major}-postgis-3" if major else "postgresql-postgis",
        "brew": major or 17,
    }
    for manager, commands in _COMMANDS.items():
        if shutil.which(manager):
            is_first = manager == "apt-get" and not _folders(f"{_PACKAGED[0]}/postgres")
            return [command.format(**facts) for command in (*(_NO_SYSTEM_CLUSTER if is_first else ()), *commands)]
    return []
