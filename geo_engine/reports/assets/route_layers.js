// Routes on the map: lines with casing and direction, numbered stops, starts and ends, unassigned places.

import { widthAt } from "./background_layer.js";
import { clock, DATA, distance, duration, figure, h, icon, NOBODY, routeColour, say, themeColour, word } from "./page_text.js";
import { isFound, markRouteInPanel, showRouteInPanel, stage } from "./panel.js";

export const ESTIMATE_DASH = [9, 7];
export const DASHES = [null, [16, 6], [5, 6], [16, 5, 4, 5]];
const LINE_PX = [[11, 2.5], [13, 3.2], [15, 4.5], [17, 6]];
const CASING_PX = [[11, 1], [13, 1.5], [16, 2.5]];
const CATCH_PX = 12;
const ARROW_FROM_ZOOM = 12.5;
const ARROW_EVERY_PX = 120;
const FADED = 0.22;

// A polyline that draws its own casing and arrows, in whatever canvas Leaflet gives it.
const RouteLine = L.Polyline.extend({
  _updatePath() {
    const { colour, dash, strong } = this.options;
    const faded = this.options.faded || (this.options.dimmed && !strong);
    const zoom = this._map.getZoom();
    const width = widthAt(LINE_PX, zoom) + (strong ? 1.5 : 0);
    const shared = { stroke: true, lineCap: "round", lineJoin: "round", opacity: faded ? FADED : 1 };
    this._pass({ ...shared, color: themeColour("casing"), weight: width + 2 * widthAt(CASING_PX, zoom) });
    this._pass({ ...shared, color: colour, weight: width, _dashArray: dash, lineCap: dash ? "butt" : "round" });
    if (!faded && zoom >= ARROW_FROM_ZOOM && this._renderer._drawing) this._arrows(this._renderer._ctx, width);
  },

  _pass(options) {
    this._renderer._updatePoly({ _parts: this._parts, options }, false);
  },

  // Chevrons within the line, at even distances from where each leg begins, wherever the map is moved.
  _arrows(ctx, width) {
    Object.assign(ctx, { globalAlpha: 1, strokeStyle: themeColour("casing"), lineWidth: 1.6, lineCap: "butt", lineJoin: "miter" });
    ctx.setLineDash([]);
    ctx.beginPath();
    for (const ring of this._rings) {
      let left = ARROW_EVERY_PX / 2;
      for (let i = 1; i < ring.length; i += 1) {
        const length = ring[i - 1].distanceTo(ring[i]);
        for (; left <= length; left += ARROW_EVERY_PX) this._arrow(ctx, ring[i - 1], ring[i], left / length, width * 0.42);
        left -= length;
      }
    }
    ctx.stroke();
  },

  _arrow(ctx, from, to, share, reach) {
    const x = from.x + (to.x - from.x) * share;
    const y = from.y + (to.y - from.y) * share;
    if (!this._renderer._bounds.contains([x, y])) return;
    const angle = Math.atan2(to.y - from.y, to.x - from.x);
    const [ux, uy] = [Math.cos(angle) * reach, Math.sin(angle) * reach];
    ctx.moveTo(x - ux + uy, y - uy - ux);
    ctx.lineTo(x + ux, y + uy);
    ctx.lineTo(x - ux - uy, y - uy + ux);
  },
});

function latLng([lon, lat]) {
  return [lat, lon];
}

function legLatLngs(flat) {
  const points = [];
  let x = 0;
  let y = 0;
  for (let i = 0; i + 1 < flat.length; i += 2) {
    x += flat[i];
    y += flat[i + 1];
    points.push([y / DATA.line_scale, x / DATA.line_scale]);
  }
  return points;
}

export function pin(at, content, popup, options = {}) {
  const shape = L.divIcon({ className: "pin", html: content, iconSize: null });
  const marker = L.marker(latLng(at), { icon: shape, keyboard: false, ...options });
  return marker.bindPopup(popup, { maxWidth: 300, minWidth: 220, autoPanPadding: [24, 24] });
}

export class RouteLayers {
  constructor(map) {
    this.map = map;
    this.entries = new Map(DATA.routes.map((route) => [route.worker_id, this.build(route)]));
    map.createPane("left").classList.add("left-pane");
    this.left = DATA.unassigned.filter((job) => job.at).map((job) => this.leftPin(job));
    this.leftGroup = L.layerGroup(this.left.map(({ marker }) => marker)).addTo(map);
    this.highlighted = null;
    for (const { group } of this.entries.values()) group.addTo(map);
  }

  build(route) {
    const dash = DASHES[route.dash] ?? (route.estimated ? ESTIMATE_DASH : null);
    const options = { weight: CATCH_PX, colour: routeColour(route), dash, smoothFactor: 0.5 };
    const line = new RouteLine(route.legs.map(legLatLngs).filter((leg) => leg.length > 1), options);
    line.on("mouseover", () => this.highlight(route.worker_id));
    line.on("mouseout", () => this.highlight(null));
    line.on("click", () => showRouteInPanel(route.worker_id));
    const stops = route.visits.map((visit, i) => this.stopPin(route, visit, i + 1));
    const homes = this.homePins(route);
    const pins = [...homes, ...stops].map(({ marker }) => marker);
    return { route, line, stops, homes, group: L.layerGroup([line, ...pins]) };
  }

