// The line of a day on the map: coloured, thinned to what a zoom level can show, broken where nobody knows the way.

import { DARK, themeColour } from "./page_text.js";
import { lastIndex } from "./replay_data.js";

const CATCH_PX = 9;
const WIDTH_PX = 4;
const CASING_PX = 1.6;
const STILL_WIDTH_PX = 1.5;
const LOOSE_DASH = [1, 7];
const DOTS_FROM_ZOOM = 17;
const MOST_DOTS = 4000;

// One path for the entire line: as Leaflet's polylines it is drawn in the canvas of its pane, but from columns of
// numbers, in one stroke a colour.
export const TrackPath = L.Path.extend({
  options: { weight: WIDTH_PX + 2 * CASING_PX, bubblingMouseEvents: false },

  // A plain line is one colour; a trail goes up to a moment and is drawn on as the moment goes on. Of a line its loose
  // stretches and its fixes are paths of their own, under and over it.
  initialize(line, options) {
    L.setOptions(this, options);
    this.line = line;
    this.range = [0, line.count];
    this.reached = null;
  },

  setRange(from, to) {
    this.range = [Math.max(this.line.indexAt(from - 1e-3) + 1, 0), this.line.indexAt(to) + 1];
    this.reached = null;
    if (this._map) this.redraw();
  },

  redraw() {
    this._project();
    return L.Path.prototype.redraw.call(this);
  },

  _project() {
    const zoom = this._map.getZoom();
    this.kept = this.line.level(zoom);
    this.scale = 2 ** zoom;
    this.origin = this._map.getPixelOrigin();
    const bounds = L.bounds([]);
    const [first, last] = this.range;
    for (const i of this.kept) if (i >= first && i < last) bounds.extend(this.pointAt(i));
    this._pxBounds = bounds.isValid() ? bounds : null;
  },

  _update() {},

  _updatePath() {
    if (!this._renderer._drawing || !this._pxBounds) return;
    const ctx = this._renderer._ctx;
    const { from, to } = this.span();
    if (this.options.part === "dots") return this.drawDots(ctx, from, to);
    if (this.options.part === "loose") return this.drawLoose(ctx, from, to);
    this.draw(ctx, from, to);
    if (this.options.until) this.drawEnd(ctx, to);
  },

  pointAt(i) {
    return L.point(this.line.xs[i] * this.scale - this.origin.x, this.line.ys[i] * this.scale - this.origin.y);
  },

  // Which of the kept fixes are drawn: those of the range, for a trail up to its moment.
  span() {
    const { kept, range } = this;
    const end = this.options.until ? Math.min(range[1], this.line.indexAt(this.options.until()) + 1) : range[1];
    const before = (index) => lastIndex(kept.length, (k) => kept[k] < index) + 1;
    return { from: before(range[0]), to: before(end) };
  },

  draw(ctx, from, to) {
    const strokes = new Strokes(this);
    for (let k = from + 1; k < to; k += 1) if (!this.line.starts[this.kept[k]]) strokes.add(this.kept[k - 1], this.kept[k]);
    strokes.stroke(ctx);
    if (this.options.until) this.reached = to > from ? to - 1 : from;
  },

  // The last bit of a trail, from the last kept fix to where somebody is now.
  drawEnd(ctx, to) {
    const at = this.options.until();
    const now = this.line.positionAt(at);
    if (!now || to < 1 || now.isHeld || at > this.line.times[this.line.count - 1]) return;
    const strokes = new Strokes(this);
    for (let i = this.kept[to - 1] + 1; i <= now.index && i < this.range[1]; i += 1) strokes.add(i - 1, i);
    const end = L.point(now.x * this.scale - this.origin.x, now.y * this.scale - this.origin.y);
    strokes.addPoints(this.pointAt(now.index), end, now.index);
    strokes.stroke(ctx);
  },

  // A trail's moment went on: what came is drawn on top, nothing is wiped.
  goOn() {
    const { to } = this.span();
    if (this.reached === null || this._map._animatingZoom || to - 1 < this.reached || !this._renderer._ctx) return this.redraw();
    this.draw(this._renderer._ctx, this.reached, to);
    this.drawEnd(this._renderer._ctx, to);
    return this;
  },

  // The stretches of which only the ends were seen.
  drawLoose(ctx, from, to) {
    const dashes = new Path2D();
    for (let k = from + 1; k < to; k += 1) {
      const i = this.kept[k];
      if (!this.line.loose[i]) continue;
      const [one, other] = [this.pointAt(this.kept[k - 1]), this.pointAt(i)];
      if (!this.line.loose[this.kept[k - 1]]) dashes.moveTo(one.x, one.y);
      dashes.lineTo(other.x, other.y);
    }
    ctx.save();
    Object.assign(ctx, { lineCap: "round", lineJoin: "round" });
    for (const [colour, width, dash] of [["casing", 6, []], ["gap", 2.2, LOOSE_DASH]]) {
      ctx.setLineDash(dash);
      Object.assign(ctx, { strokeStyle: themeColour(colour), lineWidth: width, globalAlpha: colour === "casing" ? 0.55 : 1 });
      ctx.stroke(dashes);
    }
    ctx.restore();
  },

  drawDots(ctx, from, to) {
    if (this._map.getZoom() < DOTS_FROM_ZOOM || to <= from) return;
    const box = this._renderer._bounds;
    ctx.save();
    Object.assign(ctx, { fillStyle: themeColour("casing"), strokeStyle: themeColour("muted"), lineWidth: 1 });
    const dots = new Path2D();
    let count = 0;
    for (let i = this.kept[from]; i <= this.kept[to - 1] && count < MOST_DOTS; i += 1) {
      const at = this.pointAt(i);
      if (!box.contains(at)) continue;
      dots.moveTo(at.x + 1.8, at.y);
      dots.arc(at.x, at.y, 1.8, 0, 2 * Math.PI);
      count += 1;
    }
    ctx.fill(dots);
    ctx.stroke(dots);
    ctx.restore();
  },

  _containsPoint(point) {
    return this.nearest(point) !== null;
  },

  // The moment of the line nearest to a point of the map, among several passes the one nearest to `beside`.
  nearest(point, beside = null) {
    let found = null;
    const { from, to } = { from: 0, to: this.kept.length };
    for (let k = from + 1; k < to; k += 1) {
      const i = this.kept[k];
      if (this.line.starts[i] || i <= this.range[0] || i >= this.range[1]) continue;
      const [one, other] = [this.pointAt(this.kept[k - 1]), this.pointAt(i)];
      if (Math.min(one.x, other.x) > point.x + CATCH_PX || Math.max(one.x, other.x) < point.x - CATCH_PX) continue;
      const foot = L.LineUtil.closestPointOnSegment(point, one, other);
      const distance = foot.distanceTo(point);
      if (distance > CATCH_PX) continue;
      const share = one.distanceTo(foot) / (one.distanceTo(other) || 1);
      const at = this.line.times[this.kept[k - 1]] + share * (this.line.times[i] - this.line.times[this.kept[k - 1]]);
      const away = Math.round(distance / 4) * 1e7 + (beside === null ? 0 : Math.abs(at - beside));
      if (!found || away < found.away) found = { at, away };
    }
    return found && found.at;
  },
});

