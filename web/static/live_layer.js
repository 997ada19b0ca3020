// Where people are now, on the map: a marker a worker, that moves, fades with its age and tells all when it is chosen.

import { figure, h, svg, word } from "../map/page_text.js";
import { stage } from "../map/panel.js";
import { card, pin } from "../map/route_layers.js";
import { ageClass, factsOf, initials, isLow, isMoving, nameOf, people, routeOf, shiftText } from "./live_people.js";

const LARGE_M = 100;
const MOST_SINGLE = 200;
const CELL_PX = 56;
const GLIDE_MS = 900;
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");

export class LiveLayer {
  constructor(map) {
    this.map = map;
    this.drawn = new Map();
    this.chosen = null;
    this.isShown = true;
    this.isFound = () => true;
    map.createPane("rings").classList.add("rings-pane");
    map.createPane("people").classList.add("people-pane");
    this.ringsOn = L.svg({ pane: "rings" });
    this.crowds = L.layerGroup().addTo(map);
    map.on("moveend", () => this.place());
  }

  // People as they are known now; who moved glides there.
  update() {
    for (const worker of this.drawn.keys()) if (!people.has(worker)) this.remove(worker);
    const glides = [];
    for (const person of people.values()) {
      const one = this.drawn.get(person.worker) ?? this.add(person);
      const to = L.latLng(person.lat, person.lon);
      const hasMoved = !one.to.equals(to);
      Object.assign(one, { person, to });
      this.dress(one);
      if (hasMoved && this.isSeen(one)) glides.push({ one, from: one.marker.getLatLng(), to });
      else if (hasMoved) this.move(one, to);
    }
    this.place();
    if (glides.length) this.glide(glides, performance.now());
  }

  add(person) {
    const route = routeOf(person);
    const arrow = svg("svg", { class: "arrow", viewBox: "-26 -26 52 52", "aria-hidden": "true" }, svg("path", { d: "M0 -25L8 -14Q0 -18 -8 -14Z" }));
    const battery = h("span", { class: "battery", "aria-hidden": "true" });
    const badge = h("span", { class: "person", route }, arrow, h("b", {}, initials(person)), h("span", { class: "tag" }, nameOf(person)), battery);
    const told = h("div", { class: "person-card" });
    const marker = pin([person.lon, person.lat], badge, told, { pane: "people", riseOnHover: true });
    const one = { person, to: marker.getLatLng(), marker, badge, told, ring: null };
    marker.getPopup().options.offset = [0, -10];
    marker.on("popupopen", () => this.choose(one)).on("popupclose", () => this.choose(null));
    if (route) marker.on("mouseover", () => stage.layers.highlight(person.worker)).on("mouseout", () => stage.layers.highlight(null));
    this.drawn.set(person.worker, one);
    return one;
  }

  remove(worker) {
    const one = this.drawn.get(worker);
    one.marker.remove();
    one.ring?.remove();
    this.drawn.delete(worker);
  }

  dress(one) {
    const { person, badge, told } = one;
    const kinds = ["person", ageClass(person), !person.on_shift && "off", isMoving(person) && "moving", isLow(person) && "low", !this.isFound(person) && "dim"];
    badge.className = kinds.filter(Boolean).join(" ");
    badge.style.setProperty("--heading", `${person.heading_deg ?? 0}deg`);
    if (one === this.chosen) told.replaceChildren(personCard(person));
  }

  // Whose card is open is followed by it, without pulling the map along.
  choose(one) {
    if (this.chosen) {
      this.chosen.marker.setZIndexOffset(0);
      this.chosen.marker.getPopup().options.autoPan = true;
    }
    this.chosen = one;
    if (one) {
      one.marker.setZIndexOffset(1000);
      this.dress(one);
      one.marker.getPopup().update();
      one.marker.getPopup().options.autoPan = false;
    }
    for (const each of this.drawn.values()) this.drawRing(each);
  }

