// An import before it is written: its rows on the map, and doubtful addresses placed by a click.

import { attribution, mapTools, redrawBackground, showBackground } from "../map/base_map.js";
import { DARK, DATA, figure, h, takeData, themeColour, word } from "../map/page_text.js";
import { post, tell } from "./forms.js";

const map = map_plan;
const NEAR_ZOOM = 17;
const CONFLICT = 409;
const place = document.getElementById("place");
const hint = document.getElementById("hint");
const shown = L.featureGroup();
let chosen = null;

const latLng = ([lon, lat]) => [lat, lon];
const isThe = (one, at) => String(one.line) === at.line && one.column === at.column;

// ---- The map

function start() {
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", word("map"));
  map.getContainer().append(mapTools(map, showAll));
  shown.addTo(map);
  drawBackground();
  draw();
  showAll();
  map.on("click", ({ latlng }) => chosen && placeAt(latlng.wrap()));
  DARK.addEventListener("change", () => {
    draw();
    redrawBackground();
  });
}

function drawBackground() {
  const drawing = h("p", { class: "map-note", role: "status" }, word("drawing"));
  if (DATA.background_url) {
    map.getContainer().append(attribution(word("attribution")));
    map.getContainer().querySelector(".map-tools").append(drawing);
  }
  showBackground(map).finally(() => drawing.remove());
}

function draw() {
  shown.clearLayers();
  const style = { radius: 5, weight: 1.5, color: themeColour("casing"), fillColor: themeColour("accent"), fillOpacity: 0.9 };
  for (const [lon, lat, name, line] of DATA.ready) {
    L.circleMarker([lat, lon], style).bindTooltip(() => tip(name, line), { className: "import-tip" }).addTo(shown);
  }
  for (const one of DATA.doubtful) if (one.at) pin(one, "?", "guessed");
  for (const one of DATA.placed) pin(one, "✓", "placed");
}

function pin(one, mark, kind) {
  const badge = h("span", { class: `import-pin ${kind}` }, mark);
  const shape = L.divIcon({ className: "pin", html: badge, iconSize: null });
  const marker = L.marker(latLng(one.at), { icon: shape, keyboard: false, riseOnHover: true });
  marker.bindTooltip(() => tip(`${one.name} · ${word(kind)}`, one.line), { className: "import-tip", offset: [0, -12], direction: "top" });
  marker.on("click", ({ latlng }) => (chosen ? placeAt(latlng) : choose(one.line, one.column)));
  marker.addTo(shown);
}

function tip(name, line) {
  return h("span", {}, h("strong", {}, name), " ", word("line", { line: figure(line) }));
}

function showAll() {
  map.invalidateSize({ animate: false });
  const box = shown.getBounds();
  if (box.isValid()) map.fitBounds(box, { padding: [32, 32], maxZoom: NEAR_ZOOM, animate: false });
}

// ---- Addresses

function choose(line, column) {
  stopChoosing();
  chosen = { line: String(line), column };
  const item = itemOf(chosen);
  const one = [...DATA.doubtful, ...DATA.placed].find((each) => isThe(each, chosen));
  item?.querySelector("[data-choose]").setAttribute("aria-pressed", "true");
  hint.querySelector("p").textContent = word("choose_place", { name: one.name });
  hint.hidden = false;
  map.getContainer().classList.add("choosing");
  map.invalidateSize({ animate: false });
  if (one.at) map.setView(latLng(one.at), Math.max(map.getZoom(), NEAR_ZOOM - 1), { animate: false });
  hint.scrollIntoView({ block: "nearest" });
}

function stopChoosing() {
  for (const button of document.querySelectorAll("[data-choose]")) button.setAttribute("aria-pressed", "false");
  hint.hidden = true;
  map.getContainer().classList.remove("choosing");
  chosen = null;
}

function itemOf({ line, column }) {
  return [...document.querySelectorAll(".addresses [data-line]")].find((item) => item.dataset.line === line && item.dataset.column === column);
}

function placeAt({ lng, lat }) {
  Object.assign(place.elements.line, { value: chosen.line });
  Object.assign(place.elements.column, { value: chosen.column });
  Object.assign(place.elements.lon, { value: lng.toFixed(7) });
  Object.assign(place.elements.lat, { value: lat.toFixed(7) });
  place.requestSubmit();
}

// What is ready, to correct and to place is the server's to say: its page is asked for anew, the map stays as it is.
// Answered as a script, it says what is wrong instead of giving another page.
async function refresh() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "application/json, text/html;q=0.9" } });
    if (!answer.ok) return tell((await answer.json()).title);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("preview").replaceWith(page.getElementById("preview"));
    takeData(JSON.parse(page.getElementById("plan-data").textContent));
    draw();
  } catch {
    tell(document.getElementById("toast").dataset.unknown);
  }
  return null;
}

// Told that something changed meanwhile, one sees what it is now.
async function refuse(sentence, status) {
  tell(sentence);
  if (status !== CONFLICT) return;
  await refresh();
  document.querySelector("#preview [data-finish] .primary").focus();
}

// The keyboard goes on at the next address to place; where none is left, or one was taken back, it stays at the row.
function lookOn(at) {
  const item = itemOf(at);
  const open = [...document.querySelectorAll(".addresses [data-line]:not(.is-placed)")];
  const next = item?.matches(".is-placed") ? (open.find((one) => Number(one.dataset.line) >= Number(at.line)) ?? open[0]) : null;
  (next ?? item)?.querySelector("[data-choose]").focus();
}

// ---- What is pressed

document.addEventListener("click", ({ target }) => {
  const item = target.closest(".addresses [data-line]");
  if (target.closest("[data-choose]") && item) choose(item.dataset.line, item.dataset.column);
  if (target.closest("[data-cancel]")) stopChoosing();
  if (target.closest("[data-centre]") && chosen) placeAt(map.getCenter().wrap());
  const opened = target.closest("[data-open]")?.dataset.open;
  if (opened) document.getElementById(opened).showModal();
  if (target.closest("[data-close]")) target.closest("dialog").close();
});
document.addEventListener("keydown", ({ key }) => key === "Escape" && stopChoosing());
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-place], [data-finish]")) return;
  event.preventDefault();
  const said = await post(form, event.submitter, refuse);
  if (said === null) return;
  if (form.matches("[data-finish]")) location.assign(said.go);
  else {
    const at = { line: form.elements.line.value, column: form.elements.column.value };
    stopChoosing();
    await refresh();
    lookOn(at);
  }
});

start();