// Segments sorted by colour, those of a standing device apart; each kind is stroked once.
class Strokes {
  constructor(path) {
    this.path = path;
    const { min, max } = path._renderer._bounds;
    this.box = { left: min.x - 8, top: min.y - 8, right: max.x + 8, bottom: max.y + 8 };
    this.kinds = new Map();
    this.lastTo = new Map();
  }

  add(from, to) {
    this.addPoints(this.path.pointAt(from), this.path.pointAt(to), from, to);
  }

  addPoints(one, other, from, to = -1) {
    const { left, top, right, bottom } = this.box;
    if (Math.max(one.x, other.x) < left || Math.min(one.x, other.x) > right || Math.max(one.y, other.y) < top || Math.min(one.y, other.y) > bottom) return;
    const { line, options } = this.path;
    const found = options.plain ? -2 : options.scale.classOf(line[options.scale.values][to < 0 || to > from + 1 ? from : to]);
    if (line.loose[from + 1] && (to === from + 1 || to < 0)) return;
    const key = found * 2 + (line.still[from] && !options.plain ? 1 : 0);
    if (!this.kinds.has(key)) this.kinds.set(key, new Path2D());
    const shape = this.kinds.get(key);
    if (this.lastTo.get(key) !== from) shape.moveTo(one.x, one.y);
    shape.lineTo(other.x, other.y);
    this.lastTo.set(key, to);
  }

  stroke(ctx) {
    const { options } = this.path;
    ctx.save();
    Object.assign(ctx, { lineCap: "round", lineJoin: "round" });
    ctx.setLineDash([]);
    if (!options.until && !options.plain) this.casing(ctx);
    for (const [key, shape] of this.kinds) {
      const isStill = key % 2 !== 0;
      ctx.globalAlpha = options.plain ? 0.55 : isStill ? 0.5 : 1;
      ctx.strokeStyle = options.plain ? themeColour("muted") : options.scale.colour(Math.floor(key / 2));
      ctx.lineWidth = options.plain ? 1.8 : isStill ? STILL_WIDTH_PX : WIDTH_PX;
      ctx.stroke(shape);
    }
    ctx.restore();
  }

  casing(ctx) {
    ctx.strokeStyle = themeColour("casing");
    ctx.globalAlpha = DARK.matches ? 0.7 : 0.9;
    for (const [key, shape] of this.kinds) {
      if (key % 2 !== 0) continue;
      ctx.lineWidth = WIDTH_PX + 2 * CASING_PX;
      ctx.stroke(shape);
    }
  }
}
