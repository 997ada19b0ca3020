"""`geo-engine` run in a process of its own, and `geo-engine plan` on rows."""

import csv
import json
import multiprocessing
import os
import pkgutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from geo_engine import cli

PROGRAM = Path(sys.executable).parent / "geo-engine"
"""As installed, for tests that watch it while it runs."""
MONACO = Path(__file__).parents[2] / "scripts" / "data" / "monaco.osm.pbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a run ended."""

    code: int
    out: str
    err: str


type Cells = Mapping[str, object]


def write_csv(path: Path, rows: Sequence[Cells]) -> Path:
    """Write rows as CSV; the columns are all that any row has."""
    columns = dict.fromkeys(column for row in rows for column in row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def with_defaults(options: Sequence[object]) -> list[str]:
    """Return options of `plan`, and a default for each needed one they do not name."""
    defaults: dict[str, object] = {
        "--sites": "sites.csv",
        "--workers": "workers.csv",
        "--roads": MONACO,
        "--date": "2026-11-23",
        "--out": "out",
    }
    if "--time-limit" not in options:
        defaults["--solution-limit"] = 20
    missing = [part for option, value in defaults.items() if option not in options for part in (option, value)]
    return [str(part) for part in (*missing, *options)]


# A process that has loaded every command and the pages, and is copied for each run: loading takes three seconds, most
# runs far less.
_CP_SAT = ("geo_engine.planning.periods.beginning", "geo_engine.planning.vroom.eta")
_LOADED = multiprocessing.get_context("forkserver")
_LOADED.set_forkserver_preload(
    [*(f"geo_engine.cli.{module.name}" for module in pkgutil.iter_modules(cli.__path__)), "web.serving", *_CP_SAT]
)


class LoadedProcess:
    """A running copy of the process that has loaded everything; what is asked of it is named as `subprocess` has it.

    Parameters
    ----------
    words
        `geo-engine` with its arguments.
    out, err
        Where it prints.
    main
        What runs instead of the program, if anything; a function of a module.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        out: IO[bytes],
        err: IO[bytes],
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        main: Callable[[], None] = cli.main,
    ) -> None:
        streams = {1: _LOADED.reducer.DupFd(out.fileno()), 2: _LOADED.reducer.DupFd(err.fileno())}
        where = (folder or Path.cwd(), dict(os.environ if environment is None else environment))
        self._process = _LOADED.Process(target=_run_main, args=(main, words, streams, *where))
        self._process.start()

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, negative when a signal ended it; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, waiting for the end."""
        self._process.join(timeout)
        code = self._process.exitcode
        assert code is not None, f"it runs for longer than {timeout:.0f} s"
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Tell it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash does."""
        self.send_signal(signal.SIGKILL)


def run_program(
    *arguments: object,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    within_s: float = 120.0,
) -> Run:
    """Run `geo-engine` with arguments to its end, in a folder and an environment or in those of the tests."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        words = [PROGRAM.name, *map(str, arguments)]
        process = LoadedProcess(words, out=out, err=err, folder=folder, environment=environment)
        return Run(code=process.wait(within_s), out=_text_of(out), err=_text_of(err))


def _run_main(
    main: Callable[[], None],
    words: Sequence[str],
    streams: Mapping[int, Any],
    folder: Path,
    environment: dict[str, str],
) -> None:
    for number, stream in streams.items():
        os.dup2(stream.detach(), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = list(words)
    multiprocessing.set_start_method(None, force=True)  # how processes are begun where nobody has said it
    main()


def _text_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@dataclass(frozen=True, slots=True)
class Planner:
    """`geo-engine plan` on rows, in the test's folder, on the bundled extract."""

    folder: Path

    def __call__(self, sites: Sequence[Cells], workers: Sequence[Cells], *options: object, lang: str = "en") -> Run:
        """Plan the rows on the bundled extract's roads unless `options` name others."""
        given = [
            *("--sites", write_csv(self.folder / "sites.csv", sites)),
            *("--workers", write_csv(self.folder / "workers.csv", workers)),
        ]
        return self.plan(*given, *options, lang=lang)

    def run(self, *arguments: object) -> Run:
        """Run `geo-engine` in the test's folder."""
        return run_program(*arguments, folder=self.folder)

    def plan(self, *options: object, lang: str = "en") -> Run:
        """Plan with these options; what they do not say has a default."""
        return self.run("--lang", lang, "plan", *with_defaults(options))

    def result(self) -> dict[str, Any]:
        """Return plan.json."""
        document: dict[str, Any] = json.loads((self.folder / "out" / "plan.json").read_text(encoding="utf-8"))
        return document

    def reasons(self) -> dict[str, str]:
        """Return why each job is unassigned."""
        return {left["job_id"]: left["reason"] for left in self.result()["unassigned"]}
