// What a day shows on the map: lines, stops, gaps, doubtful fixes.

import { h, icon, themeColour, word } from "./page_text.js";
import { accuracyText, speedText } from "./replay_colours.js";
import { flagNames } from "./replay_flags.js";
import { TrackPath } from "./replay_track.js";
import { lasting, timeOf, timesOf } from "./replay_time.js";

const LABEL_FROM_PX = 64;
const SAME_PLACE_PX = 14;
const CATCH_FLAG_PX = 8;
const CROSS_PX = 3.5;

export class DayLayers {
  constructor(map, replay, { player, look }) {
    Object.assign(this, { map, replay, player, look });
    for (const name of ["gaps", "track", "trail", "flags", "stops"]) map.createPane(name).classList.add(`${name}-pane`);
    const canvas = (pane) => L.canvas({ pane, padding: 0.15 });
    this.canvases = { gaps: canvas("gaps"), track: canvas("track"), trail: canvas("trail"), flags: canvas("flags") };
    this.group = L.layerGroup().addTo(map);
    this.range = [replay.from, replay.to];
  }

  // Everything anew: another day, other lines or other colours.
  build(scale) {
    this.scale = scale;
    this.group.clearLayers();
    this.shownSource = this.replay.matched && this.look.source !== "raw" ? this.replay.matched : this.replay.raw;
    this.under = this.look.source === "both" && this.replay.matched ? this.path(this.replay.raw, "gaps", { plain: true, interactive: false }) : null;
    this.path(this.shownSource, "gaps", { part: "loose", interactive: false });
    this.base = this.path(this.shownSource, "track", {});
    this.path(this.replay.raw, "flags", { part: "dots", interactive: false });
    this.trail = this.path(this.shownSource, "trail", { until: () => this.player.at, interactive: false });
    this.watch(this.base);
    this.gapMarks = this.inRange(this.replay.gaps).map((gap) => this.gapMark(gap)).filter(Boolean);
    this.endMarks();
    this.stopMarks = this.inRange(this.replay.stops).map((stop) => this.stopMark(stop));
    this.flagMarks = this.look.flagged ? new FlagPath(this.inRange(this.replay.flagged), { renderer: this.canvases.flags }).addTo(this.group) : null;
    if (this.flagMarks) this.watchFlags(this.flagMarks);
    this.sizeMarks();
  }

  inRange(things) {
    return things.filter(({ from, to, at }) => (to ?? at) >= this.range[0] && (from ?? at) <= this.range[1]);
  }

  path(line, pane, options) {
    const path = new TrackPath(line, { renderer: this.canvases[pane], scale: this.scale, ...options });
    path.setRange(...this.range);
    return path.addTo(this.group);
  }

  // Another moment: the trail reaches it, what is ahead steps back.
  moved() {
    this.map.getPane("track").classList.toggle("ahead", !this.player.isAtStart);
    this.trail.goOn();
  }

  markSpan(span) {
    for (const { stop, badge } of this.stopMarks) badge.classList.toggle("here", stop === span);
    for (const { gap, badge } of this.gapMarks) badge.classList.toggle("here", gap === span);
  }

  watch(path) {
    const tip = L.tooltip({ direction: "top", offset: [0, -8], className: "replay-tip", opacity: 1 });
    path.on("mousemove mouseover", ({ layerPoint, latlng }) => {
      const at = path.nearest(layerPoint, this.player.at);
      if (at === null) return;
      tip.setLatLng(latlng).setContent(this.fixTip(at)).addTo(this.map);
    });
    path.on("mouseout", () => tip.remove());
    path.on("click", ({ layerPoint }) => {
      const at = path.nearest(layerPoint, this.player.at);
      if (at !== null) this.player.seek(at);
    });
  }

  fixTip(at) {
    const { speed } = this.shownSource.positionAt(at);
    const { accuracy } = this.replay.raw.positionAt(at);
    return h("span", {}, h("strong", {}, timeOf(this.replay, at)), [speedText(speed), accuracyText(accuracy)].filter(Boolean).map((text) => ` · ${text}`));
  }

  watchFlags(path) {
    const tip = L.tooltip({ direction: "top", offset: [0, -6], className: "replay-tip", opacity: 1 });
    path.on("mousemove mouseover", ({ layerPoint, latlng }) => {
      const fix = path.nearest(layerPoint);
      if (fix) tip.setLatLng(latlng).setContent(h("span", {}, h("strong", {}, timeOf(this.replay, fix.at)), ` · ${flagNames(fix.flags).join(", ")}`)).addTo(this.map);
    });
    path.on("mouseout", () => tip.remove());
    path.on("click", ({ layerPoint }) => {
      const fix = path.nearest(layerPoint);
      if (fix) this.player.seek(fix.at);
    });
  }

  stopMark(stop) {
    const at = [stop.lat, stop.lon];
    const ink = themeColour("ink");
    const circle = L.circle(at, { radius: Math.max(stop.radius_m, 5), renderer: this.canvases.gaps, weight: 1.2, color: ink, opacity: 0.5, fillColor: ink, fillOpacity: 0.1, interactive: false });
    const badge = h("span", { class: stop.number > 99 ? "stop-pin wide" : "stop-pin" }, String(stop.number));
    const marker = this.pin(at, badge, "stops", () => this.player.seek(stop.from));
    marker.bindTooltip(() => h("span", {}, h("strong", {}, word("stop_n", { n: stop.number })), ` · ${timesOf(this.replay, stop)} · ${lasting(stop.to - stop.from)}`), { direction: "top", offset: [0, -12], className: "replay-tip" });
    this.group.addLayer(circle);
    return { stop, badge, marker };
  }

