// The list beside the map: figures, search, every worker's stops, what was left out and what to correct.

import { clock, DATA, distance, duration, figure, fullDate, h, icon, NOBODY, say, state, svg, visitCount, word } from "./page_text.js";
import { setLanguage, SHEET_PX, tools } from "./plan_map.js";
import { DASHES, ESTIMATE_DASH, learnedText } from "./route_layers.js";
import { timeAxis, timeStrip } from "./time_strip.js";
import { savingsTable } from "./savings.js";
import { whyNot } from "./why_not.js";

export const panel = h("section", { id: "panel", class: "sheet" });
// What is on the map now, and how to go there; filled when the map is there. A page that can do more adds
// sections to the list, symbols to the legend, to a stop's card what can be done with it, to an offer how to take it, and a mark to a route; it may
// have no plan yet, and compare plans itself.
export const stage = { layers: null, goTo: null, sections: [], legend: [], actions: () => null, offered: () => null, mark: () => null, isPlanned: true, brief: planBrief, placed: allPlaced };

export function renderPanel() {
  document.documentElement.lang = state.language;
  document.title = `${word("title")} · ${DATA.date}`;
  const lists = h("div", { id: "lists" });
  const body = h("div", { class: "panel-body", id: "panel-body" }, stage.isPlanned && summaryGrid(), stage.isPlanned && savingsTable(), banners(), searchBox(), lists, footer());
  panel.setAttribute("aria-label", word("plan"));
  panel.replaceChildren(header(), body);
  renderLists();
}

function renderLists() {
  const found = foundCount();
  const added = stage.sections.map((make) => make()).filter(Boolean);
  const isNone = state.query && found === 0 && !added.length;
  document.getElementById("found").textContent = state.query && (found || isNone) ? word("search_found", { n: figure(found) }) : "";
  const none = isNone ? h("p", { class: "empty" }, word("search_none", { name: state.query })) : null;
  const parts = [none, ...added, routesSection(), leftSection()];
  if (!state.query) parts.push(workerNotesSection(), geocodedSection(), problemsSection());
  document.getElementById("lists").replaceChildren(...parts.filter(Boolean));
}

function header() {
  const toggle = h("button", { type: "button", class: "sheet-toggle", "aria-controls": "panel-body", click: toggleSheet });
  const titles = h("div", { class: "titles" }, h("h1", {}, word("title")), h("p", { class: "muted" }, fullDate(), h("span", { class: "zone" }, DATA.timezone)));
  const bar = h("header", {}, toggle, titles, h("p", { class: "brief" }, stage.brief()), DATA.language ? null : languageSwitch());
  labelToggle(toggle);
  return bar;
}

function planBrief() {
  const { placed_count: placed, job_count: total, travel_m: metres } = DATA.summary;
  return `${figure(placed)}/${figure(total)} ${word("placed")} · ${distance(metres)}${DATA.problems.length ? ` · ${problemCount()}` : ""}`;
}

// What was in the middle of the map stays in the middle of what the sheet leaves free.
function toggleSheet({ currentTarget }) {
  const open = panel.classList.toggle("open");
  const shift = (Math.min(window.innerHeight * 0.66, 640) - SHEET_PX) / 2;
  stage.layers.map.panBy([0, open ? shift : -shift], { animate: false });
  labelToggle(currentTarget);
}

// On a phone what was asked for is on the map: the list makes room for it.
export function closeSheet() {
  panel.classList.remove("open");
  labelToggle(panel.querySelector(".sheet-toggle"));
}

function labelToggle(toggle) {
  const open = panel.classList.contains("open");
  toggle.setAttribute("aria-expanded", String(open));
  toggle.setAttribute("aria-label", word(open ? "collapse" : "expand"));
}

function languageSwitch() {
  const names = { en: "EN", "zh-CN": "中文" };
  const buttons = Object.keys(DATA.words).map((language) =>
    h("button", { type: "button", lang: language, "aria-pressed": String(language === state.language), click: () => setLanguage(language) }, names[language] ?? language),
  );
  return h("div", { class: "languages", role: "group", "aria-label": word("language") }, buttons.reverse());
}

function summaryGrid() {
  const figures = DATA.summary;
  const cells = [
    [word("placed"), figure(figures.placed_count), word("of_total", { total: figure(figures.job_count) })],
    [word("unassigned"), figure(figures.unassigned_count), "", figures.unassigned_count ? "bad" : ""],
    [word("workers"), figure(figures.worker_count), ""],
    [word("distance"), distance(figures.travel_m), ""],
    [word("driving"), duration(figures.travel_s), ""],
  ];
  return h("dl", { class: "figures" }, cells.map(([name, value, rest, kind]) =>
    h("div", { class: kind || null }, h("dt", {}, name), h("dd", {}, value, rest && h("small", {}, ` ${rest}`)))));
}

