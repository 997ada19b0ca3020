"""Takes every page in both languages, light and dark, at a desk and on a phone, and lays them out on one sheet.

Run it as ``PYTHONPATH=tests .venv/bin/python tests/browser/contact_sheet.py http://127.0.0.1:8080/
out/monaco/sign-in.json out/sheet`` while `scripts/demo` serves. What axe finds, and what is wider than the screen, is
told on standard error.
"""

import base64
import itertools
import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from support.browser import CHROMIUM, DESKTOP, PHONE, QUIET, open_window, serious_findings, sign_in
from support.program import write_csv

from geo_engine.words import Language

TOMORROW = date.today() + timedelta(days=1)  # noqa: DTZ011 - as scripts/demo has it
SIZES = {"desk": DESKTOP, "phone": PHONE}
ROWS = [
    *({"id": f"N{n:02d}", "name": f"网点 {n}", "lon": 7.415 + n / 4000, "lat": 43.733 + n / 5000} for n in range(27)),
    {"id": "D1", "name": "doubtful", "address": "Avenue Princesse Grace"},
    {"id": "", "name": "no id", "lon": 7.42, "lat": 43.74},
    {"id": "B2", "name": "swapped", "lon": 43.74, "lat": 7.42},
]

type Opener = Callable[[Page, Path], object]


def _day(page: Page, _folder: Path) -> None:
    page.goto(f"/dispatch?date={TOMORROW}")
    page.wait_for_selector(".stop")


def _route(page: Page, folder: Path) -> None:
    _day(page, folder)
    if page.locator(".sheet-toggle").is_visible():
        page.click(".sheet-toggle")
    page.locator(".route-open").first.click()


def _move(page: Page, folder: Path) -> None:
    _route(page, folder)
    page.locator(".stops:not([hidden]) button.stop-row").nth(2).click()
    page.click(".leaflet-popup .buttons button")


def _preview(page: Page, folder: Path) -> None:
    page.goto("/imports")
    page.set_input_files("[name=file]", write_csv(folder / "sites.csv", ROWS))
    page.click("#import .primary")
    page.wait_for_selector("#preview")


def _tracked(page: Page, _folder: Path) -> None:
    page.goto("/tracks")
    page.locator(".replay-card [role=combobox]").click()
    page.locator("[role=option]").first.click()
    page.fill(".replay-card [name=purpose]", "4711")
    page.click(".replay-card .primary")
    page.wait_for_selector(".track-bar")


def _passed(page: Page, _folder: Path) -> None:
    page.goto("/tracks")
    page.click("[data-centre]")
    page.select_option("[name=radius_m]", "5000")
    page.fill("#search [name=purpose]", "4711")
    page.click("#search .primary")
    page.wait_for_selector("#passes")


def _refused(page: Page, _folder: Path) -> None:
    page.goto("/sign-in")
    for name in ("company", "login", "password"):
        page.fill(f"[name={name}]", "nobody")
    page.click("main .primary")


# By name: who opens it, and how; nobody's pages are seen before sign-in.
PAGES: Mapping[str, tuple[str | None, Opener]] = {
    "sign-in": (None, lambda page, _: page.goto("/sign-in")),
    "sign-in refused": (None, _refused),
    "dispatch": ("dispatcher", _day),
    "dispatch, a route open": ("dispatcher", _route),
    "dispatch, a move": ("dispatcher", _move),
    "dispatch, nothing due": ("dispatcher", lambda page, _: page.goto("/dispatch?date=2030-01-01")),
    "import": ("dispatcher", lambda page, _: page.goto("/imports")),
    "import, looked at": ("dispatcher", _preview),
    "tracks": ("dispatcher", lambda page, _: page.goto("/tracks")),
    "tracks, a day": ("dispatcher", _tracked),
    "tracks, who passed": ("dispatcher", _passed),
    "no such page": ("dispatcher", lambda page, _: page.goto("/nowhere")),
    "field": ("worker", lambda page, _: page.goto(f"/field?date={TOMORROW}")),
    "my track": ("worker", lambda page, _: page.goto("/my/track")),
    "field, no route": ("worker", lambda page, _: page.goto("/field?date=2030-01-01")),
}


def main() -> None:
    """Take them all."""
    origin, kept, folder = sys.argv[1].rstrip("/"), json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    passwords = {one["login"]: one["password"] for one in kept["people"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        for language, (size, dark) in itertools.product(Language, itertools.product(SIZES, (False, True))):
            for who in (None, "dispatcher", "worker"):
                context = open_window(browser, origin=origin, size=SIZES[size], language=language, dark=dark)
                page = context.new_page()
                if who is not None:
                    words = {"company": kept["company"], "login": who, "password": passwords[who]}
                    sign_in(page, origin, **words, language=language)
                _take(context, folder, who, f"{size} {language.value} {'dark' if dark else 'light'}")
                context.close()
        _lay_out(browser, folder)
        browser.close()


def _take(context: BrowserContext, folder: Path, who: str | None, view: str) -> None:
    for name, (opener, open_page) in PAGES.items():
        if opener != who:
            continue
        page = context.new_page()
        open_page(page, folder)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(800)  # for tiles that are drawn one after the other
        page.screenshot(path=folder / f"{name} {view}.png")
        is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        told = f"{name} {view}: axe {serious_findings(page)}{', wider than the screen' if is_wide else ''}"
        print(told, file=sys.stderr)  # noqa: T201 - run by hand
        page.close()


def _lay_out(browser: Browser, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 2800, "height": 1000})
    rows = []
    for name, size in itertools.product(PAGES, SIZES):
        files = sorted(folder.glob(f"{name} {size} *.png"))
        shots = (base64.b64encode(file.read_bytes()).decode() for file in files)
        images = "".join(f'<img height="400" src="data:image/png;base64,{shot}"> ' for shot in shots)
        rows.append(f"<h3>{name}, {size}</h3>{images}")
    page.set_content("".join(rows))
    page.screenshot(path=folder / "sheet.jpg", type="jpeg", quality=70, full_page=True)


if __name__ == "__main__":
    main()
