// The quiet map under the routes, and its labels over them: the extract's own, drawn tile by tile on canvas.

import { themeColour } from "./page_text.js";

const WORLD_SIZE = 256;
const AREA_KINDS = [
  { kind: "sea", colour: "map-water", from: 0 },
  { kind: "park", colour: "map-park", from: 9 },
  { kind: "water", colour: "map-water", from: 8 },
  { kind: "building", colour: "map-building", from: 14 },
];
// Width in pixels at zoom levels; between them it is interpolated, outside them the nearest holds.
const LINE_KINDS = [
  { kind: "coast", colour: "map-coast", from: 0, widths: [[8, 0.6], [16, 1.2]] },
  { kind: "rail", colour: "map-rail", from: 11, widths: [[11, 0.5], [18, 1.6]] },
  { kind: "road_minor", colour: "map-road-minor", edge: "map-road-edge", from: 11, widths: [[11, 0.4], [13, 0.9], [15, 3], [17, 8], [19, 20]] },
  { kind: "road_major", colour: "map-road-major", edge: "map-road-edge", from: 0, widths: [[8, 0.8], [12, 1.8], [14, 3.4], [16, 7], [19, 26]] },
];
const EDGE_FROM_ZOOM = 14;
const LEAST_STEP_PX = 0.7;

export function worldPoint(lon, lat) {
  const sine = Math.min(Math.max(Math.sin((lat * Math.PI) / 180), -0.9999), 0.9999);
  return [(lon / 360 + 0.5) * WORLD_SIZE, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * WORLD_SIZE];
}

export function widthAt(widths, zoom) {
  let [lowZoom, lowWidth] = widths[0];
  for (const [atZoom, width] of widths) {
    if (zoom <= atZoom) return atZoom === lowZoom ? width : lowWidth + ((width - lowWidth) * (zoom - lowZoom)) / (atZoom - lowZoom);
    [lowZoom, lowWidth] = [atZoom, width];
  }
  return lowWidth;
}

class Shape {
  constructor(rings, scale) {
    this.box = [Infinity, Infinity, -Infinity, -Infinity];
    this.rings = rings.map((flat) => this.project(flat, scale));
  }

  project(flat, scale) {
    const points = new Float64Array(flat.length);
    let lon = 0;
    let lat = 0;
    for (let i = 0; i + 1 < flat.length; i += 2) {
      lon += flat[i];
      lat += flat[i + 1];
      const [x, y] = worldPoint(lon / scale, lat / scale);
      points[i] = x;
      points[i + 1] = y;
      this.box = [Math.min(this.box[0], x), Math.min(this.box[1], y), Math.max(this.box[2], x), Math.max(this.box[3], y)];
    }
    return points;
  }

  meets(box) {
    return this.box[0] <= box[2] && this.box[2] >= box[0] && this.box[1] <= box[3] && this.box[3] >= box[1];
  }

  trace(ctx, view, closed) {
    for (const points of this.rings) {
      let lastX = Infinity;
      let lastY = Infinity;
      for (let i = 0; i < points.length; i += 2) {
        const x = (points[i] - view.left) * view.scale;
        const y = (points[i + 1] - view.top) * view.scale;
        if (i === 0) ctx.moveTo(x, y);
        else if (Math.abs(x - lastX) + Math.abs(y - lastY) < LEAST_STEP_PX && i + 2 < points.length) continue;
        else ctx.lineTo(x, y);
        [lastX, lastY] = [x, y];
      }
      if (closed) ctx.closePath();
    }
  }
}

