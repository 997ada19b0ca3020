// What every map has: its background, its scale, its zoom buttons, and whose data it is.

import { BackgroundLayer } from "./background_layer.js";
import { DATA, h, icon, word } from "./page_text.js";

// Leaflet's scale bar, in the reader's language.
export const ScaleBar = L.Control.Scale.extend({
  _updateMetric(maxMetres) {
    const metres = this._getRoundNum(maxMetres);
    const text = metres < 1000 ? word("metres", { n: metres }) : word("km", { km: metres / 1000 });
    this._updateScale(this._mScale, text, metres / maxMetres);
  },
});

// The background's layers: shapes under what the page shows, labels over it.
const background = [];

// A page that is one file carries its background; another asks for it, and the map does not wait. The promise tells
// whether there is one.
export async function showBackground(map) {
  map.createPane("labels").classList.add("labels-pane");
  const inline = document.getElementById("plan-background");
  if (inline) return addBackground(map, JSON.parse(inline.textContent));
  if (!DATA.background_url) return false;
  const answer = await fetch(DATA.background_url);
  return addBackground(map, answer.ok ? await answer.json() : null);
}

function addBackground(map, shapes) {
  if (shapes === null) return false;
  const labels = { ...shapes, areas: [], lines: [] };
  background.push(new BackgroundLayer({ ...shapes }).addTo(map), new BackgroundLayer(labels, { pane: "labels", labels: true }).addTo(map));
  return true;
}

export function redrawBackground() {
  for (const layer of background) layer.redraw();
}

// The buttons in the corner, and what else stands there.
export function mapTools(map, showAll, ...more) {
  const button = (name, label, click) => h("button", { type: "button", "aria-label": label, title: label, click }, icon(name));
  const zoom = h("div", { class: "zoom" }, button("plus", word("zoom_in"), () => map.zoomIn()), button("minus", word("zoom_out"), () => map.zoomOut()), button("all", word("zoom_all"), showAll));
  const box = h("div", { class: "map-tools" }, zoom, ...more);
  L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
  return box;
}

export function attribution(text) {
  const source = h("a", { href: "https://www.openstreetmap.org/copyright", rel: "noopener noreferrer", target: "_blank" }, text);
  return h("p", { class: "attribution" }, source);
}
