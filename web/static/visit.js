// Where a visit was: the fence as it was then, what was stated, and the worker's positions with how exact they were.

import { DATA, figure, h, themeColour, word } from "../map/page_text.js";
import { corridorLayers, latLngs } from "./fence_map.js";
import { startMap } from "./visit_map.js";

const SILENCE_S = 300;

function fenceLayer({ kind, geometry, radius_m: radius, width_m: width }) {
  const colour = themeColour("accent");
  const style = { color: colour, weight: 2, fillColor: colour, fillOpacity: 0.13, interactive: false };
  if (kind === "circle") return L.circle(latLngs(geometry), { ...style, radius });
  if (kind === "area") return L.polygon(latLngs(geometry), style);
  const { layer, widen } = corridorLayers(map_plan, latLngs(geometry), width, style);
  map_plan.on("zoomend", widen);
  return layer;
}

function label(text) {
  return [() => h("span", {}, text), { className: "visit-name" }];
}

// A silence is never drawn as a way.
function ways(fixes) {
  const found = [];
  fixes.forEach(([lon, lat, , , seconds], index) => {
    if (!index || seconds - fixes[index - 1][4] > SILENCE_S) found.push([]);
    found.at(-1).push([lat, lon]);
  });
  return found;
}

function drawTrack(group, fixes) {
  const [ink, colour] = ["casing", "track"].map(themeColour);
  for (const [lon, lat, accuracy] of fixes) if (accuracy) L.circle([lat, lon], { radius: accuracy, stroke: false, fillColor: colour, fillOpacity: 0.06, interactive: false }).addTo(group);
  L.polyline(ways(fixes), { color: colour, weight: 2, opacity: 0.7, interactive: false }).addTo(group);
  for (const [lon, lat, accuracy, at] of fixes) {
    const text = accuracy ? word("fix", { at, n: figure(accuracy) }) : word("fix_rough", { at });
    L.circleMarker([lat, lon], { radius: 4, color: ink, weight: 1, fillColor: colour, fillOpacity: 1 }).bindTooltip(...label(text)).addTo(group);
  }
}

function draw(group) {
  if (DATA.fence) fenceLayer(DATA.fence).addTo(group);
  else if (DATA.site) L.circleMarker([DATA.site.lat, DATA.site.lon], { radius: 6, color: themeColour("accent"), fillOpacity: 0 }).addTo(group);
  for (const fixes of DATA.tracks) drawTrack(group, fixes);
  const colour = themeColour("doubt");
  for (const { lon, lat, accuracy_m: accuracy, at } of DATA.check_ins) {
    if (accuracy) L.circle([lat, lon], { radius: accuracy, color: colour, weight: 1.5, dashArray: "4 3", fillColor: colour, fillOpacity: 0.1, interactive: false }).addTo(group);
    L.circleMarker([lat, lon], { radius: 7, color: themeColour("casing"), weight: 2, fillColor: colour, fillOpacity: 1 }).bindTooltip(...label(word("check_in", { at }))).addTo(group);
  }
  for (const { lon, lat } of DATA.photos) L.circleMarker([lat, lon], { radius: 6, color: themeColour("ink"), weight: 2, fillColor: themeColour("paper"), fillOpacity: 1 }).bindTooltip(...label(word("photo"))).addTo(group);
}

// Back to the day as it was left, at this worker's visits.
function leadBack(link) {
  const left = sessionStorage.getItem(`visits ${new URL(link.href).searchParams.get("on")}`);
  if (left) link.href = left;
  link.hash = link.dataset.worker;
}

leadBack(document.querySelector(".back"));
startMap(map_plan, draw);