export const BackgroundLayer = L.GridLayer.extend({
  options: { tileSize: 512, keepBuffer: 1, updateWhenZooming: false, maxZoom: 19, minZoom: 2 },

  initialize(background, options) {
    L.setOptions(this, options);
    const { scale, bounds, areas, lines, labels } = background;
    this._areas = this._shapes(areas, (entry) => entry.polygons.map((rings) => new Shape(rings, scale)));
    this._lines = this._shapes(lines, (entry) => entry.parts.map((line) => new Shape([line], scale)));
    const [west, south, east, north] = bounds;
    this._extent = [...worldPoint(west, north), ...worldPoint(east, south)];
    this._labels = labels.map(([name, x, y]) => ({ name, at: worldPoint(x / scale, y / scale) }));
    this._placed = new Map();
  },

  _shapes(entries, read) {
    const byKind = new Map();
    for (const entry of entries) byKind.set(entry.kind, (byKind.get(entry.kind) ?? []).concat(read(entry)));
    return byKind;
  },

  createTile(coords) {
    const size = this.getTileSize().x;
    const ratio = Math.min((window.devicePixelRatio || 1) * 1.25, 2.5);
    const tile = L.DomUtil.create("canvas", "background-tile");
    tile.width = tile.height = size * ratio;
    const ctx = tile.getContext("2d");
    ctx.scale(ratio, ratio);
    const scale = 2 ** coords.z;
    const view = { zoom: coords.z, scale, left: (coords.x * size) / scale, top: (coords.y * size) / scale, size };
    if (this.options.labels) this._write(ctx, view);
    else this._draw(ctx, view);
    return tile;
  },

  _draw(ctx, view) {
    ctx.fillStyle = themeColour("map-void");
    ctx.fillRect(0, 0, view.size, view.size);
    ctx.fillStyle = themeColour("map-land");
    const [x0, y0, x1, y1] = this._extent.map((v, i) => (v - (i % 2 ? view.top : view.left)) * view.scale);
    ctx.save();
    ctx.beginPath();
    ctx.rect(x0, y0, x1 - x0, y1 - y0);
    ctx.clip();
    ctx.fillRect(0, 0, view.size, view.size);
    for (const style of AREA_KINDS) if (view.zoom >= style.from) this._fill(ctx, view, style);
    for (const style of LINE_KINDS) if (view.zoom >= style.from && view.zoom >= EDGE_FROM_ZOOM && style.edge) this._stroke(ctx, view, style, style.edge, 1.6);
    for (const style of LINE_KINDS) if (view.zoom >= style.from) this._stroke(ctx, view, style, style.colour, 0);
    ctx.restore();
  },

  _seen(shapes, view, marginPx) {
    const margin = marginPx / view.scale;
    const reach = view.size / view.scale + margin;
    const box = [view.left - margin, view.top - margin, view.left + reach, view.top + reach];
    return (shapes ?? []).filter((shape) => shape.meets(box));
  },

  _fill(ctx, view, { kind, colour }) {
    ctx.fillStyle = themeColour(colour);
    for (const shape of this._seen(this._areas.get(kind), view, 0)) {
      ctx.beginPath();
      shape.trace(ctx, view, true);
      ctx.fill("evenodd");
    }
  },

  _stroke(ctx, view, { kind, widths }, colour, extraPx) {
    ctx.strokeStyle = themeColour(colour);
    ctx.lineWidth = widthAt(widths, view.zoom) + extraPx;
    ctx.lineCap = ctx.lineJoin = "round";
    ctx.beginPath();
    for (const shape of this._seen(this._lines.get(kind), view, ctx.lineWidth)) shape.trace(ctx, view, false);
    ctx.stroke();
  },

  // Labels are placed once a zoom for the whole world, so that neighbouring tiles agree on them.
  _labelsAt(ctx, zoom) {
    if (this._placed.has(zoom)) return this._placed.get(zoom);
    const kept = [];
    const scale = 2 ** zoom;
    for (const { name, at } of this._labels) {
      const half = ctx.measureText(name).width / 2 + 24;
      const box = [at[0] * scale - half, at[1] * scale - 26, at[0] * scale + half, at[1] * scale + 26];
      if (kept.some(({ box: b }) => b[0] < box[2] && b[2] > box[0] && b[1] < box[3] && b[3] > box[1])) continue;
      kept.push({ name, at, box });
    }
    this._placed.set(zoom, kept);
    return kept;
  },

  _write(ctx, view) {
    ctx.font = `600 12px ${themeColour("font")}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineWidth = 3;
    ctx.lineJoin = "round";
    ctx.strokeStyle = themeColour("map-halo");
    ctx.fillStyle = themeColour("map-label");
    for (const { name, at } of this._labelsAt(ctx, view.zoom)) {
      const [x, y] = [(at[0] - view.left) * view.scale, (at[1] - view.top) * view.scale];
      if (x < -200 || y < -30 || x > view.size + 200 || y > view.size + 30) continue;
      ctx.strokeText(name, x, y);
      ctx.fillText(name, x, y);
    }
  },
});
