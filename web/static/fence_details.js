// One fence in full: how it is, how large, when it counts, and every version there was.

import { DATA, figure, h, svg, word } from "../map/page_text.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const GLYPHS = { circle: "M9 2a7 7 0 1 0 0 14a7 7 0 1 0 0-14Z", area: "M3 5l7-3 6 6-3 8-9-2Z", corridor: "M2.5 14c4-1 3-8 7-8s3 3 6-3" };
const HECTARES_FROM = 100000;

export function glyph(fence) {
  return svg("svg", { viewBox: "0 0 18 18", class: `glyph${fence.is_automatic ? " automatic" : ""}`, "aria-hidden": "true" }, svg("path", { d: GLYPHS[fence.kind], fill: fence.kind === "corridor" ? "none" : null }));
}

export function metres(value) {
  return value < 1000 ? word("metres", { n: figure(value, value % 1 ? 1 : 0) }) : word("km", { km: figure(value / 1000, 1) });
}

function land(areaM2) {
  return areaM2 < HECTARES_FROM ? word("square_metres", { n: figure(areaM2) }) : word("square_km", { n: figure(areaM2 / 1e6, 2) });
}

function hours(fence) {
  const days = fence.weekdays?.split(";").map((day) => word(DAYS[day - 1])).join(" ");
  const windows = fence.windows?.replaceAll(";", ", ").replaceAll("-", "–");
  return [days, windows].filter(Boolean).join(" · ") || word("any_time");
}

function span({ from, until }) {
  if (until === null) return from === null ? word("since_ever") : word("since", { from });
  return from === null ? word("span_ever", { until }) : word("span", { from, until });
}

function promise({ minutes, percent, accuracy_m: accuracyM, is_measured: isMeasured, width_m: widthM, wanted_percent: wanted }) {
  const told = word(isMeasured ? "found_measured" : "found_usual", { minutes: figure(minutes), percent: figure(percent), metres: figure(accuracyM) });
  return h("p", { class: "promise" }, widthM === null ? told : `${told} ${word("make_wider", { metres: figure(widthM), percent: figure(wanted) })}`);
}

// `act` has what can be done: back, show, edit, remove, drawOwn.
export function details({ fence, outlook, versions, area_m2: areaM2, length_m: lengthM }, act) {
  const newest = versions[0];
  const facts = [
    [word(fence.kind), fence.kind === "circle" ? `${word("radius")} ${metres(fence.radius_m)}` : fence.kind === "corridor" ? `${word("width")} ${metres(fence.width_m)}` : null],
    [word(lengthM === undefined ? "size" : "length"), lengthM === undefined ? land(areaM2) : metres(lengthM)],
    [word("site"), fence.site_id],
    [word("hours"), hours(fence)],
    [word("dwell"), fence.dwell_s === undefined ? word("usual") : word("seconds", { n: figure(fence.dwell_s) })],
    [word("id"), fence.id],
    [word("version"), `${fence.version} · ${span(newest)}`],
  ].filter(([, told]) => told);
  const button = (key, click, kind = "") => h("button", { type: "button", class: `button ${kind}`, click }, word(key));
  return [
    h("button", { type: "button", class: "button quiet back", click: act.back }, `‹ ${word("back")}`),
    h("div", { class: "title" }, glyph(fence), h("h1", { id: "one-title" }, fence.name)),
    fence.is_automatic && h("p", { class: "note" }, word("automatic_note")),
    h("dl", {}, facts.map(([name, told]) => [h("dt", {}, name), h("dd", {}, told)])),
    promise(outlook),
    h("p", { class: "buttons" }, fence.may_change && button("edit", act.edit, "primary"), act.drawOwn && button("draw_own", act.drawOwn, "primary"), button("show", act.show), fence.may_change && button("remove", act.remove)),
    h("h2", {}, word("history")),
    h("ul", { class: "history" }, versions.map((one) => h("li", {}, h("span", {}, word("version_n", { n: one.version })), h("span", {}, span(one)), one.by && h("span", { class: "muted" }, word("by", { by: one.by }))))),
  ].filter(Boolean);
}

export async function ask(id) {
  const answer = await fetch(`${DATA.one_url}?${new URLSearchParams({ id })}`, { headers: { Accept: "application/json" } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.title);
  return said;
}
