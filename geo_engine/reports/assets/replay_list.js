// The list beside the map: the day in figures, its stops, trips and gaps in order, and what is doubtful.

import { DATA, figure, h, icon, state, word } from "./page_text.js";
import { flagName } from "./replay_flags.js";
import { speedText, wayText } from "./replay_colours.js";
import { dayText, lasting, reportedDays, timeOf, timesOf } from "./replay_time.js";

const MOST_FLAGGED = 60;
const LOOK_BACK_MS = 4000;
const LEAST_FOR_SPEED_S = 60;

export class DayList {
  constructor({ replay, player, look, range, chooseDay, setLanguage, setFlagged }) {
    Object.assign(this, { replay, player, look, range, chooseDay, setLanguage, setFlagged });
    this.kind = "all";
    this.element = h("section", { id: "panel" });
    this.rows = new Map();
    this.current = null;
    this.touchedAt = -Infinity;
    for (const name of ["wheel", "pointerdown", "keydown"]) this.element.addEventListener(name, () => (this.touchedAt = performance.now()), { passive: true });
  }

  render() {
    document.documentElement.lang = state.language;
    document.title = `${this.replay.title} · ${word("replay")}`;
    this.element.setAttribute("aria-label", word("day"));
    this.list = h("ol", { class: "spans" });
    this.body = h("div", { class: "panel-body", id: "panel-body", tabindex: "-1" }, [this.figures(), this.onRoads(), this.filter(), this.list, this.doubtful(), this.footer()].filter(Boolean));
    this.element.replaceChildren(this.header(), this.body);
    this.renderSpans();
  }

  header() {
    const { title, zone } = this.replay;
    const titles = h("div", { class: "titles" }, h("h1", { title }, title), h("p", { class: "muted" }, this.dayChoice(), h("span", { class: "zone" }, zone)));
    const toggle = h("button", { type: "button", class: "key list-key", "aria-label": word("show_list"), title: word("show_list"), "aria-expanded": String(this.element.classList.contains("open")), "aria-controls": "panel-body", click: () => toggle.setAttribute("aria-expanded", String(this.element.classList.toggle("open"))) }, icon("list"));
    return h("header", {}, titles, DATA.language ? null : this.languages(), toggle);
  }

  // On a phone what was asked for is on the map: the list makes room for it.
  close() {
    this.element.classList.remove("open");
    this.element.querySelector(".list-key").setAttribute("aria-expanded", "false");
  }

  // A file of one day names it; one of several lets the reader choose.
  dayChoice() {
    const days = reportedDays(this.replay);
    if (!days.length) return null;
    if (days.length < 2) return h("span", {}, dayText(this.replay, this.replay.from));
    const chosen = days.findIndex(([from]) => this.range[0] === from && !this.isWhole());
    const options = days.map(([from], index) => h("option", { value: index, selected: index === chosen }, dayText(this.replay, from)));
    const choice = h("select", { class: "day-choice", "aria-label": word("choose_day"), change: () => this.chooseDay(choice.value === "all" ? null : days[Number(choice.value)]) }, h("option", { value: "all", selected: chosen < 0 }, word("all_days", { n: figure(days.length) })), options);
    return choice;
  }

  languages() {
    const names = { en: "EN", "zh-CN": "中文" };
    const buttons = Object.keys(DATA.words).map((language) => h("button", { type: "button", lang: language, "aria-pressed": String(language === state.language), click: () => this.setLanguage(language) }, names[language]));
    return h("div", { class: "languages", role: "group", "aria-label": word("language") }, buttons);
  }

  inRange(spans) {
    return spans.filter(({ from, to }) => to > this.range[0] && from < this.range[1]);
  }

  seconds(spans) {
    return this.inRange(spans).reduce((sum, { from, to }) => sum + Math.min(to, this.range[1]) - Math.max(from, this.range[0]), 0);
  }

