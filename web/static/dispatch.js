// The dispatcher's day: what waits for a plan, progress while one is made, stops moved by hand.

import { DATA, distance, duration, figure, h, say, word } from "../map/page_text.js";
import { isFound, section, stage } from "../map/panel.js";
import { start } from "../map/plan_map.js";
import { card, pin } from "../map/route_layers.js";
import { sendForms, tell } from "./forms.js";
import { changesSection, fitsButton, lockButton } from "./dispatch_now.js";
import { liveLegend, liveSection, showLive } from "./live.js";

const LOOK_EVERY_MS = 700;
const FAILURE = "failure";
const moveDialog = document.getElementById("move");

stage.isPlanned = DATA.plan_id !== null;
stage.sections = [changesSection, liveSection, emptySection, waitingSection, idleSection];
stage.legend = [DATA.waiting.length && [h("span", { class: "waiting" }), word("waiting")], DATA.idle.length && [h("span", { class: "idle" }), word("idle")], ...liveLegend];
if (!stage.isPlanned) stage.brief = () => (DATA.waiting.length ? `${word("waiting")} · ${figure(DATA.waiting.length)}` : word("nothing_due"));
if (DATA.waiting.length) stage.placed = () => h("p", { class: "empty" }, word("plan_placed", { n: figure(DATA.waiting.length) }));
stage.actions = (job) => {
  if (!moveDialog || !DATA.may_move) return null;
  const standing = DATA.stays[job.job_id];
  if (standing) return h("p", { class: "muted stays" }, word(`stays_${standing}`));
  const isPlaced = DATA.routes.some((route) => route.visits.some((visit) => visit.job_id === job.job_id));
  return h("p", { class: "buttons" }, h("button", { type: "button", class: "button", click: () => askWhere(job) }, word("move")), isPlaced ? lockButton(job) : fitsButton(job));
};

// An offer is taken by giving the visit to the worker at that place; the next version says which rules it breaks.
stage.offered = (job, offer) => {
  if (!moveDialog || !DATA.may_move || !offer.is_move) return null;
  return h("button", { type: "button", class: "button", title: word("take_note"), click: () => take(job, offer) }, word("take"));
};

function take(job, offer) {
  const form = moveDialog.querySelector("form");
  fillMove(form, job);
  form.worker_id.value = offer.worker_id;
  offerPlaces(form, job);
  form.number.value = offer.stop;
  form.requestSubmit();
}

// Who has read the published list, beside the name; it is told only of the version that the workers have.
stage.mark = (route) => DATA.read_by.includes(route.worker_id) && h("span", { class: "read" }, `✓ ${word("read")}`);

function emptySection() {
  if (stage.isPlanned || DATA.waiting.length) return null;
  const how = DATA.import_url && h("a", { class: "button", href: DATA.import_url }, word("import_sites"));
  return h("div", { class: "empty" }, h("p", {}, word("nothing_due")), how);
}

function waitingSection() {
  const jobs = DATA.waiting.filter((job) => isFound(job, null));
  if (!jobs.length) return null;
  return section("waiting", word("waiting"), jobs.length, null, h("ul", { class: "plain" }, jobs.map(waitingItem)));
}

function waitingItem(job) {
  const text = [h("span", { class: "mark" }, h("span", { class: "waiting" })), h("span", { class: "name" }, job.name), job.address && h("span", { class: "muted facts" }, job.address)];
  return h("li", {}, h("button", { type: "button", class: "stop-row", click: () => stage.goTo.place(job.at) }, text), fitsButton(job));
}

function idleSection() {
  const workers = DATA.idle.filter((worker) => isFound({ ...worker, job_id: worker.worker_id, address: "" }, null));
  if (!workers.length) return null;
  const rows = workers.map((worker) => h("li", {}, h("button", { type: "button", class: "stop-row", click: () => stage.goTo.place(worker.start) }, [h("span", { class: "mark" }, h("span", { class: "idle" })), h("span", { class: "name" }, worker.name), h("span", { class: "time" }, worker.shift), h("span", { class: "muted facts" }, say(worker.mode))])));
  return section("idle", word("idle"), workers.length, null, h("ul", { class: "plain" }, rows));
}