function banners() {
  const notes = [];
  if (DATA.summary.estimated) notes.push(banner("estimate", word("estimate_title"), [h("p", {}, word("estimate"))]));
  if (DATA.summary.learned_count || DATA.summary.travel_factor !== null) notes.push(banner("learned", word("learned_title"), learnedLines(DATA.summary)));
  if (isByHour()) notes.push(banner("by-hour", word("speeds_title"), [h("p", {}, word("speeds")), h("ul", {}, spokenSpeeds().map((spoken) => h("li", {}, spoken)))]));
  if (DATA.problems.length) {
    const title = `${word("problems")} · ${figure(DATA.problems.length)}`;
    notes.push(banner("unread", title, [h("p", {}, word("problems_note")), textButton(word("show_problems"), showProblems)]));
  }
  if (DATA.violations.length) {
    const items = h("ul", {}, DATA.violations.map((sentence) => h("li", {}, say(sentence))));
    notes.push(banner("broken", `${word("violations")} · ${figure(DATA.violations.length)}`, [items]));
  }
  return notes;
}

// What was reckoned with instead of the given times.
function learnedLines({ learned_count: count, placed_count: placed, service_s: service, service_given_s: given, travel_factor: factor, travel_leg_count: legs }) {
  return [
    count > 0 && h("p", {}, word("learned_service", { n: figure(count), total: figure(placed), hours: duration(service), minutes: duration(given) })),
    factor !== null && h("p", {}, word("learned_travel", { score: figure(factor, 2), n: figure(legs) })),
  ];
}

function isByHour() {
  return usedSpeeds().some(([, percents]) => percents.some((percent) => percent !== 100));
}

// The speeds of the modes that are used, which are all that a plan without routes may be asked for.
function usedSpeeds() {
  const used = new Set(DATA.routes.map((route) => say(route.mode)));
  return Object.entries(DATA.summary.speeds).filter(([mode]) => !used.size || used.has(say(DATA.modes[mode])));
}

// Such as “7:00–9:00 60 %, 17:00–19:00 55 %”: runs of hours that are not at full speed, each mode's after its name.
function spokenSpeeds() {
  return usedSpeeds().map(([mode, percents]) => {
    const runs = [];
    percents.forEach((percent, hour) => {
      const last = runs.at(-1);
      if (last && last.until === hour && last.percent === percent) last.until = hour + 1;
      else if (percent !== 100) runs.push({ from: hour, until: hour + 1, percent });
    });
    const spoken = runs.map(({ from, until, percent }) => word("speed_run", { hours: `${from}:00–${until}:00`, n: percent }));
    return runs.length ? word("speeds_of", { name: say(DATA.modes[mode]), total: spoken.join(word("comma")) }) : null;
  }).filter(Boolean);
}

function problemCount() {
  const n = DATA.problems.length;
  return n === 1 ? word("problem_brief_one") : word("problems_brief", { n: figure(n) });
}

// The list of rows is not shown while searching: asking for it ends the search.
function showProblems() {
  document.getElementById("search").value = "";
  setQuery("");
  document.getElementById("problems").scrollIntoView({ block: "start" });
  document.getElementById("problems-title").focus({ preventScroll: true });
}

function banner(kind, title, content) {
  return h("div", { class: `banner ${kind}`, role: "note" }, h("strong", {}, title), content);
}

function searchBox() {
  const input = h("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false", placeholder: word("search"), "aria-label": word("search"), input: ({ target }) => setQuery(target.value) });
  input.value = state.query;
  return h("div", { class: "search" }, input, h("span", { id: "found", role: "status" }));
}

export function isFound(job, route) {
  if (!state.query) return true;
  const wanted = state.query.toLocaleLowerCase();
  return [job.name, job.address, job.job_id, route?.name ?? "", route?.worker_id ?? ""].some((text) => text.toLocaleLowerCase().includes(wanted));
}

function foundCount() {
  const placed = DATA.routes.flatMap((route) => route.visits.filter((visit) => isFound(visit, route)));
  return placed.length + DATA.unassigned.filter((job) => isFound(job, null)).length;
}

export function section(id, title, count, tools, content) {
  const heading = h("h2", { id: `${id}-title`, tabindex: -1 }, title, count === null ? null : h("span", { class: "count" }, figure(count)));
  return h("section", { id, "aria-labelledby": `${id}-title` }, h("div", { class: "section-head" }, heading, tools), content);
}