  figures() {
    const { replay } = this;
    const trips = this.inRange(replay.trips).filter(({ from }) => from >= this.range[0]);
    const { fixes, doubtful } = this.fixCounts();
    // A silence within a stop is the stop's, and off shift nobody was to be heard.
    const missed = replay.gaps.filter(({ cause }) => cause !== "off_shift");
    const rows = [
      [word("distance"), wayText(trips.reduce((sum, trip) => sum + (trip.driven_m ?? trip.distance_m), 0))],
      [word("moving"), lasting(Math.max(this.seconds(replay.trips) - this.sharedSeconds(replay.trips, replay.gaps), 0))],
      [word("standing"), lasting(this.seconds(replay.stops))],
      [word("unknown"), lasting(Math.max(this.seconds(missed) - this.sharedSeconds(replay.stops, missed), 0))],
      [word("stops"), figure(this.inRange(replay.stops).length)],
      [word("fixes"), figure(fixes), doubtful > 0 && word("doubtful_n", { n: figure(doubtful) })],
    ];
    return h("dl", { class: "figures" }, rows.map(([name, value, note]) => h("div", {}, h("dt", {}, name), h("dd", {}, value, note && h("small", {}, note)))));
  }

  // How far it was on roads, with its bounds where gaps leave room.
  onRoads() {
    const { driven } = this.replay;
    if (!driven || !this.isWhole()) return null;
    const [km, least, most] = [driven.distance_m, driven.least_m, driven.most_m].map((metres) => figure(metres / 1000, 1));
    return h("p", { class: "muted on-roads" }, least === most ? word("on_roads", { km }) : word("on_roads_between", { km, least, most }));
  }

  isWhole() {
    return this.range[0] <= this.replay.from && this.range[1] >= this.replay.to;
  }

  // Of a day only what is drawn can be counted: not what was reported twice.
  fixCounts() {
    const { raw, flagged, fix_count: fixes, doubtful_count: doubtful } = this.replay;
    if (this.isWhole()) return { fixes, doubtful };
    const [from, to] = this.range;
    const shown = flagged.filter(({ at }) => at >= from && at <= to);
    return { fixes: raw.indexAt(to) - raw.indexAt(from - 1e-3) + shown.filter(({ isUsable }) => !isUsable).length, doubtful: shown.length };
  }

  sharedSeconds(spans, gaps) {
    const [from, to] = this.range;
    let sum = 0;
    for (const span of this.inRange(spans)) for (const gap of gaps) sum += Math.max(Math.min(gap.to, span.to, to) - Math.max(gap.from, span.from, from), 0);
    return sum;
  }

  filter() {
    if (!this.replay.spans.length) return null;
    const kinds = [["all", word("all"), null], ["stop", word("stops"), this.replay.stops], ["trip", word("trips"), this.replay.trips], ["gap", word("gaps"), this.replay.gaps]];
    const buttons = kinds.map(([kind, name, spans]) => h("button", { type: "button", "aria-pressed": String(kind === this.kind), "data-kind": kind, click: () => this.choose(kind) }, name, spans && h("span", { class: "count" }, figure(this.inRange(spans).length))));
    return h("div", { class: "choices", role: "group", "aria-label": word("show_in_list") }, buttons);
  }

  choose(kind) {
    this.kind = kind;
    for (const button of this.body.querySelectorAll(".choices [data-kind]")) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    this.renderSpans();
  }

  renderSpans() {
    this.rows = new Map();
    const hasDays = reportedDays(this.replay).length > 1;
    let day = null;
    const rows = [];
    for (const span of this.inRange(this.replay.spans)) {
      if (this.kind !== "all" && span.kind !== this.kind) continue;
      const next = dayText(this.replay, span.from);
      if (hasDays && next !== day) rows.push(h("li", { class: "day-head" }, next));
      day = next;
      rows.push(this.row(span));
    }
    this.list.replaceChildren(...rows);
    this.current = null;
  }

  row(span) {
    const times = timesOf(this.replay, span);
    const { mark, name, facts } = { stop: () => this.stop(span), trip: () => this.trip(span), gap: () => this.gap(span) }[span.kind]();
    const text = [h("span", { class: "mark" }, mark), h("span", { class: "name" }, name), h("span", { class: "time" }, times), h("span", { class: "muted facts" }, facts.filter(Boolean).map((fact) => h("span", {}, fact)))];
    const button = h("button", { type: "button", class: "span-row", click: () => this.goTo(span.from) }, text);
    this.rows.set(span, button);
    return h("li", { class: `is-${span.kind}` }, button);
  }

