// A worker's day as a strip on one axis for all: travel as a line, service filled, waiting hollow, breaks grey.

import { DATA, h, svg, wall } from "./page_text.js";

const STRIP_WIDTH = 1000;

function daySpan() {
  const hour = 3600000;
  const moments = DATA.routes.flatMap((route) => [wall(route.start_at), wall(route.end_at)]);
  return [Math.floor(Math.min(...moments) / hour) * hour, Math.ceil(Math.max(...moments) / hour) * hour];
}

function stripX(iso) {
  const [from, to] = daySpan();
  return ((wall(iso) - from) / (to - from)) * STRIP_WIDTH;
}

function stripBar(kind, fromIso, toIso, y, height) {
  const x = stripX(fromIso);
  return svg("rect", { class: kind, x, y, height, width: Math.max(stripX(toIso) - x, 2) });
}

export function timeStrip(route) {
  const frame = { class: "strip", viewBox: `0 0 ${STRIP_WIDTH} 10`, preserveAspectRatio: "none", "aria-hidden": "true" };
  const waits = route.visits.filter((visit) => visit.waiting_s >= 60);
  return svg("svg", frame, stripBar("travel", route.start_at, route.end_at, 4, 2),
    waits.map((visit) => stripBar("wait", visit.arrival_at, visit.start_at, 2, 6)),
    route.breaks.map(([from, to]) => stripBar("rest", from, to, 1, 8)),
    route.visits.map((visit) => stripBar("service", visit.start_at, visit.end_at, 0, 10)));
}

// Whole hours in the plan's zone, as many as fit.
export function timeAxis() {
  const [from, to] = daySpan();
  const hours = Math.round((to - from) / 3600000);
  const step = Math.max(1, Math.ceil(hours / 6));
  const first = new Date(from).getUTCHours();
  const ticks = [];
  for (let hour = 0; hour <= hours; hour += step) {
    const label = h("span", {}, String((first + hour) % 24).padStart(2, "0"));
    label.style.setProperty("--at", `${(hour / hours) * 100}%`);
    ticks.push(label);
  }
  return h("div", { class: "axis", "aria-hidden": "true" }, h("div", {}, ticks));
}