function routesSection() {
  if (!stage.isPlanned) return null;
  const shown = DATA.routes.filter((route) => !state.query || route.visits.some((visit) => isFound(visit, route)));
  if (state.query && !shown.length) return null;
  const empty = h("p", { class: "empty" }, word(DATA.summary.job_count ? "no_routes" : "no_jobs"));
  const tools = h("span", { class: "tools" }, textButton(word("show_all"), () => setAllShown(true)), textButton(word("hide_all"), () => setAllShown(false)));
  const list = shown.length ? [timeAxis(), h("ul", { class: "routes" }, shown.map(routeItem))] : empty;
  return section("routes", word("routes"), shown.length, DATA.routes.length > 1 ? tools : null, list);
}

export function textButton(label, click) {
  return h("button", { type: "button", class: "text", click }, label);
}

function routeItem(route) {
  const id = route.worker_id;
  const open = state.open.has(id) || Boolean(state.query);
  const check = tick(id, word("show_route", { name: route.name }));
  const stops = h("ol", { class: "stops", hidden: !open }, routeEvents(route));
  const figures = `${visitCount(route.visits.length)} · ${say(route.mode)} · ${distance(route.travel_m)} · ${duration(route.travel_s)}`;
  const title = h("span", { class: "route-title" }, h("span", { class: "name" }, route.name), h("span", { class: "hours" }, `${clock(route.start_at)}–${clock(route.end_at)}`));
  const opener = h("button", { type: "button", class: "route-open", "aria-expanded": String(open), click: () => toggleRoute(item) }, title, h("span", { class: "muted" }, h("span", {}, figures), stage.mark(route)), timeStrip(route), icon("chevron"));
  const zoom = h("button", { type: "button", class: "round", "aria-label": word("zoom_route", { name: route.name }), title: word("zoom_route", { name: route.name }), click: () => stage.goTo.route(id) }, icon("target"));
  const head = h("div", { class: "route-head" }, check, swatch(route), opener, zoom);
  const item = h("li", { class: "route", route, pointerenter: (event) => event.pointerType === "mouse" && stage.layers.highlight(id), pointerleave: () => stage.layers.highlight(null) }, head, stops);
  item.dataset.worker = id;
  item.classList.toggle("off", state.hidden.has(id));
  return item;
}

// What may be touched is as large as a fingertip.
export function tickArea(box) {
  return h("label", { class: "tick-area" }, box);
}

function tick(workerId, label) {
  const box = h("input", { type: "checkbox", "aria-label": label, change: ({ target }) => setShown(workerId, target.checked) });
  box.checked = !state.hidden.has(workerId);
  return tickArea(box);
}

function swatch(route) {
  const dash = DASHES[route.dash] ?? (route.estimated ? ESTIMATE_DASH : null);
  const line = svg("line", { x1: 0, x2: 22, y1: 5, y2: 5, "stroke-dasharray": dash ? dash.map((part) => part * 0.6).join(" ") : null });
  return svg("svg", { class: "swatch", viewBox: "0 0 22 10", "aria-hidden": "true" }, line);
}

function toggleRoute(item) {
  const id = item.dataset.worker;
  const open = !state.open.has(id);
  state.open[open ? "add" : "delete"](id);
  item.querySelector(".route-open").setAttribute("aria-expanded", String(open));
  item.querySelector(".stops").hidden = !open;
}

function routeEvents(route) {
  const stops = route.visits.map((visit, i) => ({ at: visit.start_at, item: visitItem(route, visit, i + 1), found: isFound(visit, route) }));
  const breaks = route.breaks.map(([from, to]) => ({ at: from, item: plainItem("pause", "", word("break"), `${clock(from)}–${clock(to)}`), found: !state.query }));
  const inOrder = [...stops, ...breaks].filter(({ found }) => found).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  if (state.query) return inOrder.map(({ item }) => item);
  const last = route.end ? plainItem("edge", icon("home"), word("end"), clock(route.end_at)) : plainItem("edge", "", word("open_end"), clock(route.end_at));
  return [plainItem("edge", icon("home"), word("start"), clock(route.start_at)), ...inOrder.map(({ item }) => item), last];
}

function plainItem(kind, mark, name, time) {
  return h("li", { class: kind }, h("span", { class: "mark" }, mark), h("span", { class: "name" }, name), h("span", { class: "time" }, time));
}

function visitItem(route, visit, number) {
  const waits = visit.waiting_s >= 60 ? h("em", {}, word("waits", { minutes: Math.round(visit.waiting_s / 60) })) : null;
  const facts = h("span", { class: "muted facts" }, visit.address && h("span", { class: "address" }, visit.address), h("span", {}, `${word("arrival")} ${clock(visit.arrival_at)}`), waits, visit.learned && h("span", { class: "learned" }, learnedText(visit)));
  const time = h("span", { class: "time" }, `${clock(visit.start_at)}–${clock(visit.end_at)}`);
  const row = [h("span", { class: "badge" }, String(number)), h("span", { class: "name" }, visit.name), time, facts];
  return h("li", {}, h("button", { type: "button", class: "stop-row", click: () => stage.goTo.stop(visit.job_id, route.worker_id) }, row));
}

