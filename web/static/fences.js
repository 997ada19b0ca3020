// The page of the fences: the map, the list, one fence, and the form one is drawn by.

import { Graticule } from "../map/replay_graticule.js";
import { attribution, mapTools, redrawBackground, showBackground } from "../map/base_map.js";
import { DARK, DATA, figure, h, word } from "../map/page_text.js";
import { ask, details, glyph, metres } from "./fence_details.js";
import { FenceEditor } from "./fence_editor.js";
import { watchImport } from "./fence_import.js";
import { FenceLayer } from "./fence_map.js";
import { post, tell } from "./forms.js";

const SHOWN_AT_ONCE = 200;
const NEAR_ZOOM = 17;
const [all, one, list, query, done] = ["all", "one", "list", "query", "done"].map((id) => document.getElementById(id));
const map = map_plan;
const layer = new FenceLayer(map, (fence, at) => (editor?.isOpen ? editor.draft.press(at) : choose(fence.id)));
const form = document.getElementById("editor");
const editor = form && new FenceEditor(map, form, { saved, left, outdated });
const removing = document.getElementById("remove");
const importing = document.getElementById("import");
let fences = [];
let shownCount = SHOWN_AT_ONCE;
let graticule = null;

// ---- The map

function showAll() {
  const box = layer.bounds();
  if (box) map.fitBounds(box, { padding: [28, 28], maxZoom: NEAR_ZOOM, animate: false });
}

function goTo(id) {
  const box = layer.bounds(id);
  if (box) map.fitBounds(box, { padding: [48, 48], maxZoom: NEAR_ZOOM, animate: false });
}

async function startMap() {
  const box = map.getContainer();
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", word("map"));
  box.append(mapTools(map, showAll));
  map.on("click", ({ latlng }) => editor?.draft?.press(latlng.wrap()));
  DARK.addEventListener("change", () => {
    layer.redraw();
    editor?.draft?.draw();
    redrawBackground();
    graticule?.redraw();
  });
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
  const drawing = h("p", { class: "map-note", role: "status" }, word("drawing"));
  if (DATA.background_url) box.append(attribution(word("attribution")), drawing);
  const isThere = await showBackground(map).finally(() => drawing.remove());
  if (!isThere) graticule = new Graticule().addTo(map);
}

// ---- The list

async function load() {
  list.setAttribute("aria-busy", "true");
  list.replaceChildren(h("p", { class: "loading muted", role: "status" }, word("loading")));
  try {
    const answer = await fetch(DATA.list_url, { headers: { Accept: "application/json" } });
    if (answer.status === 401) location.reload();
    if (!answer.ok) throw new Error((await answer.json()).title);
    fences = await answer.json();
  } catch {
    const again = h("button", { type: "button", class: "button", click: load }, word("try_again"));
    list.replaceChildren(h("div", { class: "empty-state", role: "alert" }, h("p", { class: "empty-title" }, word("load_failed")), again));
    return false;
  } finally {
    list.setAttribute("aria-busy", "false");
  }
  redraw();
  return true;
}

function redraw() {
  fences.sort((a, b) => a.is_automatic - b.is_automatic || a.name.localeCompare(b.name, DATA.language));
  layer.show(fences);
  showList();
}

function showList() {
  const wanted = query.value.trim().toLocaleLowerCase();
  const fitting = fences.filter((fence) => `${fence.name}\n${fence.id}\n${fence.site_id ?? ""}`.toLocaleLowerCase().includes(wanted));
  const rows = fitting.slice(0, shownCount).map(row);
  const left = fitting.length - rows.length;
  const more = left > 0 && h("button", { type: "button", class: "button quiet more", click: () => { shownCount += SHOWN_AT_ONCE; showList(); } }, word("show_more", { n: figure(left) }));
  list.replaceChildren(...(rows.length ? [h("ul", {}, rows.map((each) => h("li", {}, each))), more].filter(Boolean) : [nothing()]));
  document.getElementById("count").textContent = fences.length === 1 ? word("count_one") : word("count", { n: figure(fences.length) });
}

function nothing() {
  if (fences.length) return h("p", { class: "loading muted" }, word("nothing_fits"));
  return h("div", { class: "empty-state" }, h("p", { class: "empty-title" }, word("empty")), h("p", {}, word("empty_note")));
}

