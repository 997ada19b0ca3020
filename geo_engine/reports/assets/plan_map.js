// Puts panel, background and routes onto folium's map and keeps them together.

const NEAR_ZOOM = 17;
const SHEET_PX = 76;
const PHONE = window.matchMedia("screen and (max-width: 760px)");

// Leaflet's scale bar, in the reader's language.
const ScaleBar = L.Control.Scale.extend({
  _updateMetric(maxMetres) {
    const metres = this._getRoundNum(maxMetres);
    const text = metres < 1000 ? word("metres", { n: metres }) : word("km", { km: metres / 1000 });
    this._updateScale(this._mScale, text, metres / maxMetres);
  },
});
let scaleBar = null;

function start(map) {
  const main = document.getElementById("plan");
  main.prepend(panel);
  map.invalidateSize({ animate: false });
  map.getContainer().append(tools(map), legend(), attribution());
  map.getContainer().setAttribute("role", "region");
  const background = addBackground(map);
  routeLayers = new RouteLayers(map);
  goTo = travel(map);
  renderPanel();
  labelMap(map);
  scaleBar = new ScaleBar({ imperial: false, position: "bottomleft" }).addTo(map);
  map.on("zoomend", () => sizePins(map));
  map.on("popupopen", ({ popup }) => labelPopup(popup));
  DARK.addEventListener("change", () => recolour(background));
  window.addEventListener("beforeprint", () => setPrinting(map, background, true));
  window.addEventListener("afterprint", () => setPrinting(map, background, false));
  goTo.all();
  sizePins(map);
}

// The background's layers: shapes under the routes, labels over them.
function addBackground(map) {
  const shapes = JSON.parse(document.getElementById("plan-background").textContent);
  if (shapes === null) return [];
  map.createPane("labels").classList.add("labels-pane");
  const labels = { ...shapes, areas: [], lines: [] };
  return [new BackgroundLayer(shapes).addTo(map), new BackgroundLayer(labels, { pane: "labels", labels: true }).addTo(map)];
}

function recolour(background) {
  for (const layer of background) layer.redraw();
  routeLayers.recolour();
}

function setLanguage(language) {
  state.language = language;
  const map = routeLayers.map;
  map.closePopup();
  renderPanel();
  map.getContainer().querySelector(".map-tools").replaceWith(tools(map));
  map.getContainer().querySelector(".legend").replaceWith(legend());
  map.getContainer().querySelector(".attribution").replaceWith(attribution());
  labelMap(map);
  scaleBar._update();
  panel.querySelector(`.languages [lang="${language}"]`).focus();
}

function labelMap(map) {
  map.getContainer().setAttribute("aria-label", word("map"));
}

function labelPopup(popup) {
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
  const room = () => (PHONE.matches ? { paddingTopLeft: [28, 28], paddingBottomRight: [28, SHEET_PX + 28] } : { paddingTopLeft: [40, 40], paddingBottomRight: [64, 80] });
  const fit = (box, options) => box.isValid() && map.fitBounds(box, { ...room(), maxZoom: NEAR_ZOOM, ...options });
  const near = (at) => {
    const zoom = Math.max(map.getZoom(), NEAR_ZOOM - 1);
    map.setView(at, zoom);
  };
  const visible = (workerId) => {
    if (state.hidden.has(workerId)) setShown(workerId, true);
  };
  return {
    all: () => fit(routeLayers.bounds(), { animate: false }),
    route: (workerId) => {
      visible(workerId);
      closeSheet();
      fit(routeLayers.bounds(workerId));
    },
    place: ([lon, lat]) => {
      closeSheet();
      near([lat, lon]);
    },
    stop: (jobId, workerId) => {
      visible(workerId);
      const marker = routeLayers.marker(jobId);
      closeSheet();
      map.once("moveend", () => marker.openPopup());
      near(marker.getLatLng());
    },
  };
}

function tools(map) {
  const button = (label, name, click) => h("button", { type: "button", "aria-label": label, title: label, click }, icon(name));
  const zoom = h("div", { class: "zoom" }, button(word("zoom_in"), "plus", () => map.zoomIn()), button(word("zoom_out"), "minus", () => map.zoomOut()), button(word("zoom_all"), "all", () => goTo.all()));
  const estimate = DATA.summary.estimated ? h("p", { class: "map-note" }, `≈ ${word("estimate_title")}`) : null;
  const box = h("div", { class: "map-tools" }, zoom, estimate);
  L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
  return box;
}

function legend() {
  const line = svg("svg", { class: "swatch", viewBox: "0 0 22 10", "aria-hidden": "true" }, svg("line", { x1: 0, x2: 22, y1: 5, y2: 5, "stroke-dasharray": DATA.summary.estimated ? "6 4" : null }));
  const rows = [
    [line, word(DATA.summary.estimated ? "legend_estimate" : "legend_route")],
    [h("span", { class: "stop" }, "1"), word("legend_stop")],
    [h("span", { class: "home" }, icon("home")), word("legend_start")],
    [h("span", { class: "left" }, "!"), word("legend_left")],
  ];
  const list = h("ul", {}, rows.map(([mark, text]) => h("li", {}, h("span", { class: "mark" }, mark), text)));
  const box = h("details", { class: "legend", open: !PHONE.matches }, h("summary", {}, word("legend")), list);
  L.DomEvent.disableClickPropagation(box);
  return box;
}

function attribution() {
  const source = h("a", { href: "https://www.openstreetmap.org/copyright", rel: "noopener noreferrer", target: "_blank" }, say(DATA.attribution));
  return h("p", { class: "attribution" }, source);
}

function setPrinting(map, background, printing) {
  document.documentElement.classList.toggle("printing", printing);
  map.invalidateSize({ animate: false });
  goTo.all();
  recolour(background);
}

try {
  start(map_plan);
} catch (error) {
  document.getElementById("plan").prepend(h("p", { class: "failed", role: "alert" }, word("failed")));
  throw error;
}