  goTo(at) {
    this.player.seek(at);
    this.close();
  }

  stop(span) {
    return { mark: h("span", { class: span.number > 99 ? "stop-pin wide" : "stop-pin" }, String(span.number)), name: word("stop_n", { n: span.number }), facts: [lasting(span.to - span.from), word("within_radius", { n: figure(span.radius_m) })] };
  }

  trip(span) {
    const seconds = span.to - span.from;
    const isWhole = seconds >= LEAST_FOR_SPEED_S && !this.replay.gaps.some(({ from, to }) => from < span.to && to > span.from);
    const way = span.driven_m === null ? wayText(span.distance_m) : word("on_roads", { km: figure(span.driven_m / 1000, 1) });
    const speed = isWhole && speedText((span.driven_m ?? span.distance_m) / seconds);
    return { mark: h("span", { class: "trip-mark" }), name: word("trip_n", { n: span.number }), facts: [way, lasting(seconds), speed] };
  }

  gap(span) {
    const causes = { offline: () => word("cause_offline"), no_permission: () => word("cause_no_permission"), battery: () => word("cause_battery"), off_shift: () => word("cause_off_shift") };
    return { mark: h("span", { class: "gap-mark hatch" }), name: word("gap_long"), facts: [lasting(span.to - span.from), causes[span.cause]?.()] };
  }

  // Doubtful fixes are shown when they are asked for, by their reason.
  doubtful() {
    const counts = Object.entries(this.replay.flag_counts);
    if (!counts.length) return null;
    const box = h("input", { type: "checkbox", checked: this.look.flagged, change: () => this.setFlagged(box.checked) });
    const head = h("div", { class: "section-head" }, h("label", {}, box, h("h2", {}, word("doubtful"))));
    const groups = counts.map(([bit, count]) => this.reason(Number(bit), count));
    return h("section", { id: "doubtful" }, head, h("p", { class: "muted note" }, word("doubtful_help")), h("ul", { class: "reasons" }, groups));
  }

  showFlagged() {
    const box = this.body.querySelector("#doubtful input");
    if (box) box.checked = this.look.flagged;
  }

  reason(bit, count) {
    const fixes = this.replay.flagged.filter(({ at, flags }) => flags & (1 << bit) && at >= this.range[0] && at <= this.range[1]);
    const rows = fixes.slice(0, MOST_FLAGGED).map((fix) => h("li", {}, h("button", { type: "button", class: "text", click: () => this.goTo(fix.at) }, timeOf(this.replay, fix.at))));
    if (fixes.length > MOST_FLAGGED) rows.push(h("li", { class: "muted" }, word("and_more", { n: figure(fixes.length - MOST_FLAGGED) })));
    const title = [h("span", { class: "name" }, flagName(bit)), h("span", { class: "count" }, figure(count))];
    return h("li", {}, rows.length ? h("details", {}, h("summary", {}, title), h("ul", { class: "moments" }, rows)) : h("p", { class: "plain-reason" }, title));
  }

  footer() {
    const { toleranceM, matched } = this.replay;
    if (!this.player.hasLine) return null;
    return h("footer", { class: "muted" }, h("p", {}, word("keys_help")), !matched && h("p", {}, word("not_matched")), toleranceM !== null && h("p", {}, word("thinned", { n: figure(toleranceM) })));
  }

  // Marks what goes on now, and brings it into sight unless the reader is looking elsewhere.
  mark(span) {
    if (span === this.current) return;
    this.rows.get(this.current)?.removeAttribute("aria-current");
    this.current = span;
    const row = this.rows.get(span);
    row?.setAttribute("aria-current", "true");
    if (row && performance.now() - this.touchedAt > LOOK_BACK_MS) this.reveal(row);
  }

  reveal(row) {
    const [box, frame] = [row.getBoundingClientRect(), this.body.getBoundingClientRect()];
    if (box.top < frame.top + 40 || box.bottom > frame.bottom - 40) this.body.scrollTop += box.top - frame.top - frame.height / 3;
  }
}