function row(fence) {
  const size = fence.kind === "circle" ? metres(fence.radius_m) : fence.kind === "corridor" ? metres(fence.width_m) : "";
  const facts = [fence.is_automatic ? word("automatic") : word(fence.kind), fence.windows?.replaceAll("-", "–"), fence.site_id].filter(Boolean).join(" · ");
  return h("button", { type: "button", class: "fence", click: () => choose(fence.id) }, glyph(fence), h("span", { class: "name" }, fence.name), h("span", { class: "facts muted" }, facts), h("span", { class: "size muted" }, size));
}

// ---- One fence

function only(section) {
  all.hidden = section !== all;
  one.hidden = section !== one;
}

async function choose(id, { isMoved = true } = {}) {
  const asked = (choose.asked = (choose.asked ?? 0) + 1);
  layer.choose(id);
  if (isMoved) goTo(id);
  let told;
  try {
    told = await ask(id);
  } catch (error) {
    tell(error.message);
    return;
  }
  if (asked !== choose.asked || editor?.isOpen) return;
  history.replaceState(null, "", `#${encodeURIComponent(id)}`);
  one.replaceChildren(...details(told, acts(told.fence)));
  only(one);
  one.focus({ preventScroll: true });
}

function acts(fence) {
  const mayDrawOwn = editor && fence.is_automatic;
  return {
    back,
    show: () => goTo(fence.id),
    edit: () => editFence(fence),
    remove: () => askToRemove(fence),
    drawOwn: mayDrawOwn ? () => begin("circle", { name: fence.name, site_id: fence.site_id, site_name: fence.name, geometry: fence.geometry, radius_m: fence.radius_m }) : null,
  };
}

function back() {
  choose.asked += 1;
  layer.choose(null);
  history.replaceState(null, "", location.pathname);
  only(all);
  query.focus({ preventScroll: true });
}

// ---- Drawing

function begin(kind, given) {
  note(null);
  layer.choose(null);
  only(form);
  editor.begin(kind, given);
}

function editFence(fence) {
  note(null);
  layer.leaveOut(fence.id);
  only(form);
  editor.edit(fence, fence.site_id);
}

async function saved(kept) {
  layer.without = null;
  await load();
  note(word("saved", { name: kept.name }));
  choose(kept.id, { isMoved: false });
}

function left(fence) {
  layer.leaveOut(null);
  if (fence) choose(fence.id, { isMoved: false });
  else back();
}

async function outdated(id) {
  editor.close();
  layer.without = null;
  await load();
  choose(id);
}

// ---- Deleting, and having it back

function askToRemove(fence) {
  const fields = removing.querySelector("form").elements;
  removing.querySelector("h2").textContent = word("remove_title", { name: fence.name });
  fields.id.value = fence.id;
  fields.seen.value = fence.version;
  removing.showModal();
}

async function removed(was) {
  removing.close();
  back();
  await load();
  note(word("removed", { name: was.name }), h("button", { type: "button", class: "button", click: (event) => restore(was, event.currentTarget) }, word("undo")));
}

async function restore(was, button) {
  const again = h("form", { action: form.action });
  const said = { id: was.id, name: was.name, site_id: was.site_id, radius_m: was.radius_m, width_m: was.width_m, windows: was.windows, dwell_s: was.dwell_s, geometry: JSON.stringify(was.geometry), csrf_token: form.csrf_token.value };
  const days = (was.weekdays ?? "1;2;3;4;5;6;7").split(";").map((day) => ["weekday", day]);
  for (const [name, value] of [...Object.entries(said), ...days]) if (value !== undefined) again.append(h("input", { type: "hidden", name, value }));
  button.disabled = true;
  const kept = await post(again);
  button.disabled = false;
  if (!kept) return;
  await load();
  note(word("restored", { name: kept.name }));
}

function note(sentence, ...more) {
  done.replaceChildren(...(sentence === null ? [] : [h("span", {}, sentence), ...more]));
  done.hidden = sentence === null;
}

async function start() {
  startMap();
  query.addEventListener("input", () => { shownCount = SHOWN_AT_ONCE; showList(); });
  for (const button of document.querySelectorAll("[data-draw]")) button.addEventListener("click", () => begin(button.dataset.draw));
  for (const button of document.querySelectorAll("[data-open]")) button.addEventListener("click", () => document.getElementById(button.dataset.open).showModal());
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
  removing?.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const was = await post(event.target, event.submitter);
    if (was) removed(was);
  });
  if (importing) watchImport(importing, async (said) => {
    await load();
    showAll();
    note(word("imported", { added: figure(said.added), changed: figure(said.changed) }));
  });
  if (!(await load())) return;
  const linked = decodeURIComponent(location.hash.slice(1));
  showAll();
  if (fences.some(({ id }) => id === linked)) choose(linked);
}

start();
