"""The map page: one HTML file with everything in it, drawn by folium and Leaflet, that asks no other host for anything.

folium and Jinja escape nothing, so no text of a plan ever enters a template. It reaches the page in one way:
as JSON through `inert_json`, which the page's script shows by `textContent` alone. The page's own
Content-Security-Policy allows exactly the scripts and styles in it, by their hashes.
"""

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import folium
from branca.element import Figure
from folium.template import Template

from geo_engine.errors import Unavailable
from geo_engine.reports.map_data import page_data
from geo_engine.reports.model import PlanReport
from geo_engine.words import DEFAULT_LANGUAGE, Message

_ASSETS = Path(__file__).parent / "assets"
_LEAFLET = _ASSETS / "node_modules" / "leaflet" / "dist"
_OUR_SCRIPTS = (
    "page_text.js",
    "background_layer.js",
    "route_layers.js",
    "time_strip.js",
    "panel.js",
    "plan_map.js",
    "plan_page.js",
)
_OUR_STYLES = ("tokens.css", "plan_map.css", "panel.css")
_BLOCK = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)
_MODULE_WORDS = re.compile(r"^import .*\n|^export ", re.MULTILINE)  # in one file, modules need none
_SLOT = re.compile(r"<!--slot:(\w+)-->")


class AssetsMissing(Unavailable):
    """The assets of the map page are not installed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            Message("The map page's assets are missing in {folder}: run scripts/setup.", {"folder": folder})
        )


def require_assets() -> None:
    """Raise `AssetsMissing` unless what the map page is drawn with is installed; to be asked before long work."""
    _asset(_LEAFLET / "leaflet.js")


def render_plan_map(report: PlanReport) -> str:
    """Return the map page of a plan as one HTML file.

    Raises
    ------
    AssetsMissing
        When Leaflet is not installed beside this module.

    Notes
    -----
    The page grows with the routes' lines (about 3 bytes a point) and the background (2 MB at most).
    """
    blocks = _blocks(report)
    page = _SLOT.sub(lambda slot: blocks.get(slot[1], slot[0]), _folium_page(report).render())
    return page.replace("<!--slot:policy-->", _policy(page), 1)


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


class _PlanMap(folium.Map):
    """folium's map without its remote assets, in a page of our own."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012  folium's own shape
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        """
        {% macro html(this, kwargs) %}<div class="folium-map" id="{{ this.get_name() }}"></div>{% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map(
            {{ this.get_name()|tojson }},
            {
                center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }}, maxZoom: 19,
                ...{{ this.options|tojavascript }}
            }
        );
        {% endmacro %}
        """
    )


class _PlanPage(Figure):
    """The page around the map: slots for what is inlined, and no text of a plan."""

    _template = Template(
        """<!DOCTYPE html>
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
<main id="plan">{{ this.html.render(**kwargs) }}</main>
<noscript><!--slot:no_script--></noscript>
<script type="application/json" id="plan-data"><!--slot:data--></script>
<script type="application/json" id="plan-background"><!--slot:background--></script>
<!--slot:leaflet_script-->
<script>{{ this.script.render(**kwargs) }}</script>
<!--slot:script-->
</body>
</html>
"""
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MapBlock:
    """A map as a part of a page: the element, and the script that makes ``map_plan`` of it once Leaflet is there."""

    html: str
    script: str


def draw_map() -> MapBlock:
    """Return a map for a page that fills it by itself."""
    figure = Figure()
    figure.add_child(_plan_map((0.0, 0.0)))
    figure.render()
    return MapBlock(html=figure.html.render(), script=figure.script.render())


def _folium_page(report: PlanReport) -> Figure:
    page = _PlanPage()
    page.add_child(_plan_map(_centre(report)))
    return page


def _plan_map(lat_lon: tuple[float, float]) -> _PlanMap:
    plan_map = _PlanMap(
        location=lat_lon,
        zoom_start=12,
        tiles=None,
        zoom_control=False,
        prefer_canvas=True,
        zoom_snap=0.25,
        zoom_delta=1,
        attribution_control=False,
    )
    plan_map._name, plan_map._id = "map", "plan"  # noqa: SLF001  the same plan gives the same page
    return plan_map


def _centre(report: PlanReport) -> tuple[float, float]:
    """Return the (lat, lon) folium wants: the middle of the first places, until the script fits all of them."""
    day = report.day_plan
    places = [site.position for site in day.sites.values()] or [worker.start for worker in day.workers.values()]
    if not places:
        return 0.0, 0.0
    lats, lons = [place.lat for place in places], [place.lon for place in places]
    return math.fsum(lats) / len(lats), math.fsum(lons) / len(lons)


def _blocks(report: PlanReport) -> Mapping[str, str]:
    data = page_data(report)
    words: Mapping[str, str] = data["words"][report.language.value]
    return {
        "language": report.language.value,
        "title": words["title"],
        "no_script": words["failed"],
        "leaflet_style": f"<style>{_leaflet_css()}</style>",
        "style": f"<style>{_texts(_OUR_STYLES)}</style>",
        "leaflet_script": f"<script>{_asset(_LEAFLET / 'leaflet.js').partition('//# sourceMappingURL')[0]}</script>",
        "script": f'<script>(() => {{\n"use strict";\n{_texts(_OUR_SCRIPTS)}}})();</script>',
        "data": inert_json(data | {"default_language": DEFAULT_LANGUAGE.value}),
        "background": "null" if report.background is None else inert(report.background),
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
