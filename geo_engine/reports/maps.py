"""The map page of a plan, and the map of any page: drawn by folium and Leaflet, without anything from another host.

folium and Jinja escape nothing, so no text of a plan ever enters a template.
"""

import math

import folium
from branca.element import Figure
from folium.template import Template

from geo_engine.reports.map_data import page_data
from geo_engine.reports.model import PlanReport
from geo_engine.reports.one_file import MapBlock, OneFilePage, inert, inert_json, render_page
from geo_engine.words import DEFAULT_LANGUAGE

PLAN_SCRIPTS = (
    "page_text.js",
    "background_layer.js",
    "base_map.js",
    "route_layers.js",
    "time_strip.js",
    "why_not.js",
    "savings.js",
    "panel.js",
    "plan_map.js",
    "plan_page.js",
)
"""The modules of a plan's page, each after what it needs."""

_STYLES = ("tokens.css", "plan_map.css", "panel.css", "why_not.css")


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
    data = page_data(report)
    words: dict[str, str] = data["words"][report.language.value]
    page = OneFilePage(
        name="plan",
        language=report.language,
        title=words["title"],
        no_script=words["failed"],
        map=draw_map(_centre(report)),
        data={
            "plan-data": inert_json(data | {"default_language": DEFAULT_LANGUAGE.value}),
            "plan-background": "null" if report.background is None else inert(report.background),
        },
        styles=_STYLES,
        scripts=PLAN_SCRIPTS,
    )
    return render_page(page)


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


def draw_map(lat_lon: tuple[float, float] = (0.0, 0.0)) -> MapBlock:
    """Return a map for a page that fills it by itself.

    Parameters
    ----------
    lat_lon
        What is in its middle until then, in folium's order.
    """
    figure = Figure()
    figure.add_child(_plan_map(lat_lon))
    figure.render()
    return MapBlock(html=figure.html.render(), script=figure.script.render())


def _plan_map(lat_lon: tuple[float, float]) -> _PlanMap:
    plan_map = _PlanMap(
        location=lat_lon,
        zoom_start=12,
        tiles=None,
        zoom_control=False,
        prefer_canvas=True,
        zoom_snap=0.1,  # what is shown fills its map to a fifteenth: 2 ** 0.1
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
