"""`geo-engine` run in a process of its own, and `geo-engine plan` on rows."""

import csv
import json
import multiprocessing
import os
import pkgutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
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


# A process that has loaded every command, and is copied for each run: loading takes a second, most runs far less.
_LOADED = multiprocessing.get_context("forkserver")
_LOADED.set_forkserver_preload([f"geo_engine.cli.{module.name}" for module in pkgutil.iter_modules(cli.__path__)])


def run_program(
    *arguments: object,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    within_s: float = 120.0,
) -> Run:
    """Run `geo-engine` with arguments to its end, in a folder and an environment or in those of the tests."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        words = [PROGRAM.name, *map(str, arguments)]
        streams = {1: _LOADED.reducer.DupFd(out.fileno()), 2: _LOADED.reducer.DupFd(err.fileno())}
        where = (folder or Path.cwd(), dict(os.environ if environment is None else environment))
        process = _LOADED.Process(target=_run_main, args=(words, streams, *where))
        process.start()
        process.join(within_s)
        assert process.exitcode is not None, f"{words} runs for longer than {within_s:.0f} s"
        return Run(code=process.exitcode, out=_text_of(out), err=_text_of(err))


def _run_main(words: list[str], streams: Mapping[int, Any], folder: Path, environment: dict[str, str]) -> None:
    for number, stream in streams.items():
        os.dup2(stream.detach(), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = words
    cli.main()


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