// What waits and who has no route, on the map beside the routes.
function showWaiting(map) {
  map.createPane("waiting").classList.add("waiting-pane");
  const facts = (job) => [[word("window"), job.windows.join(", ") || word("any_time")], [word("skills"), job.skills.join(", ")]];
  const sites = DATA.waiting.map((job) => pin(job.at, h("span", { class: "waiting" }), () => card(job.name, job.address, facts(job)), { pane: "waiting" }));
  const workers = DATA.idle.map((worker) => pin(worker.start, h("span", { class: "idle" }), () => card(worker.name, worker.shift, [[word("skills"), worker.skills.join(", ")]]), { pane: "waiting" }));
  const group = L.markerClusterGroup({ clusterPane: "waiting", maxClusterRadius: 44, disableClusteringAtZoom: 15, showCoverageOnHover: false, animate: false, iconCreateFunction: clusterIcon });
  group.addLayers(sites).addTo(map);
  const homes = L.featureGroup(workers).addTo(map);
  if (!DATA.routes.length && !DATA.unassigned.length) stage.goTo.box(L.latLngBounds([]).extend(group.getBounds()).extend(homes.getBounds()));
}

function clusterIcon(cluster) {
  return L.divIcon({ className: "pin", html: h("span", { class: "cluster" }, figure(cluster.getChildCount())), iconSize: null });
}

function askWhere(job) {
  const form = moveDialog.querySelector("form");
  moveDialog.querySelector("h2").textContent = job.name;
  fillMove(form, job);
  const now = DATA.routes.find((route) => route.visits.some((visit) => visit.job_id === job.job_id));
  if (now) form.worker_id.value = now.worker_id;
  offerPlaces(form, job);
  form.worker_id.onchange = () => offerPlaces(form, job);
  moveDialog.showModal();
}

function fillMove(form, job) {
  form.plan_id.value = DATA.plan_id;
  form.job_id.value = job.job_id;
  form.worker_id.replaceChildren(...DATA.workers.map((worker) => h("option", { value: worker.id }, worker.name)));
}

function offerPlaces(form, job) {
  const route = DATA.routes.find(({ worker_id: id }) => id === form.worker_id.value);
  const others = (route?.visits ?? []).filter((visit) => visit.job_id !== job.job_id);
  const places = others.map((visit, i) => !DATA.stays[visit.job_id] && h("option", { value: i + 1 }, word("before_stop", { n: i + 1, name: visit.name }))).filter(Boolean);
  form.number.replaceChildren(h("option", { value: "" }, word("best_place")), ...places, h("option", { value: others.length + 1 }, word("last_place")));
}

// A plan is being made: its figures as they come; when it has ended, the page shows what became of it.
async function watch(progress) {
  const box = document.getElementById("progress");
  const [bar, text] = box.children;
  box.hidden = false;
  for (let seen = progress; ; ) {
    bar.value = seen.elapsed_s === null ? 0 : Math.min(seen.elapsed_s / seen.limit_s, 1);
    text.textContent = standing(seen);
    if (seen.has_ended) return ended(seen);
    await pause();
    for (let next = await look(progress.look); ; next = await look(progress.look)) {
      if (next !== null) { seen = next; break; }
      text.textContent = word("away");
      await pause();
    }
  }
}

function pause() {
  return new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
}

function standing(seen) {
  if (seen.elapsed_s === null) return word("queued");
  const time = word("elapsed", { n: Math.round(seen.elapsed_s), total: Math.round(seen.limit_s) });
  const found = seen.unassigned_count === null ? word("nothing_yet") : word("found", { left: figure(seen.unassigned_count) });
  return `${found} · ${time}`;
}

// While the server is away there is nothing to see; the plan is made all the same.
async function look(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (answer.status === 401) location.reload();
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

// The page as it is now, and why there is no plan of this search.
function ended(seen) {
  if (seen.failure !== null) sessionStorage.setItem(FAILURE, seen.failure);
  location.reload();
}

start(map_plan);
showWaiting(map_plan);
showLive(map_plan);
sendForms();
for (const button of document.querySelectorAll("[data-open]")) button.addEventListener("click", () => document.getElementById(button.dataset.open).showModal());
for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
const failure = sessionStorage.getItem(FAILURE);
sessionStorage.removeItem(FAILURE);
if (failure) tell(failure);
const progress = document.getElementById("progress-data");
if (progress) watch(JSON.parse(progress.textContent));
