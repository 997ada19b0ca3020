// A fence that is being drawn: its points on the map, dragged by handles, and as lines of text.

import { h, themeColour, word } from "../map/page_text.js";
import { corridorLayers } from "./fence_map.js";

const DECIMALS = 7;
const MOST_HANDLES = 400;
const PAIR = /^\s*(-?\d+(?:\.\d+)?)\s*[,，;\s]\s*(-?\d+(?:\.\d+)?)\s*$/;

function rounded(degrees) {
  return Number(degrees.toFixed(DECIMALS));
}

function isInside([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

export class Draft {
  // `changed` is told after what was drawn is another.
  constructor(map, kind, changed) {
    this.map = map;
    this.kind = kind;
    this.changed = changed;
    this.isNew = true;
    this.centre = null;
    this.radiusM = null;
    this.widthM = null;
    this.rings = [[]];
    this.layer = L.featureGroup().addTo(map);
    this.handles = L.layerGroup().addTo(map);
    this.follow = () => this.widen?.();
    map.on("zoomend", this.follow);
    map.doubleClickZoom.disable();
  }

  // Takes the shape of a fence there is.
  take(fence) {
    const { type, coordinates } = fence.geometry;
    this.isNew = false;
    this.radiusM = fence.radius_m ?? null;
    this.widthM = fence.width_m ?? null;
    if (type === "Point") this.centre = coordinates;
    else if (type === "LineString") this.rings = [coordinates];
    else if (type === "MultiLineString") this.rings = coordinates;
    else this.takeAreas(type === "Polygon" ? [coordinates] : coordinates);
    this.draw();
  }

  takeAreas(areas) {
    this.rings = areas.flatMap((rings) => rings.map((ring) => ring.slice(0, -1)));
    this.shells = [];
    let at = 0;
    for (const rings of areas) {
      this.shells.push(at);
      at += rings.length;
    }
  }

  remove() {
    this.layer.remove();
    this.handles.remove();
    this.map.off("zoomend", this.follow);
    this.map.doubleClickZoom.enable();
  }

  // ---- What was drawn

  geometry() {
    if (this.kind === "circle") return this.centre && { type: "Point", coordinates: this.centre };
    const least = this.kind === "area" ? 3 : 2;
    if (!this.rings.length || this.rings.some((ring) => ring.length < least)) return null;
    if (this.kind === "corridor") return this.rings.length === 1 ? { type: "LineString", coordinates: this.rings[0] } : { type: "MultiLineString", coordinates: this.rings };
    const areas = this.areas();
    return areas.length === 1 ? { type: "Polygon", coordinates: areas[0] } : { type: "MultiPolygon", coordinates: areas };
  }

  // Closed outlines, each area's own first and its holes behind.
  areas() {
    const closed = this.rings.map((ring) => [...ring, ring[0]]);
    const shells = this.shells?.length && this.shells.at(-1) < closed.length ? this.shells : [0];
    return shells.map((from, i) => closed.slice(from, shells[i + 1] ?? closed.length));
  }

  text() {
    return this.rings.map((ring) => ring.map(([lon, lat]) => `${lon}, ${lat}`).join("\n")).join("\n\n");
  }

  // Takes lines of text; gives the number of the first that is none, or null.
  read(text) {
    const rings = [[]];
    for (const [i, line] of text.split("\n").entries()) {
      const found = line.match(PAIR);
      if (found) rings.at(-1).push([Number(found[1]), Number(found[2])]);
      else if (line.trim()) return i + 1;
      else if (rings.at(-1).length) rings.push([]);
    }
    if (rings.length > 1 && !rings.at(-1).length) rings.pop();
    const isOfAnother = rings.length !== this.rings.length;
    this.rings = rings;
    if (isOfAnother && this.kind === "area") this.shells = [...rings.keys()].filter((i) => i === 0 || !isInside(rings[i][0], rings[0]));
    this.draw();
    return null;
  }

  // ---- By pointer

  press({ lng, lat }) {
    if (!this.isNew) return;
    const at = [rounded(lng), rounded(lat)];
    if (this.kind === "circle") this.centre = at;
    else this.rings.at(-1).push(at);
    this.tell();
  }

  removeLast() {
    const ring = this.rings.findLast((one) => one.length);
    ring?.pop();
    if (this.rings.length > 1 && !this.rings.at(-1).length) this.rings.pop();
    this.tell();
  }

  tell() {
    this.draw();
    this.changed();
  }

  // ---- On the map

  bounds() {
    const box = this.layer.getBounds();
    return box.isValid() ? box : null;
  }

  draw() {
    this.drawShape();
    this.handles.clearLayers();
    if (this.kind === "circle") this.circleHandles();
    else if (this.rings.reduce((sum, ring) => sum + ring.length, 0) <= MOST_HANDLES) this.rings.forEach((ring) => this.ringHandles(ring));
  }

  drawShape() {
    this.layer.clearLayers();
    this.widen = null;
    const colour = themeColour("accent");
    const style = { color: colour, weight: 2.5, fillColor: colour, fillOpacity: 0.2, interactive: false };
    const points = this.rings.map((ring) => ring.map(([lng, lat]) => L.latLng(lat, lng)));
    if (this.kind === "circle") {
      if (this.centre) L.circle([this.centre[1], this.centre[0]], { ...style, radius: this.radiusM || 0 }).addTo(this.layer);
    } else if (this.kind === "area") {
      L.polygon(this.geometry() ? L.GeoJSON.coordsToLatLngs(this.areas(), 2) : points, style).addTo(this.layer);
    } else if (points.some((line) => line.length > 1)) {
      const { layer, widen } = corridorLayers(this.map, points, this.widthM || 0, style);
      layer.addTo(this.layer);
      this.widen = widen;
    }
  }

  handle(at, kind, label, moved) {
    const icon = L.divIcon({ className: "pin", html: h("span", { class: `handle ${kind}` }), iconSize: null });
    const marker = L.marker(at, { icon, draggable: true, keyboard: false, title: label, zIndexOffset: kind === "between" ? 0 : 1000 });
    marker.on("drag", () => moved(marker.getLatLng(), false)).on("dragend", () => moved(marker.getLatLng(), true));
    return marker.addTo(this.handles);
  }

  circleHandles() {
    if (!this.centre) return;
    const centre = L.latLng(this.centre[1], this.centre[0]);
    this.handle(centre, "centre", word("centre"), (at, isDone) => {
      this.centre = [rounded(at.lng), rounded(at.lat)];
      this.moved(isDone);
    });
    if (!this.radiusM) return;
    const east = centre.toBounds(2 * this.radiusM).getEast();
    this.handle([centre.lat, east], "", word("edge"), (at, isDone) => {
      this.radiusM = Math.max(5, Math.round(this.map.distance(L.latLng(this.centre[1], this.centre[0]), at)));
      this.moved(isDone);
    });
  }

  ringHandles(ring) {
    const isClosed = this.kind === "area" && ring.length > 2;
    ring.forEach((point, i) => {
      const corner = this.handle([point[1], point[0]], "", word("corner", { n: i + 1 }), (at, isDone) => {
        ring[i] = [rounded(at.lng), rounded(at.lat)];
        this.moved(isDone);
      });
      corner.on("dblclick", (event) => {
        L.DomEvent.stop(event);
        ring.splice(i, 1);
        this.tell();
      });
      const next = ring[i + 1] ?? (isClosed ? ring[0] : null);
      if (next) this.betweenHandle(ring, i, [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2]);
    });
  }

  betweenHandle(ring, i, [lng, lat]) {
    let isThere = false;
    this.handle([lat, lng], "between", word("between", { n: i + 1 }), (at, isDone) => {
      ring.splice(i + 1, isThere ? 1 : 0, [rounded(at.lng), rounded(at.lat)]);
      isThere = true;
      this.moved(isDone);
    });
  }

  // While a handle is dragged the others stay: made anew, it would slip from under the pointer.
  moved(isDone) {
    if (isDone) this.draw();
    else this.drawShape();
    this.changed();
  }
}
