"""How a page with a map becomes one HTML file with everything in it, which asks no other host for anything.

No text from outside ever enters the page's HTML. It reaches the page in one way: as JSON through `inert_json`, which
the page's script shows by `textContent` alone. The page's own Content-Security-Policy allows exactly the scripts and
styles in it, by their hashes.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from geo_engine.errors import Unavailable
from geo_engine.words import Language, Message

_ASSETS = Path(__file__).parent / "assets"
_LEAFLET = _ASSETS / "node_modules" / "leaflet" / "dist"
_BLOCK = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)
_MODULE_WORDS = re.compile(r"^import .*\n|^export ", re.MULTILINE)  # in one file, modules need none
_SLOT = re.compile(r"<!--slot:(\w+)-->")
_PAGE = """<!DOCTYPE html>
<html lang="<!--slot:language-->">
<head>
<!--slot:policy-->
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title><!--slot:title--></title>
<!--slot:leaflet_style-->
<!--slot:style-->
</head>
<body>
<main id="<!--slot:name-->"><!--slot:map--></main>
<noscript><!--slot:no_script--></noscript>
<!--slot:data-->
<!--slot:leaflet_script-->
<!--slot:map_script-->
<!--slot:script-->
</body>
</html>
"""


class AssetsMissing(Unavailable):
    """The assets of the map pages are not installed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            Message("The map page's assets are missing in {folder}: run scripts/setup.", {"folder": folder})
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MapBlock:
    """A map as a part of a page: the element, and the script that makes ``map_plan`` of it once Leaflet is there."""

    html: str
    script: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneFilePage:
    """What a page is made of.

    Parameters
    ----------
    name
        The id of its main element.
    title, no_script
        Ours, never text from outside: they stand in HTML.
    data
        By the id of its element, what the scripts read: JSON text made by `inert_json` or `inert`.
    styles, scripts
        Names of our assets in their order; the scripts are ES modules, which share one scope here.
    """

    name: str
    language: Language
    title: str
    no_script: str
    map: MapBlock
    data: Mapping[str, str]
    styles: tuple[str, ...]
    scripts: tuple[str, ...]


def require_assets() -> None:
    """Raise `AssetsMissing` unless what the pages are drawn with is installed; to be asked before long work."""
    _asset(_LEAFLET / "leaflet.js")


def render_page(page: OneFilePage) -> str:
    """Return a page as one HTML file.

    Raises
    ------
    AssetsMissing
        When Leaflet is not installed beside this module.
    """
    blocks = _blocks(page)
    html = _SLOT.sub(lambda slot: blocks.get(slot[1], slot[0]), _PAGE)
    return html.replace("<!--slot:policy-->", _policy(html), 1)


def inert_json(value: object) -> str:
    r"""Return `value` as JSON that can stand anywhere inside a script element and never ends it.

    Raises
    ------
    ValueError
        When a number in it is not finite.

    Examples
    --------
    >>> inert_json("</script>")
    '"\\u003c/script\\u003e"'
    """
    return inert(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def inert(json_text: str) -> str:
    """Return JSON text with the characters HTML gives a meaning written as JSON escapes."""
    for char in "<>&\u2028\u2029":
        json_text = json_text.replace(char, f"\\u{ord(char):04x}")
    return json_text


def _blocks(page: OneFilePage) -> Mapping[str, str]:
    data = (f'<script type="application/json" id="{key}">{text}</script>' for key, text in page.data.items())
    return {
        "language": page.language.value,
        "title": page.title,
        "no_script": page.no_script,
        "name": page.name,
        "map": page.map.html,
        "map_script": f"<script>{page.map.script}</script>",
        "leaflet_style": f"<style>{_leaflet_css()}</style>",
        "style": f"<style>{_texts(page.styles)}</style>",
        "leaflet_script": f"<script>{_asset(_LEAFLET / 'leaflet.js').partition('//# sourceMappingURL')[0]}</script>",
        "script": f'<script>(() => {{\n"use strict";\n{_texts(page.scripts)}}})();</script>',
        "data": "\n".join(data),
    }


def _texts(names: tuple[str, ...]) -> str:
    return "\n".join(_MODULE_WORDS.sub("", _asset(_ASSETS / name)) for name in names)


def _asset(path: Path) -> str:
    with _installed(path):
        return path.read_text(encoding="utf-8")


@contextmanager
def _installed(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise AssetsMissing(path.parent) from error


def _leaflet_css() -> str:
    def inline(found: re.Match[str]) -> str:
        path = _LEAFLET / found[1]
        with _installed(path):
            image = base64.b64encode(path.read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{image})"

    return re.sub(r"url\((images/[\w.-]+\.png)\)", inline, _asset(_LEAFLET / "leaflet.css"))


def _policy(page: str) -> str:
    allowed: dict[str, list[str]] = {"script": [], "style": []}
    for kind, text in _BLOCK.findall(page):
        digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
        allowed[kind].append(f"'sha256-{digest}'")
    rules = (
        "default-src 'none'",
        f"script-src {' '.join(allowed['script'])}",
        f"style-src {' '.join(allowed['style'])}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">'