  // From where somebody was last seen to where again: dashed and named, since nobody knows the way.
  gapMark(gap) {
    const { raw } = this.replay;
    const [before, after] = [raw.indexAt(gap.from), raw.indexAt(gap.to - 1e-3) + 1];
    if (before < 0 || after >= raw.count || after <= before) return null;
    const ends = [before, after].map((i) => [raw.lats[i], raw.lons[i]]);
    if (!this.assumedFor(gap)) this.drawGap(ends);
    const badge = h("span", { class: "gap-pin" }, h("span", { class: "hatch" }), h("span", { class: "gap-name" }, `${word("gap")} ${lasting(gap.to - gap.from)}`));
    const middle = this.middleOf(gap, ends);
    const marker = this.pin(middle, badge, "stops", () => this.player.seek(gap.from), -400);
    return { gap, badge, marker, ends };
  }

  // Where the line begins and ends, unless a stop says so.
  endMarks() {
    const { raw } = this.replay;
    const [first, last] = [raw.indexAt(this.range[0] - 1e-3) + 1, raw.indexAt(this.range[1])];
    if (last <= first) return;
    for (const [index, name, label] of [[first, "play", word("begins")], [last, "flag", word("ends")]]) {
      if (raw.still[index]) continue;
      const marker = this.pin([raw.lats[index], raw.lons[index]], h("span", { class: "end-pin" }, icon(name)), "stops", () => this.player.seek(raw.times[index]), -200);
      marker.bindTooltip(() => h("span", {}, h("strong", {}, label), ` · ${timeOf(this.replay, raw.times[index])}`), { direction: "top", offset: [0, -10], className: "replay-tip" });
    }
  }

  drawGap(ends) {
    const shared = { renderer: this.canvases.gaps, interactive: false, smoothFactor: 0 };
    this.group.addLayer(L.polyline(ends, { ...shared, color: themeColour("casing"), weight: 6, opacity: 0.55 }));
    this.group.addLayer(L.polyline(ends, { ...shared, color: themeColour("gap"), weight: 2, dashArray: "1 7", lineCap: "round" }));
  }

  // The usual way that the matched line has for a gap, which is shown instead.
  assumedFor(gap) {
    if (this.look.source === "raw" || !this.replay.driven) return null;
    return this.replay.driven.ways.find((way) => way.kind === "assumed" && way.from < gap.to && way.to > gap.from) ?? null;
  }

  middleOf(gap, [one, other]) {
    const way = this.assumedFor(gap);
    if (!way) return [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
    const { lat, lon } = this.replay.matched.positionAt((way.from + way.to) / 2);
    return [lat, lon];
  }

  pin(at, content, pane, click, zIndexOffset = 0) {
    const shape = L.divIcon({ className: "pin", html: content, iconSize: null });
    const marker = L.marker(at, { icon: shape, keyboard: false, riseOnHover: true, pane, zIndexOffset });
    marker.on("click", click);
    this.group.addLayer(marker);
    return marker;
  }

  // A gap is named where there is room for its name, and not marked where both ends are one place on the screen.
  sizeMarks() {
    for (const { badge, ends } of this.gapMarks) {
      const [one, other] = ends.map((at) => this.map.latLngToLayerPoint(at));
      const length = one.distanceTo(other);
      badge.classList.toggle("short", length < LABEL_FROM_PX);
      badge.classList.toggle("none", length < SAME_PLACE_PX);
    }
  }

  // What the shown lines cover; without one, where the doubtful fixes are.
  bounds() {
    const box = L.latLngBounds([]);
    const [from, to] = this.range;
    for (const line of new Set([this.replay.raw, this.shownSource])) {
      for (let i = line.indexAt(from - 1e-3) + 1; i < line.count && line.times[i] <= to; i += 1) box.extend([line.lats[i], line.lons[i]]);
    }
    if (!box.isValid()) for (const fix of this.inRange(this.replay.flagged)) box.extend([fix.lat, fix.lon]);
    return box;
  }
}

// Doubtful fixes as crosses, all in one path.
const FlagPath = L.Path.extend({
  options: { weight: 12, bubblingMouseEvents: false },

  initialize(fixes, options) {
    L.setOptions(this, options);
    this.fixes = fixes;
  },

  _project() {
    this.points = this.fixes.map(({ lat, lon }) => this._map.latLngToLayerPoint([lat, lon]));
    this._pxBounds = this.points.length ? L.bounds(this.points) : null;
  },

  _update() {},

  _updatePath() {
    if (!this._renderer._drawing || !this._pxBounds) return;
    const ctx = this._renderer._ctx;
    const crosses = new Path2D();
    for (const { x, y } of this.points) {
      crosses.moveTo(x - CROSS_PX, y - CROSS_PX);
      crosses.lineTo(x + CROSS_PX, y + CROSS_PX);
      crosses.moveTo(x + CROSS_PX, y - CROSS_PX);
      crosses.lineTo(x - CROSS_PX, y + CROSS_PX);
    }
    ctx.save();
    ctx.lineCap = "round";
    for (const [colour, width] of [["casing", 5], ["alert", 2.2]]) {
      Object.assign(ctx, { strokeStyle: themeColour(colour), lineWidth: width });
      ctx.stroke(crosses);
    }
    ctx.restore();
  },

  nearest(point) {
    let found = null;
    this.points.forEach((at, index) => {
      const distance = at.distanceTo(point);
      if (distance <= CATCH_FLAG_PX && (!found || distance < found.distance)) found = { distance, fix: this.fixes[index] };
    });
    return found?.fix ?? null;
  },

  _containsPoint(point) {
    return this.nearest(point) !== null;
  },
});

