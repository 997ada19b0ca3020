// What lies under a track where there is no extract to draw: lines of equal longitude and latitude, with their degrees.

import { themeColour } from "./page_text.js";

const LINE_ROOM_PX = 140;
const LABEL_REACH_PX = 120;
const STEPS_DEG = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45];
const PX_AT_ZOOM_0 = 256;

export const Graticule = L.GridLayer.extend({
  options: { tileSize: 512, updateWhenZooming: false, maxZoom: 19 },

  createTile(coords) {
    const size = this.getTileSize().x;
    const ratio = window.devicePixelRatio || 1;
    const tile = L.DomUtil.create("canvas", "background-tile");
    tile.width = tile.height = size * ratio;
    const ctx = tile.getContext("2d");
    ctx.scale(ratio, ratio);
    ctx.fillStyle = themeColour("map-land");
    ctx.fillRect(0, 0, size, size);
    this._lines(ctx, { left: coords.x * size, top: coords.y * size, size, zoom: coords.z });
    return tile;
  },

  _lines(ctx, view) {
    const perDegree = (PX_AT_ZOOM_0 * 2 ** view.zoom) / 360;
    const step = STEPS_DEG.find((degrees) => degrees * perDegree >= LINE_ROOM_PX) ?? STEPS_DEG.at(-1);
    const reach = view.size + LABEL_REACH_PX;
    const [northWest, southEast] = [[-LABEL_REACH_PX, -LABEL_REACH_PX], [reach, reach]].map(([x, y]) => this._map.unproject([view.left + x, view.top + y], view.zoom));
    const lons = multiples(step, northWest.lng, southEast.lng);
    const lats = multiples(step, southEast.lat, northWest.lat);
    const pixel = (lat, lon) => this._map.project([lat, lon], view.zoom).subtract([view.left, view.top]);
    ctx.fillStyle = themeColour("map-grid");
    for (const lon of lons) ctx.fillRect(Math.round(pixel(0, lon).x), 0, 1, view.size);
    for (const lat of lats) ctx.fillRect(0, Math.round(pixel(lat, 0).y), view.size, 1);
    Object.assign(ctx, { font: `10.5px ${themeColour("font")}`, fillStyle: themeColour("map-label"), textBaseline: "top" });
    for (const lon of lons) {
      for (const lat of lats) {
        const at = pixel(lat, lon);
        ctx.fillText(`${degrees(lat, step, "N", "S")}  ${degrees(lon, step, "E", "W")}`, Math.round(at.x) + 5, Math.round(at.y) + 4);
      }
    }
  },
});

function multiples(step, from, to) {
  const found = [];
  for (let n = Math.ceil(from / step); n * step <= to; n += 1) found.push(n * step);
  return found;
}

function degrees(value, step, positive, negative) {
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return `${Math.abs(value).toFixed(digits)}° ${value < 0 ? negative : positive}`;
}
