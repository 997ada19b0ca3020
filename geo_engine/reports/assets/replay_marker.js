// Where somebody was at the player's moment: a marker with its heading, within the ring of its accuracy.

import { h, svg, themeColour } from "./page_text.js";

const LEAST_RING_PX = 8;
const FOLLOW_ROOM_PX = 36;

export class DayMarker {
  constructor(map, { isCalm }) {
    Object.assign(this, { map, isCalm });
    map.createPane("now").classList.add("now-pane");
    const wedge = svg("svg", { viewBox: "-24 -24 48 48", class: "heading", "aria-hidden": "true" }, svg("path", { d: "M0 -24L12 -4A12.5 12.5 0 0 0 -12 -4Z" }));
    this.shape = h("span", { class: "me" }, wedge, h("span", { class: "dot" }));
    const icon = L.divIcon({ className: "pin", html: this.shape, iconSize: null });
    this.marker = L.marker([0, 0], { icon, keyboard: false, interactive: false, pane: "now", zIndexOffset: 1000 });
    this.ring = L.circle([0, 0], { radius: 1, renderer: L.svg({ pane: "now" }), interactive: false, weight: 1.2, fillOpacity: 0.12, opacity: 0.6 });
    this.recolour();
  }

  recolour() {
    this.ring.setStyle({ color: themeColour("accent"), fillColor: themeColour("accent") });
  }

  show(position) {
    if (!position) {
      this.marker.remove();
      this.ring.remove();
      return;
    }
    const at = [position.lat, position.lon];
    this.marker.setLatLng(at).addTo(this.map);
    this.shape.classList.toggle("held", position.isHeld);
    this.shape.classList.toggle("loose", position.isLoose);
    this.shape.classList.toggle("turned", !Number.isNaN(position.heading));
    if (!Number.isNaN(position.heading)) this.shape.style.setProperty("--heading", `${position.heading}deg`);
    this.showRing(at, position);
  }

  // A ring that the marker would cover is left out.
  showRing(at, { accuracy, lat }) {
    const metresPerPx = (40_075_017 * Math.cos((lat * Math.PI) / 180)) / (256 * 2 ** this.map.getZoom());
    if (Number.isNaN(accuracy) || accuracy / metresPerPx < LEAST_RING_PX) this.ring.remove();
    else this.ring.setLatLng(at).setRadius(accuracy).addTo(this.map);
  }

  // Moves the map when the marker comes near its edge.
  keepInSight(position) {
    const at = this.map.latLngToContainerPoint([position.lat, position.lon]);
    const size = this.map.getSize();
    if (Math.min(at.x, at.y, size.x - at.x, size.y - at.y) > FOLLOW_ROOM_PX) return;
    if (this.map._animatingZoom) return;
    const isFar = at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y;
    this.map.panTo([position.lat, position.lon], { animate: !isFar && !this.isCalm(), duration: 0.5 });
  }
}