  // Who is seen has a marker each; a crowd has one a place, until one is near enough to tell its people apart.
  place() {
    const area = this.map.getBounds().pad(0.25);
    const seen = this.isShown ? [...this.drawn.values()].filter((one) => one === this.chosen || area.contains(one.to)) : [];
    const groups = seen.length > MOST_SINGLE ? this.byPlace(seen) : seen.map((one) => [one]);
    const single = new Set(groups.filter((ones) => ones.length === 1).flat());
    for (const one of this.drawn.values()) {
      if (single.has(one)) one.marker.addTo(this.map);
      else one.marker.remove();
      this.drawRing(one);
    }
    this.crowds.clearLayers();
    for (const ones of groups) if (ones.length > 1) this.crowds.addLayer(this.crowd(ones));
  }

  byPlace(seen) {
    const groups = Map.groupBy(seen, (one) => (one === this.chosen ? one : String(this.map.project(one.to).divideBy(CELL_PX).floor())));
    return [...groups.values()];
  }

  crowd(ones) {
    const box = L.latLngBounds(ones.map((one) => one.to));
    const count = figure(ones.length);
    const icon = L.divIcon({ className: "pin", html: h("span", { class: "crowd", title: word("people_here", { n: count }) }, count), iconSize: null });
    return L.marker(box.getCenter(), { icon, pane: "people", keyboard: false }).on("click", () => this.map.fitBounds(box.pad(0.2)));
  }

  // How far off a position may be: of who is chosen, and of all where it is far.
  drawRing(one) {
    const { person, marker } = one;
    const isDrawn = this.map.hasLayer(marker) && person.accuracy_m !== null && (one === this.chosen || person.accuracy_m > LARGE_M);
    if (!isDrawn) {
      one.ring?.remove();
      one.ring = null;
    } else if (one.ring) one.ring.setLatLng(marker.getLatLng()).setRadius(person.accuracy_m);
    else one.ring = L.circle(marker.getLatLng(), { radius: person.accuracy_m, className: "accuracy", interactive: false, pane: "rings", renderer: this.ringsOn }).addTo(this.map);
  }

  isSeen(one) {
    return !STILL.matches && !document.hidden && this.map.hasLayer(one.marker) && this.map.getBounds().contains(one.marker.getLatLng());
  }

  move(one, at) {
    one.marker.setLatLng(at);
    one.ring?.setLatLng(at);
  }

  // All of them at once; whoever is told of again meanwhile goes on from there.
  glide(glides, begun) {
    const share = Math.min((performance.now() - begun) / GLIDE_MS, 1);
    for (const { one, from, to } of glides) {
      if (one.to === to) this.move(one, share < 1 ? L.latLng(from.lat + (to.lat - from.lat) * share, from.lng + (to.lng - from.lng) * share) : to);
    }
    if (share < 1) requestAnimationFrame(() => this.glide(glides, begun));
  }

  setShown(isShown) {
    this.isShown = isShown;
    if (!isShown) this.chosen?.marker.closePopup();
    this.place();
  }

  // Whom a search does not find steps back.
  dim(isFound) {
    this.isFound = isFound;
    for (const one of this.drawn.values()) this.dress(one);
  }

  flyTo(worker) {
    const one = this.drawn.get(worker);
    this.choose(one); // so that no crowd takes one in
    this.map.once("moveend", () => one.marker.openPopup());
    stage.goTo.place([one.to.lng, one.to.lat]);
  }

  bounds() {
    return L.latLngBounds([...this.drawn.values()].map((one) => one.to));
  }
}

function personCard(person) {
  const route = routeOf(person);
  const zoom = route && h("p", { class: "buttons" }, h("button", { type: "button", class: "button", click: () => stage.goTo.route(person.worker) }, word("to_route")));
  return card(nameOf(person), shiftText(person), factsOf(person), zoom);
}
