// The fences on the map: circles, areas, and corridors as wide as they are on the ground.

import { h, themeColour } from "../map/page_text.js";

const EQUATOR_M = 40075016.686;
const WORLD_PX = 256;

// How wide a width on the ground is on the screen, where a line's middle is.
function pixels(map, widthM, latlng) {
  return (widthM * WORLD_PX * 2 ** map.getZoom()) / (EQUATOR_M * Math.cos((latlng.lat * Math.PI) / 180));
}

export function levels(geometry) {
  return { Point: 0, LineString: 0, MultiLineString: 1, Polygon: 1, MultiPolygon: 2 }[geometry.type];
}

export function latLngs(geometry) {
  if (geometry.type === "Point") return L.GeoJSON.coordsToLatLng(geometry.coordinates);
  return L.GeoJSON.coordsToLatLngs(geometry.coordinates, levels(geometry));
}

// A corridor's land and the line in its middle; `widen` fits the land to the zoom.
export function corridorLayers(map, points, widthM, style) {
  const line = L.polyline(points, { ...style, fill: false, weight: 1.5 });
  const land = L.polyline(points, { ...style, fill: false, opacity: style.fillOpacity + 0.08, weight: 1, lineCap: "butt" });
  const widen = () => land.setStyle({ weight: Math.max(pixels(map, widthM, line.getBounds().getCenter()), 3) });
  widen();
  return { layer: L.featureGroup([land, line]), widen };
}

export class FenceLayer {
  // `press` is told which fence was clicked and where.
  constructor(map, press) {
    this.map = map;
    this.press = press;
    this.group = L.featureGroup().addTo(map);
    this.shown = new Map();
    this.chosen = null;
    this.without = null;
    map.on("zoomend", () => { for (const { widen } of this.shown.values()) widen?.(); });
  }

  show(fences) {
    this.fences = fences;
    this.group.clearLayers();
    this.shown.clear();
    // The larger lie below, so that each can be pressed.
    const drawn = fences.filter(({ id }) => id !== this.without).map((fence) => ({ fence, size: extent(fence) }));
    for (const { fence } of drawn.sort((a, b) => b.size - a.size)) {
      const made = this.draw(fence);
      made.layer.on("click", (event) => { L.DomEvent.stop(event); this.press(fence, event.latlng); });
      made.layer.bindTooltip(() => h("span", {}, fence.name), { sticky: true, className: "fence-name" });
      made.layer.addTo(this.group);
      this.shown.set(fence.id, made);
    }
    if (this.chosen) this.shown.get(this.chosen)?.layer.bringToFront();
  }

  redraw() {
    this.show(this.fences ?? []);
  }

  // Marks a fence; null marks none.
  choose(id) {
    const before = this.chosen;
    this.chosen = id;
    for (const one of [before, id]) {
      const fence = this.fences?.find((each) => each.id === one);
      const made = this.shown.get(one);
      if (!fence || !made) continue;
      made.layer.setStyle(this.style(fence));
      made.widen?.();
      if (one === id) made.layer.bringToFront();
    }
    if (this.fences?.some((each) => each.kind === "corridor" && [before, id].includes(each.id))) this.redraw();
  }

  // Leaves out the one that is being drawn anew.
  leaveOut(id) {
    this.without = id;
    this.redraw();
  }

  bounds(id) {
    const made = id === undefined ? this.group : this.shown.get(id)?.layer;
    const box = made?.getBounds();
    return box?.isValid() ? box : null;
  }

  style(fence) {
    const isChosen = fence.id === this.chosen;
    const colour = themeColour(fence.is_automatic ? "muted" : "accent");
    return { color: colour, weight: isChosen ? 3.5 : 1.8, opacity: 1, fillColor: colour, fillOpacity: isChosen ? 0.3 : 0.13 };
  }

  draw(fence) {
    const style = this.style(fence);
    const points = latLngs(fence.geometry);
    if (fence.kind === "circle") return { layer: L.circle(points, { ...style, radius: fence.radius_m }) };
    if (fence.kind === "area") return { layer: L.polygon(points, style) };
    return corridorLayers(this.map, points, fence.width_m, style);
  }
}

// About how large a fence is, in square metres.
function extent(fence) {
  if (fence.kind === "circle") return 4 * fence.radius_m ** 2;
  const box = L.latLngBounds(latLngs(fence.geometry).flat(2));
  const [wide, high] = [box.getEast() - box.getWest(), box.getNorth() - box.getSouth()].map((degrees) => (degrees * EQUATOR_M) / 360);
  return (wide * Math.cos((box.getCenter().lat * Math.PI) / 180) + (fence.width_m ?? 0)) * (high + (fence.width_m ?? 0));
}
