"""How tests drive Chromium, and what they write down while a page is open."""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, expect

from geo_engine.reports import maps
from geo_engine.words import Language
from support.companies import PASSWORD
from support.web_server import WebServer

CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
"""Without windows where there is such a one: the other takes a second of the processor to make one for each page."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
AXE = Path(maps.__file__).parent / "assets" / "node_modules" / "axe-core" / "axe.min.js"
SMALL = (360, 740)
DESKTOP, PHONE = (1440, 900), (390, 844)

# Size, language and darkness of a screen. Any two of these meet in the short list; `GEO_ENGINE_EVERY_VIEW` tries all.
_EVERY_VIEW = "GEO_ENGINE_EVERY_VIEW"
type View = tuple[tuple[int, int], Language, bool]
SHORT_LIST: list[View] = [
    (DESKTOP, Language.EN, False),
    (DESKTOP, Language.ZH_CN, True),
    (PHONE, Language.ZH_CN, False),
    (PHONE, Language.EN, True),
]


def languages() -> list[Language]:
    """Return the languages a long way through the pages is gone in: that of its first users, or all of them."""
    return list(Language) if _EVERY_VIEW in os.environ else [Language.ZH_CN]


def views(*more_sizes: tuple[int, int]) -> list[View]:
    """Return the views a page is looked at in: desk, phone and more sizes, both languages, light and dark."""
    if _EVERY_VIEW in os.environ:
        return list(product((DESKTOP, PHONE, *more_sizes), Language, (False, True)))
    return [*SHORT_LIST, *((size, Language.ZH_CN, False) for size in more_sizes)]


def both_ends() -> list[View]:
    """Return the views of what is much the same in all: a desk in English and light, a phone in Chinese and dark."""
    return views() if _EVERY_VIEW in os.environ else [SHORT_LIST[0], (PHONE, Language.ZH_CN, True)]


def open_window(
    browser: Browser,
    *,
    origin: str | None = None,
    size: tuple[int, int] = DESKTOP,
    language: Language = Language.EN,
    dark: bool = False,
) -> BrowserContext:
    """Return a window with cookies of its own, on a desk or, narrower, on a phone; paths are of `origin`."""
    width, height = size
    return browser.new_context(
        base_url=origin,
        viewport={"width": width, "height": height},
        locale=language.value,
        color_scheme="dark" if dark else "light",
        has_touch=size[0] < DESKTOP[0],
        reduced_motion="reduce",
    )


def sign_in(page: Page, origin: str, *, company: str, login: str, password: str, language: Language) -> None:
    """Sign somebody in, who then reads in a language."""
    page.goto(f"{origin}/sign-in")
    for name, value in (("company", company), ("login", login), ("password", password)):
        page.fill(f"[name={name}]", value)
    page.click("main .primary")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.click(f".bar [name=language][value={language}]")
    expect(page.locator("html")).to_have_attribute("lang", language.value)


def enter(page: Page, server: WebServer, *, company: str, login: str, language: Language) -> None:
    """Have a page be somebody's who is signed in and reads in a language.

    The first time they sign in as people do. From then on the page has what the browser was given that time, and
    shows nothing yet: to load three pages each time costs more than what most tests then look at.
    """
    someone = company, login
    if someone not in server.sessions:
        sign_in(page, server.origin, company=company, login=login, password=PASSWORD, language=language)
        server.sessions[someone] = [one for one in page.context.cookies() if one["name"] == "session"]
        server.languages[someone] = language
        return
    page.context.add_cookies(server.sessions[someone])
    if server.languages[someone] is not language:
        _choose_language(page, server.origin, language)
        server.languages[someone] = language


def _choose_language(page: Page, origin: str, language: Language) -> None:
    """Send what the button of the bar sends."""
    held = re.search(r'name="csrf-token" content="([^"]+)"', page.request.get(f"{origin}/no-such-page").text())
    assert held is not None
    answer = page.request.post(
        f"{origin}/language", form={"csrf_token": held[1], "language": language.value}, max_redirects=0
    )
    assert answer.status == 302, answer.text()


@dataclass
class Watch:
    """What a page did that it must not do.

    Parameters
    ----------
    origin
        Where its own server is; a page that is a file has none.
    """

    origin: str | None = None
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        """Listen to a page before it loads."""
        page.on("request", self._asked)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(error.stack or str(error)))
        page.on("dialog", self._opened)

    def _asked(self, request: Request) -> None:
        own = ("file:", "data:") if self.origin is None else ("data:", "blob:", self.origin + "/")
        if not request.url.startswith(own):
            self.requests.append(request.url)

    def _said(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)

    def _opened(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def assert_clean(self) -> None:
        """Fail on a request to a host, an error or policy violation in the console, or a dialog."""
        assert (self.requests, self.complaints, self.dialogs) == ([], [], [])


type OpenPage = Callable[..., Page]

# Chosen in the page: all that axe finds, and what it finds to be well, is a long text to send.
_SERIOUS = """() => axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0].html}`))"""


def serious_findings(page: Page) -> list[str]:
    """Return what axe finds serious or critical on a page as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))  # past the page's policy: no script element is added
    return list(page.evaluate(_SERIOUS))


# Not what stands within a sentence, what the map says of its source, or a box whose label is pressed.
_HARD_TO_TOUCH = """() => [...document.querySelectorAll("a, button, select, summary, input:not([type=hidden])")]
    .filter((one) => !one.matches("p:not([class]) a:not(.button), label input, .skip, .attribution *, .leaflet-pane *"))
    .filter((one) => one.checkVisibility({ checkVisibilityCSS: true }))
    .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
    .filter(([, { width, height }]) => Math.min(width, height) < 43.5)
    .map(([html, { width, height }]) => `${width} × ${height}: ${html}`)"""


def hard_to_touch(page: Page) -> list[str]:
    """Return what can be pressed on a page and is smaller than 44 pixels: a fingertip (WCAG 2.2, target size)."""
    return list(page.evaluate(_HARD_TO_TOUCH))
