// Where looks begin: workers and sites searched while one types, and a place chosen on the map.

import { Graticule } from "../map/replay_graticule.js";
import { attribution, mapTools, redrawBackground, showBackground } from "../map/base_map.js";
import { DARK, DATA, h, themeColour, word } from "../map/page_text.js";
import { combobox, searchable } from "./combobox.js";

const map = map_plan;
const form = document.getElementById("search");
const fields = form.elements;
const FAR_ZOOM = 14;
const NEAR_ZOOM = 17;
const shown = L.featureGroup().addTo(map);
let graticule = null;

// ---- The place

function place() {
  const [lon, lat] = [fields.lon, fields.lat].map(({ value }) => (value === "" ? NaN : Number(value)));
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? L.latLng(lat, lon) : null;
}

function draw() {
  shown.clearLayers();
  const at = place();
  if (!at) return;
  const colour = themeColour("accent");
  L.circle(at, { radius: Number(fields.radius_m.value), color: colour, weight: 2, fillColor: colour, fillOpacity: 0.12, interactive: false }).addTo(shown);
  L.circleMarker(at, { radius: 5, color: themeColour("casing"), weight: 2, fillColor: colour, fillOpacity: 1, interactive: false }).addTo(shown);
}

function showAll() {
  map.invalidateSize({ animate: false });
  const [west, south, east, north] = DATA.box ?? [];
  const box = place() ? shown.getBounds() : DATA.box && L.latLngBounds([south, west], [north, east]);
  if (box?.isValid()) map.fitBounds(box, { padding: [28, 28], maxZoom: place() ? NEAR_ZOOM : FAR_ZOOM, animate: false });
}

function placeAt({ lng, lat }) {
  fields.lon.value = lng.toFixed(6);
  fields.lat.value = lat.toFixed(6);
  draw();
}

function startMap() {
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", word("map"));
  map.getContainer().append(mapTools(map, showAll));
  draw();
  showAll();
  drawBackground();
  map.on("click", ({ latlng }) => {
    placeAt(latlng.wrap());
    forgetSite();
  });
  DARK.addEventListener("change", () => {
    draw();
    redrawBackground();
    graticule?.redraw();
  });
}

async function drawBackground() {
  const drawing = h("p", { class: "map-note", role: "status" }, word("drawing"));
  if (DATA.background_url) map.getContainer().append(attribution(word("attribution")), drawing);
  const isThere = await showBackground(map).finally(() => drawing.remove());
  if (!isThere) graticule = new Graticule().addTo(map);
}

// ---- The site

const site = form.querySelector("[data-sites]");

function forgetSite() {
  if (site) site.value = "";
}

if (site) {
  combobox(site, {
    find: async (text) => {
      const answer = await fetch(`${site.dataset.sites}?${new URLSearchParams({ q: text })}`, { headers: { Accept: "application/json" } });
      return answer.ok ? answer.json() : [];
    },
    choose: (found) => {
      if (!found) return;
      placeAt({ lng: found.lon, lat: found.lat });
      showAll();
    },
  });
}

for (const field of [fields.lon, fields.lat, fields.radius_m]) {
  field.addEventListener("input", () => {
    if (field !== fields.radius_m) forgetSite();
    draw();
    if (place()) showAll();
  });
}

// Both coordinates at once, as maps copy them.
fields.lon.addEventListener("paste", (event) => {
  const found = event.clipboardData.getData("text").match(/^\s*(-?\d+(?:\.\d+)?)\s*[,，\s]\s*(-?\d+(?:\.\d+)?)\s*$/);
  if (!found) return;
  event.preventDefault();
  placeAt({ lng: Number(found[1]), lat: Number(found[2]) });
  showAll();
});

const centre = form.querySelector("[data-centre]");
centre.hidden = false;
centre.addEventListener("click", () => {
  placeAt(map.getCenter().wrap());
  forgetSite();
});

// ---- The worker

// One's own track is looked at for nothing in particular.
function askPurpose(select) {
  const purpose = select.form.elements.purpose;
  const isOwn = Boolean(purpose.dataset.notFor) && select.value === purpose.dataset.notFor;
  purpose.required = !isOwn;
  purpose.closest("label").hidden = isOwn;
  const note = select.form.querySelector(".own-note");
  if (note) note.hidden = !isOwn;
}

const worker = document.querySelector("[data-combobox]");
searchable(worker);
worker.addEventListener("change", () => askPurpose(worker));
askPurpose(worker);
startMap();
document.getElementById("passes")?.focus({ preventScroll: false });
