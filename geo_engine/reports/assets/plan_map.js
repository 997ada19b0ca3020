// Puts panel, background and routes onto folium's map and keeps them together.

import { attribution, mapTools, redrawBackground, ScaleBar, showBackground } from "./base_map.js";
import { DARK, DATA, h, icon, say, state, svg, word } from "./page_text.js";
import { closeSheet, panel, renderPanel, setShown, stage } from "./panel.js";
import { RouteLayers } from "./route_layers.js";

const NEAR_ZOOM = 17;
export const SHEET_PX = 76;
const LEGEND_FOOT_PX = 44; // below it, and half a pin above it
const PHONE = window.matchMedia("screen and (max-width: 760px)");

let scaleBar = null;

export function start(map) {
  const main = document.getElementById("plan");
  main.prepend(panel);
  map.invalidateSize({ animate: false });
  map.getContainer().append(tools(map), legend(), attribution(say(DATA.attribution)));
  map.getContainer().setAttribute("role", "region");
  showBackground(map);
  stage.layers = new RouteLayers(map);
  stage.goTo = travel(map);
  renderPanel();
  labelMap(map);
  scaleBar = new ScaleBar({ imperial: false, position: "bottomleft" }).addTo(map);
  map.on("zoomend", () => sizePins(map));
  map.on("popupopen", labelPopup);
  DARK.addEventListener("change", () => recolour());
  window.addEventListener("beforeprint", () => setPrinting(map, true));
  window.addEventListener("afterprint", () => setPrinting(map, false));
  stage.goTo.all();
  sizePins(map);
}

function recolour() {
  redrawBackground();
  stage.layers.recolour();
}

export function setLanguage(language) {
  state.language = language;
  const map = stage.layers.map;
  map.closePopup();
  renderPanel();
  map.getContainer().querySelector(".map-tools").replaceWith(tools(map));
  map.getContainer().querySelector(".legend").replaceWith(legend());
  map.getContainer().querySelector(".attribution").replaceWith(attribution(say(DATA.attribution)));
  labelMap(map);
  scaleBar._update();
  panel.querySelector(`.languages [lang="${language}"]`).focus();
}

function labelMap(map) {
  map.getContainer().setAttribute("aria-label", word("map"));
}

function labelPopup({ popup }) {
  const close = popup.getElement().querySelector(".leaflet-popup-close-button");
  close.setAttribute("aria-label", word("close"));
  close.title = word("close");
}

// Far away a stop is a dot, near by it carries its number.
function sizePins(map) {
  const zoom = map.getZoom();
  map.getContainer().dataset.scale = zoom < 12 ? "far" : zoom < 14 ? "mid" : "near";
}

function travel(map) {
  // What stands over the map, the note, the keys and the legend, which is closed on a phone, covers no stop.
  const below = () => (PHONE.matches ? SHEET_PX + 72 : LEGEND_FOOT_PX + map.getContainer().querySelector(".legend").offsetHeight);
  const room = () => ({ paddingTopLeft: [28, DATA.summary.estimated ? 60 : 28], paddingBottomRight: [60, below()] });
  const fit = (box, options) => box.isValid() && map.fitBounds(box, { ...room(), maxZoom: NEAR_ZOOM, ...options });
  const near = (at) => {
    const zoom = Math.max(map.getZoom(), NEAR_ZOOM - 1);
    map.setView(at, zoom);
  };
  const visible = (workerId) => {
    if (state.hidden.has(workerId)) setShown(workerId, true);
  };
  return {
    box: (box) => fit(box, { animate: false }),
    all: () => fit(stage.layers.bounds(), { animate: false }),
    route: (workerId) => {
      visible(workerId);
      closeSheet();
      fit(stage.layers.bounds(workerId));
    },
    place: ([lon, lat]) => {
      closeSheet();
      near([lat, lon]);
    },
    stop: (jobId, workerId) => {
      visible(workerId);
      const marker = stage.layers.marker(jobId);
      closeSheet();
      map.once("moveend", () => marker.openPopup());
      near(marker.getLatLng());
    },
  };
}

export function tools(map) {
  const estimate = DATA.summary.estimated ? h("p", { class: "map-note" }, `≈ ${word("estimate_title")}`) : null;
  return mapTools(map, () => stage.goTo.all(), estimate);
}

function legend() {
  const line = svg("svg", { class: "swatch", viewBox: "0 0 22 10", "aria-hidden": "true" }, svg("line", { x1: 0, x2: 22, y1: 5, y2: 5, "stroke-dasharray": DATA.summary.estimated ? "6 4" : null }));
  const rows = [
    DATA.routes.length && [line, word(DATA.summary.estimated ? "legend_estimate" : "legend_route")],
    DATA.routes.length && [h("span", { class: "stop" }, "1"), word("legend_stop")],
    DATA.routes.length && [h("span", { class: "home" }, icon("home")), word("legend_start")],
    DATA.unassigned.length && [h("span", { class: "left" }, "!"), word("legend_left")],
    ...stage.legend,
  ].filter(Boolean);
  const list = h("ul", {}, rows.map(([mark, text]) => h("li", {}, h("span", { class: "mark" }, mark), text)));
  const box = h("details", { class: "legend", open: !PHONE.matches }, h("summary", {}, word("legend")), list);
  L.DomEvent.disableClickPropagation(box);
  return box;
}

function setPrinting(map, printing) {
  document.documentElement.classList.toggle("printing", printing);
  map.invalidateSize({ animate: false });
  stage.goTo.all();
  recolour();
}