function leftSection() {
  const jobs = DATA.unassigned.filter((job) => isFound(job, null));
  if (state.query && !jobs.length) return null;
  if (!jobs.length) return DATA.summary.job_count ? section("unassigned", word("unassigned"), 0, null, stage.placed()) : null;
  const groups = grouped(jobs, (job) => say(job.reason));
  const part = section("unassigned", word("unassigned"), jobs.length, null, [...groups.values()].map(reasonGroup));
  if (jobs.some((job) => job.at)) part.querySelector("h2").before(tick(NOBODY, word("show_left")));
  return part;
}

function allPlaced() {
  if (DATA.problems.length) return h("p", { class: "empty" }, word("readable_placed"));
  return h("p", { class: "empty good" }, word("all_placed"));
}

// As Map.groupBy, which browsers of 2023 do not have: the page is handed out as a file.
function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

// Sites left out for the same reason: the reason once, each sentence once, then its sites.
function reasonGroup(jobs) {
  const count = h("span", { class: "count" }, figure(jobs.length));
  const sentences = [...grouped(jobs, (job) => say(job.detail))];
  const parts = sentences.map(([sentence, some]) => [h("p", {}, sentence), h("ul", { class: "plain" }, some.map(leftItem))]);
  return h("div", { class: "reason-group" }, h("h3", {}, say(jobs[0].reason), count), parts);
}

function leftItem(job) {
  const text = [h("span", { class: "mark" }, h("span", { class: "left" }, "!")), h("span", { class: "name" }, job.name), job.address && h("span", { class: "muted facts" }, job.address)];
  const row = job.at ? h("button", { type: "button", class: "stop-row", click: () => stage.goTo.stop(job.job_id, NOBODY) }, text) : h("div", { class: "stop-row" }, text);
  return h("li", {}, row, whyNot(job, stage.offered));
}

function workerNotesSection() {
  if (!DATA.worker_notes.length) return null;
  const rows = DATA.worker_notes.map(({ name, note }) => h("li", { class: "problem" }, h("strong", {}, name), h("span", {}, say(note))));
  return section("worker-notes", word("worker_notes"), DATA.worker_notes.length, null, h("ul", { class: "plain" }, rows));
}

function geocodedSection() {
  if (!DATA.geocoded.length) return null;
  const rows = DATA.geocoded.map((guess) => {
    const text = [h("span", { class: "mark" }, "?"), h("span", { class: "name" }, guess.name), h("span", { class: "time" }, word("score", { score: guess.score })), h("span", { class: "muted facts" }, `${guess.address} → ${guess.label}`)];
    return h("li", {}, h("button", { type: "button", class: "stop-row", click: () => stage.goTo.place(guess.at) }, text));
  });
  return section("geocoded", word("geocoded"), DATA.geocoded.length, null, [h("p", { class: "muted note" }, word("geocoded_note")), h("ul", { class: "plain" }, rows)]);
}

function problemsSection() {
  if (!DATA.problems.length) return null;
  const rows = DATA.problems.map(({ file, line, column, reason }) => {
    const place = line === 0 ? "" : word(column ? "place_column" : "place", { line, column });
    return h("li", { class: "problem" }, h("span", { class: "muted" }, file, place && " · ", place), h("span", {}, say(reason)));
  });
  return section("problems", word("problems"), DATA.problems.length, null, h("ul", { class: "plain" }, rows));
}

function footer() {
  return h("footer", { class: "muted" }, word("road_source", { name: DATA.road_source }));
}

export function setShown(workerId, shown) {
  state.hidden[shown ? "delete" : "add"](workerId);
  stage.layers.setShown(workerId, shown);
  const item = workerId === NOBODY ? document.getElementById("unassigned") : routeItemOf(workerId);
  item?.classList.toggle("off", !shown);
  const box = item?.querySelector("input");
  if (box) box.checked = shown;
}

function setAllShown(shown) {
  for (const { worker_id: id } of DATA.routes) setShown(id, shown);
}

function setQuery(query) {
  state.query = query.trim();
  renderLists();
  stage.layers.dim(isFound);
}

function routeItemOf(workerId) {
  return [...panel.querySelectorAll(".route")].find((item) => item.dataset.worker === workerId);
}

export function showRouteInPanel(workerId) {
  const item = routeItemOf(workerId);
  if (!item) return;
  if (!state.open.has(workerId)) toggleRoute(item);
  item.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

export function markRouteInPanel(workerId) {
  for (const item of panel.querySelectorAll(".route")) item.classList.toggle("marked", item.dataset.worker === workerId);
}