  stopPin(route, visit, number) {
    const badge = h("span", { class: number > 99 ? "stop wide" : "stop", route }, String(number));
    const marker = pin(visit.at, badge, () => visitCard(route, visit, number), { riseOnHover: true });
    marker.on("mouseover", () => this.highlight(route.worker_id));
    marker.on("mouseout", () => this.highlight(null));
    return { visit, marker, badge };
  }

  homePins(route) {
    const same = route.end && route.end[0] === route.start[0] && route.end[1] === route.start[1];
    const places = [[route.start, same ? "start_end" : "start"]];
    if (route.end && !same) places.push([route.end, "end"]);
    return places.map(([at, kind]) => {
      const badge = h("span", { class: "home", route }, icon("home"));
      return { badge, marker: pin(at, badge, () => homeCard(route, kind), { zIndexOffset: -500 }) };
    });
  }

  leftPin(job) {
    const badge = h("span", { class: "left" }, "!");
    return { job, badge, marker: pin(job.at, badge, () => leftCard(job), { pane: "left", riseOnHover: true }) };
  }

  setShown(workerId, shown) {
    const group = workerId === NOBODY ? this.leftGroup : this.entries.get(workerId).group;
    if (shown) group.addTo(this.map);
    else group.remove();
  }

  highlight(workerId) {
    if (workerId === this.highlighted) return;
    this.highlighted = workerId;
    for (const [id, { line, stops, homes }] of this.entries) {
      const faded = workerId !== null && id !== workerId;
      L.setOptions(line, { faded, strong: id === workerId });
      if (this.map.hasLayer(line)) line.redraw();
      for (const { badge } of [...homes, ...stops]) badge.classList.toggle("faded", faded);
    }
    const chosen = this.entries.get(workerId);
    if (chosen && this.map.hasLayer(chosen.line)) chosen.line.bringToFront();
    markRouteInPanel(workerId);
  }

  recolour() {
    for (const { route, line } of this.entries.values()) {
      L.setOptions(line, { colour: routeColour(route) });
      if (this.map.hasLayer(line)) line.redraw();
    }
  }

  // Stops a search does not find step back, on the map too.
  dim(isFound) {
    for (const { route, line, stops, homes } of this.entries.values()) {
      for (const { visit, badge } of stops) badge.classList.toggle("dim", !isFound(visit, route));
      const dimmed = !stops.some(({ visit }) => isFound(visit, route));
      for (const { badge } of homes) badge.classList.toggle("dim", dimmed);
      L.setOptions(line, { dimmed });
      if (this.map.hasLayer(line)) line.redraw();
    }
    for (const { job, badge } of this.left) badge.classList.toggle("dim", !isFound(job, null));
  }

  marker(jobId) {
    for (const { stops } of this.entries.values()) {
      const found = stops.find(({ visit }) => visit.job_id === jobId);
      if (found) return found.marker;
    }
    return this.left.find(({ job }) => job.job_id === jobId)?.marker ?? null;
  }

  // What the routes cover, or one of them; without any route, where the unassigned sites are.
  bounds(workerId = NOBODY) {
    const box = L.latLngBounds([]);
    for (const [id, { line, stops, homes }] of this.entries) {
      if (workerId !== NOBODY && id !== workerId) continue;
      if (line.getLatLngs().length) box.extend(line.getBounds());
      for (const { marker } of [...homes, ...stops]) box.extend(marker.getLatLng());
    }
    if (!box.isValid()) for (const { marker } of this.left) box.extend(marker.getLatLng());
    return box;
  }
}

export function card(title, subtitle, facts, actions = null) {
  const rows = facts.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
  return h("div", { class: "card" }, h("h2", {}, title), subtitle && h("p", { class: "muted" }, subtitle), h("dl", {}, rows), actions);
}

// How long the service was learned to take, from how many visits, beside what was given.
export function learnedText({ learned: { learned_s: learned, given_s: given, visit_count: n } }) {
  return word("learned", { minutes: duration(learned), n: figure(n), total: duration(given) });
}

function visitCard(route, visit, number) {
  const tag = h("span", { class: "badge", route }, String(number));
  return card([tag, visit.name], visit.address, [
    [word("worker"), route.name],
    [word("arrival"), clock(visit.arrival_at)],
    [word("waiting"), visit.waiting_s >= 60 && duration(visit.waiting_s)],
    [word("service"), `${clock(visit.start_at)}–${clock(visit.end_at)}`],
    ["", visit.learned && learnedText(visit)],
    [word("window"), visit.windows.join(", ") || word("any_time")],
    [word("skills"), visit.skills.join(", ")],
    [word("travel"), `${duration(visit.travel_s)} · ${distance(visit.travel_m)}`],
  ], stage.actions(visit));
}

function homeCard(route, kind) {
  return card(route.name, { start: word("start"), end: word("end"), start_end: word("start_end") }[kind], [
    [word("leave_at"), kind !== "end" && clock(route.start_at)],
    [word("back_at"), kind !== "start" && clock(route.end_at)],
    [word("skills"), route.skills.join(", ")],
  ]);
}

function leftCard(job) {
  return card(job.name, job.address, [
    [word("unassigned"), say(job.reason)],
    ["", say(job.detail)],
    [word("window"), job.windows.join(", ") || word("any_time")],
    [word("skills"), job.skills.join(", ")],
  ], stage.actions(job));
}
