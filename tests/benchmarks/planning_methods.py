"""How a method is run: in a process and on cores of its own, by the Python that has it, and judged by two judges."""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.plain_checker import travel_s, wrong_with
from support.plain_days import PlainDay, save_day
from support.plain_problems import orders_by_id, problem_of

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.model import ViolationKind

OURS = "ours"
VRPTW_METHODS = (OURS, "pyvrp", "vroom", "ortools-example", "ortools-native")
FIELD_METHODS = (OURS, "vroom", "ortools-native")
RIVALS = ("pyvrp==0.14.1", "pyvroom==1.15.2", "ortools==9.15.6755")
# PyVRP searches on one core: it gets a process and a seed for each, and its best counts. OR-Tools has no seed.
_ONE_CORE_SEEDED = ("pyvrp",)
_ONE_CORE = ("ortools-example", "ortools-native")
_FOLDER = Path(__file__).parent
_SAMPLE_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Who runs what on which cores; `rivals` is their Python, None where they cannot be installed."""

    rivals: Path | None
    cores: int

    def has(self, method: str) -> bool:
        """Return whether a method can be run."""
        return method == OURS or self.rivals is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a method found, judged.

    Parameters
    ----------
    weight, travel_s
        Of what is left out, and of the routes; None without a plan that keeps every rule.
    wrong
        Why there is none.
    call_s, process_s
        Of the call that solves, models and start-up of solvers included; of the whole process, from outside.
    peak_mib
        Of the process and its children beyond what it held before it planned; only where it was asked for.
    """

    method: str
    weight: int | None
    travel_s: int | None
    left_out_count: int = 0
    wrong: str = ""
    call_s: float = float("nan")
    process_s: float = float("nan")
    first_plan_s: float | None = None
    peak_mib: float | None = None

    @property
    def worth(self) -> tuple[float, float]:
        """What is compared: weight left out, then travel; less is better."""
        if self.weight is None or self.travel_s is None:
            return float("inf"), float("inf")
        return self.weight, self.travel_s


def attempt(machine: Machine, method: str, day: PlainDay, limit_s: float, *, weighs: bool = False) -> Outcome:
    """Run a method on a day for so many seconds and judge what it found.

    Raises
    ------
    AssertionError
        When the two judges do not agree.
    """
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "day.npz"
        save_day(day, path)
        began_s = time.perf_counter()
        running = [_start(machine, one, path, limit_s) for one in _shares(machine, method)]
        peaks = _Peaks([process.pid for process in running]) if weighs else None
        told = [_told(process, limit_s) for process in running]
        process_s = time.perf_counter() - began_s
    judged = [_judged(method, day, one, process_s, peaks.stop() if peaks else None) for one in told]
    return min(judged, key=lambda outcome: outcome.worth)


@dataclass(frozen=True, slots=True)
class _Share:
    method: str
    seed: int
    first_core: int
    cores: int


def _shares(machine: Machine, method: str) -> list[_Share]:
    if method in _ONE_CORE_SEEDED:
        return [_Share(method, 1 + core, core, 1) for core in range(machine.cores)]
    return [_Share(method, 1, 0, 1 if method in _ONE_CORE else machine.cores)]


def _start(machine: Machine, share: _Share, path: Path, limit_s: float) -> subprocess.Popen[str]:
    cores = f"{share.first_core}-{share.first_core + share.cores - 1}"
    command = ["taskset", "-c", cores]
    if share.method == OURS:
        command += [sys.executable, str(_FOLDER / "planning_ours.py"), str(path), str(limit_s)]
    else:
        command += [str(machine.rivals), str(_FOLDER / "planning_rivals.py"), share.method, str(path)]
        command += [str(limit_s), str(share.seed), str(share.cores)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _told(process: subprocess.Popen[str], limit_s: float) -> dict[str, Any]:
    try:
        out, err = process.communicate(timeout=4 * limit_s + 120)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return {"failed": "ran four times as long as it might"}
    if process.returncode:
        return {"failed": (err.strip().splitlines() or [f"ended with {process.returncode}"])[-1]}
    return json.loads(out.strip().splitlines()[-1])


def _judged(method: str, day: PlainDay, told: dict[str, Any], process_s: float, peak_mib: float | None) -> Outcome:
    if "failed" in told or not told["orders"]:
        return Outcome(
            method=method,
            weight=None,
            travel_s=None,
            wrong=str(told.get("failed", "no plan")),
            call_s=told.get("call_s", float("nan")),
            process_s=process_s,
            peak_mib=_beyond(peak_mib, told),
        )
    orders = dict(told["orders"])
    wrong = wrong_with(day, orders)
    evaluation = evaluate(problem_of(day), orders_by_id(orders))
    broken = [one for one in evaluation.violations if day.is_all_due or one.kind is not ViolationKind.REQUIRED]
    left_out = day.left_out(orders)
    assert bool(wrong) == bool(broken), f"{method}, {day.name}: the judges do not agree: {wrong}, {broken}"
    if not wrong:
        assert travel_s(day, orders) == evaluation.travel_s == evaluation.cost_travel, f"{method}, {day.name}"
        assert len(left_out) == len(evaluation.unassigned_ids), f"{method}, {day.name}"
    return Outcome(
        method=method,
        weight=None if wrong else day.weight_of(left_out),
        travel_s=None if wrong else travel_s(day, orders),
        left_out_count=len(left_out),
        wrong="; ".join(wrong),
        call_s=told["call_s"],
        process_s=process_s,
        first_plan_s=told.get("first_plan_s"),
        peak_mib=_beyond(peak_mib, told),
    )


def _beyond(peak_mib: float | None, told: dict[str, Any]) -> float | None:
    return None if peak_mib is None or "base_mib" not in told else peak_mib - told["base_mib"]


class _Peaks:
    """The most that processes and their children held at a time, each its part of what is shared."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids, self._most_kib, self._ended = pids, 0, threading.Event()
        self._watch = threading.Thread(target=self._run)
        self._watch.start()

    def stop(self) -> float:
        """Return the most, in MiB."""
        self._ended.set()
        self._watch.join()
        return self._most_kib / 1024

    def _run(self) -> None:
        while not self._ended.wait(_SAMPLE_S):
            self._most_kib = max(self._most_kib, sum(_held_kib(pid) for pid in self._pids))


def _held_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (OSError, ValueError):  # it has ended meanwhile
        return 0
    own = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return own + sum(_held_kib(child) for child in children)


@contextmanager
def machine_of(cores: int, *, wants_rivals: bool = True) -> Iterator[Machine]:
    """Give the machine, with a Python that has the rivals for as long as they are needed."""
    with tempfile.TemporaryDirectory() as name:
        yield Machine(rivals=_installed(Path(name)) if wants_rivals else None, cores=cores)


def _installed(folder: Path) -> Path | None:
    uv = shutil.which("uv") or str(_FOLDER.parents[1] / ".local" / "uv" / "bin" / "uv")
    python = folder / "bin" / "python"
    steps = (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
        [uv, "pip", "install", "--quiet", "--python", str(python), *RIVALS],
    )
    try:
        for step in steps:
            subprocess.run(step, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"The rivals cannot be installed: {getattr(error, 'stderr', '') or error}", file=sys.stderr)
        return None
    return python
