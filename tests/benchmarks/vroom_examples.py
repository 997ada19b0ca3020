"""Ours beside VROOM itself: its documented examples, made-up problems solved, and made-up routes in plan mode.

Run it as ``.venv/bin/python tests/benchmarks/vroom_examples.py [--problems 20] [--plans 200] [--seconds 5]``. VROOM
comes as pyvroom, installed into a throwaway environment by ``uv``. A solution is better by the priority it serves, then
by its tasks, then by its cost; plans are compared key by key. The made-up ones hold all that both can state but speed
factors, which VROOM rounds to hundredths of a second and we up to whole seconds.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.vroom_documents import random_document

from geo_engine.geometry import Position
from geo_engine.planning.vroom.answering import AnswerParams, answer
from geo_engine.planning.vroom.document import read_document
from geo_engine.roads.straight import StraightRouter

EXAMPLES = Path(__file__).parents[1] / "golden" / "vroom"
ROWS = (("start", "start_index"), ("end", "end_index"), ("location", "location_index"))


def main() -> None:
    """Ask both, compare, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--problems", type=int, default=20)
    parser.add_argument("--plans", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args()
    documents = {f"example {number}": _example(number, chosen.seconds) for number in (1, 2, 3)}
    for seed in range(chosen.problems):
        made = _made(seed, task_count=30, vehicle_count=4, is_plan=False)
        documents[f"solve {seed:04}"] = {**made, "options": {"l": chosen.seconds}}
    for seed in range(chosen.plans):
        documents[f"plan {seed:04}"] = _made(seed, task_count=12, vehicle_count=2, is_plan=True)
    _print(documents)


def _print(documents: dict[str, dict[str, Any]]) -> None:
    verdicts: Counter[str] = Counter()
    for name, theirs in _asked_of_vroom(documents):
        try:
            ours = answer(read_document(json.dumps(documents[name])), AnswerParams())
        except Exception as error:  # noqa: BLE001  # shown beside VROOM's
            ours = {"code": 2, "error": str(error)}
        verdict = _verdict(ours, theirs, is_plan="c" in documents[name].get("options", {}))
        verdicts[f"{name.split()[0]}: {verdict}"] += 1
        if not name.startswith("plan") or verdict != "same":
            print(f"{name:14} {verdict:7} ours {_told(ours)}  VROOM {_told(theirs)}")
    for verdict, count in sorted(verdicts.items()):
        print(f"{count:5} {verdict}")


def _verdict(ours: dict[str, Any], theirs: dict[str, Any], *, is_plan: bool) -> str:
    if ours["code"] or theirs["code"]:
        return "same" if bool(ours["code"]) == bool(theirs["code"]) else "refused by one"
    if is_plan and _comparable(ours) == _comparable(theirs):
        return "same"
    mine, other = (_worth(one["summary"]) for one in (ours, theirs))
    if mine == other:
        return "equal"
    return "better" if mine < other else "worse"


def _worth(summary: dict[str, Any]) -> tuple[int, int, int, int]:
    missed_s = sum(one.get("duration", 0) for one in summary["violations"])
    return -summary["priority"], summary["unassigned"], summary["cost"], missed_s


def _comparable(told: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
    if isinstance(told, dict):
        # pyvroom leaves distances out of what it read as JSON
        return {key: _comparable(value) for key, value in told.items() if key not in {"computing_times", "distance"}}
    if isinstance(told, list):
        return sorted((json.dumps(_comparable(one), sort_keys=True) for one in told), key=str)
    return told


def _told(answered: dict[str, Any]) -> str:
    if answered["code"]:
        return str(answered["error"])[:60]
    summary = answered["summary"]
    missed_s = sum(one.get("duration", 0) for one in summary["violations"])
    counts = f"priority {summary['priority']:4} unassigned {summary['unassigned']:2}"
    return f"{counts} cost {summary['cost']:6} missed {missed_s:6} s"


def _made(seed: int, **sizes: Any) -> dict[str, Any]:  # noqa: ANN401  # those of a document
    document = random_document(seed, **sizes)
    for vehicle in document["vehicles"]:
        vehicle.pop("speed_factor", None)
    return document


def _example(number: int, seconds: float) -> dict[str, Any]:
    """Return a documented example, with straight estimates in place of its roads."""
    document = json.loads((EXAMPLES / f"example_{number}.json").read_text(encoding="utf-8"))
    steps = [one[kind] for one in document.get("shipments", []) for kind in ("pickup", "delivery")]
    places: dict[tuple[float, ...], int] = {}
    for thing in (*document["vehicles"], *document["jobs"], *steps):
        for key, row in ROWS:
            if key in thing:
                thing[row] = places.setdefault(tuple(thing[key]), len(places))
    if places:
        durations_s = StraightRouter().matrix([Position(lon, lat) for lon, lat in places]).durations_s / 2
        document["matrices"] = {"car": {"durations": np.ceil(durations_s).astype(int).tolist()}}
    has_routes = any("steps" in vehicle for vehicle in document["vehicles"])
    return {**document, "options": {"c": True} if has_routes else {"l": seconds}}


def _asked_of_vroom(documents: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    uv = shutil.which("uv") or str(Path(__file__).parents[2] / ".local" / "uv" / "bin" / "uv")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = folder / "rival" / "bin" / "python"
        subprocess.run([uv, "venv", "--quiet", folder / "rival"], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "pyvroom==1.15.2"], check=True)
        asked = folder / "asked"
        asked.mkdir()
        for one, document in documents.items():
            (asked / f"{one}.json").write_text(json.dumps(document), encoding="utf-8")
        command = [python, Path(__file__).parent / "vroom_rival.py", asked]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    for line in run.stdout.splitlines():
        told = json.loads(line)
        yield told["name"], told["answer"]


if __name__ == "__main__":
    main()
