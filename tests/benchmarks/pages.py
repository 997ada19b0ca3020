"""Measures a dispatcher's page with 300 visits: how soon it can be used, and how soon a moved stop is answered.

Run it as ``.venv/bin/python tests/benchmarks/pages.py [--sites 300] [--workers 16] [--openings 10] [--moves 20]``. It
makes a throwaway cluster, a day among the places of the bundled extract, and serves it as `geo-engine serve` does, on
loopback.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Page, sync_playwright
from support.browser import CHROMIUM, DESKTOP, QUIET
from support.databases import OwnDatabase, migrated_databases
from support.monaco_day import EXTRACT
from support.program import PROGRAM
from support.web_server import running_server

from geo_engine.db.roles import DatabaseRole

DAY = date(2026, 11, 30)
CODE, LOGIN = "bench", "administrator"
USABLE_GOAL_S, MOVE_GOAL_S = 2.0, 0.3


def main() -> None:
    """Fill, serve, open, move, print."""
    chosen = _arguments()
    with tempfile.TemporaryDirectory() as name, migrated_databases() as databases, databases.clone() as own:
        folder = Path(name)
        password = _fill(own, folder, chosen)
        with running_server(own, folder) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            opened = []
            for _ in range(chosen.openings):
                context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
                page = context.new_page()
                opened.append(_open(page, server.origin, password))
                page.wait_for_load_state("networkidle")
                if len(opened) < chosen.openings:
                    context.close()
            moved = _moves(page, chosen.moves)
            browser.close()
    _print("page usable after sign-in, s", opened, USABLE_GOAL_S)
    _print("a moved stop answered, s", moved, MOVE_GOAL_S)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=300)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument(
        "--openings", type=int, default=10, help="in a fresh browser each; the first meets a fresh server"
    )
    parser.add_argument("--moves", type=int, default=20)
    return parser.parse_args()


def _fill(own: OwnDatabase, folder: Path, chosen: argparse.Namespace) -> str:
    """Make a company and its planned day, and return its administrator's password."""
    urls = {"DATABASE_URL": own.url(), "DATABASE_OWNER_URL": own.url(DatabaseRole.OWNER)}
    environment = {**os.environ, **urls, "GEO_ENGINE_CACHE_DIR": str(folder / "cache")}

    def run(*words: object) -> dict[str, str]:
        command = [str(PROGRAM), *map(str, words)]
        done = subprocess.run(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
        answer: dict[str, str] = json.loads(done.stdout.splitlines()[-1]) if done.stdout.startswith("{") else {}
        return answer

    run("sample", EXTRACT, "--sites", chosen.sites, "--workers", chosen.workers, "--out", folder)
    run("tenant", "add", CODE, "--roads", EXTRACT)
    run("tenant", "import", CODE, "--sites", "sites.csv", "--workers", "workers.csv", "--due", DAY)
    run("tenant", "member", CODE, LOGIN, "--name", "A", "--role", "administrator")
    with subprocess.Popen([PROGRAM, "worker"], env=environment) as worker:
        run("day", "plan", CODE, "--date", DAY, "--time-limit", 10, "--publish")
        worker.terminate()
    return run("tenant", "password", CODE, LOGIN)["password"]


def _open(page: Page, origin: str, password: str) -> float:
    """Sign in and return how long it took until the day could be worked on."""
    page.goto(f"{origin}/sign-in?next=/dispatch?date={DAY}")
    for name, value in (("company", CODE), ("login", LOGIN), ("password", password)):
        page.fill(f"[name={name}]", value)
    began_s = time.perf_counter()
    page.click("main .primary")
    page.locator(".stop").last.wait_for(state="attached")
    page.locator(".route-open").first.click()
    page.locator(".stops:not([hidden]) .stop-row").first.wait_for()
    return time.perf_counter() - began_s


def _moves(page: Page, count: int) -> list[float]:
    """Move stops of one worker to another, and return how long each answer took."""
    chance = random.Random(1)
    times_s = []
    for _ in range(count):
        data = page.evaluate("JSON.parse(document.getElementById('plan-data').textContent)")
        route = chance.choice([one for one in data["routes"] if len(one["visits"]) > 1])
        form = {
            "csrf_token": page.get_attribute("meta[name=csrf-token]", "content") or "",
            "plan_id": data["plan_id"],
            "job_id": chance.choice(route["visits"])["job_id"],
            "worker_id": chance.choice([one["id"] for one in data["workers"] if one["id"] != route["worker_id"]]),
        }
        began_s = time.perf_counter()
        answer = page.request.post(
            f"{page.url.partition('/dispatch')[0]}/dispatch/move", form=form, headers={"Accept": "application/json"}
        )
        times_s.append(time.perf_counter() - began_s)
        assert answer.ok, answer.text()
        page.reload()
    return times_s


def _print(what: str, times_s: list[float], goal_s: float) -> None:
    p50, p95 = np.percentile(times_s, (50, 95))
    print(f"{what:32} p50 {p50:5.2f}  p95 {p95:5.2f}  goal {goal_s:g}, ratio {p95 / goal_s:.2f}")


if __name__ == "__main__":
    main()
