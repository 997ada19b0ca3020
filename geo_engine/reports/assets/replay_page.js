// Begins a replay and keeps map, list, player and address together.

import { attribution, mapTools, redrawBackground, ScaleBar, showBackground } from "./base_map.js";
import { DARK, DATA, h, icon, say, state, word } from "./page_text.js";
import { Scale } from "./replay_colours.js";
import { loadDetail, loadReplay, spanAt } from "./replay_data.js";
import { Dock } from "./replay_dock.js";
import { Graticule } from "./replay_graticule.js";
import { listenToKeys } from "./replay_keys.js";
import { DayLayers } from "./replay_layers.js";
import { AddressKeeper, linkTo, readLink } from "./replay_link.js";
import { DayList } from "./replay_list.js";
import { DayMarker } from "./replay_marker.js";
import { Player } from "./replay_player.js";
import { Timeline } from "./replay_timeline.js";
import { reportedDays } from "./replay_time.js";
import { emptyCard, lookBar, replayLegend } from "./replay_look.js";

const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");
const NARROW = window.matchMedia("screen and (max-width: 760px)");
const NEAR_ZOOM = 17;
const ONE_VIEW_S = 36 * 3600;

class Page {
  constructor(map, replay) {
    Object.assign(this, { map, replay });
    const asked = readLink(location.hash);
    const isOnlyDoubtful = !replay.raw.count && replay.flagged.length > 0;
    this.look = { source: replay.matched ? "matched" : "raw", colour: "speed", flagged: isOnlyDoubtful, follows: true };
    this.player = new Player({ isCalm: () => CALM.matches, spanAt: (at) => spanAt(this.replay, at), hasLine: replay.raw.count > 1 });
    this.takeLook(asked);
    this.range = this.rangeFor(asked.at ?? replay.from);
    this.player.limit(...this.range);
    this.scales = {};
    this.measure();
    const shared = { replay, player: this.player, look: this.look, scales: this.scales };
    this.layers = new DayLayers(map, replay, shared);
    this.layers.range = this.range;
    this.marker = new DayMarker(map, { isCalm: () => CALM.matches });
    this.timeline = new Timeline(shared);
    this.dock = new Dock({ ...shared, timeline: this.timeline, copyLink: () => this.copyLink() });
    this.list = new DayList({ ...shared, range: this.range, chooseDay: (day) => this.chooseDay(day), setLanguage: (language) => this.setLanguage(language), setFlagged: (flagged) => this.setLook({ flagged }) });
    this.address = new AddressKeeper(() => this.link());
  }

  // How fast and how exact the day was, which decides what its colours mean.
  measure() {
    for (const mode of ["speed", "accuracy"]) this.scales[mode] = new Scale(mode, this.replay.raw);
  }

  start() {
    const main = document.getElementById("replay");
    main.prepend(this.list.element);
    main.append(this.dock.element);
    this.render();
    this.map.invalidateSize({ animate: false });
    this.layers.build(this.scales[this.look.colour]);
    this.player.seek(readLink(location.hash).at ?? this.player.from);
    this.showAll();
    this.goTo(readLink(location.hash));
    this.listen();
    this.moved();
    if (this.replay.detailUrl) loadDetail(this.replay).then((replay) => this.takeDetail(replay), () => this.dock.say(word("only_thinned")));
  }

  render() {
    this.list.render();
    this.dock.render();
    const container = this.map.getContainer();
    for (const shown of container.querySelectorAll(".map-tools, .legend, .look, .attribution")) shown.remove();
    this.followKey = h("button", { type: "button", class: "follow", "aria-label": word("follow"), title: word("follow"), "aria-pressed": String(this.look.follows), click: () => this.setFollow(!this.look.follows) }, icon("target"));
    container.append(this.lookBar(), mapTools(this.map, () => this.showAll(), this.replay.raw.count > 1 && this.followKey), replayLegend(this));
    container.querySelector(".empty-card")?.remove();
    container.append(...[emptyCard(this.replay)].filter(Boolean));
    if (DATA.attribution) container.append(attribution(say(DATA.attribution)));
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", word("map"));
  }

  listen() {
    this.player.addEventListener("time", () => this.moved());
    this.player.addEventListener("state", () => this.address.later());
    this.map.on("zoomend", () => this.layers.sizeMarks());
    this.map.on("moveend", () => this.address.later());
    this.map.on("zoomend", () => this.moved());
    this.map.on("dragstart", () => this.setFollow(false));
    DARK.addEventListener("change", () => this.recolour());
    window.addEventListener("hashchange", () => this.goTo(readLink(location.hash)));
    listenToKeys(this);
  }

  // The player's moment is another one: all that shows it follows.
  moved() {
    const span = spanAt(this.replay, this.player.at);
    const position = this.positionNow(span);
    this.layers.moved();
    this.layers.markSpan(span);
    this.marker.show(position);
    this.dock.showMoment(position, span);
    this.list.mark(span);
    if (position && this.look.follows && !this.player.isAtStart) this.marker.keepInSight(position);
    if (!this.player.isPlaying) this.address.later();
  }

  // On the matched line where there is one for this moment, else on the fixes themselves.
  positionNow(span) {
    const raw = this.replay.raw.positionAt(this.player.at);
    if (!raw || span?.kind === "gap") return raw && { ...raw, isHeld: true, heading: NaN };
    const matched = this.look.source === "raw" ? null : this.replay.matched?.positionAt(this.player.at);
    if (!matched || matched.isHeld) return { ...raw, isHeld: false };
    return { ...matched, accuracy: raw.accuracy, speed: raw.speed, heading: raw.heading === raw.heading ? matched.heading : NaN };
  }

  goTo(asked) {
    this.takeLook(asked);
    if (asked.at !== undefined) {
      if (asked.at < this.range[0] || asked.at > this.range[1]) this.setRange(this.rangeFor(asked.at));
      this.player.seek(asked.at);
    }
    if (asked.view) this.showView(asked.view);
    this.setLook({});
  }

  // The map as it was; the marker is followed on if it was in sight.
  showView({ centre, zoom }) {
    this.setFollow(false);
    this.map.setView(centre, zoom, { animate: false });
    const position = this.positionNow(spanAt(this.replay, this.player.at));
    this.setFollow(position !== null && this.map.getBounds().contains([position.lat, position.lon]));
  }

  takeLook(asked) {
    for (const name of ["source", "colour", "flagged"]) if (asked[name] !== undefined) this.look[name] = asked[name];
    if (!this.replay.matched) this.look.source = "raw";
    if (asked.rate) this.player.setRate(asked.rate);
  }

  setLook(change) {
    Object.assign(this.look, change);
    this.layers.build(this.scales[this.look.colour]);
    this.showLook();
    this.timeline.draw();
    this.moved();
    this.address.later();
  }

  lookBar() {
    return lookBar({ look: this.look, replay: this.replay, setLook: (change) => this.setLook(change) });
  }

  // What tells how the track is looked at, without taking the focus from who chooses it.
  showLook() {
    const container = this.map.getContainer();
    const focused = container.querySelector(".look").contains(document.activeElement);
    if (!focused) container.querySelector(".look").replaceWith(this.lookBar());
    for (const button of container.querySelectorAll(".flag-toggle")) button.setAttribute("aria-pressed", String(this.look.flagged));
    container.querySelector(".legend").replaceWith(replayLegend(this));
    this.list.showFlagged();
  }

  setFollow(follows) {
    this.look.follows = follows;
    this.followKey.setAttribute("aria-pressed", String(follows));
    if (follows) this.moved();
    return follows;
  }

  // All of a short file at once; of a longer one what was reported on the day of a moment.
  rangeFor(at) {
    const { from, to } = this.replay;
    if (to - from <= ONE_VIEW_S) return [from, to];
    return reportedDays(this.replay).find(([start, end]) => at >= start && at <= end) ?? [from, to];
  }

  setRange(range) {
    this.range = range;
    this.layers.range = range;
    this.list.range = range;
    this.player.pause();
    this.player.limit(...range);
    this.timeline.reset();
    this.layers.build(this.scales[this.look.colour]);
    this.list.render();
    this.moved();
  }

  chooseDay(day) {
    this.setRange(day ?? [this.replay.from, this.replay.to]);
    this.player.seek(this.player.from);
    this.showAll();
    this.list.element.querySelector(".day-choice").focus();
  }

  setLanguage(language) {
    state.language = language;
    this.render();
    this.layers.build(this.scales[this.look.colour]);
    this.scaleBar?._update();
    this.moved();
    this.list.element.querySelector(`.languages [lang="${language}"]`).focus();
  }

  showGround(isThere) {
    if (isThere) return;
    this.graticule = new Graticule().addTo(this.map);
  }

  recolour() {
    redrawBackground();
    this.graticule?.redraw();
    this.marker.recolour();
    this.layers.build(this.scales[this.look.colour]);
    this.render();
    this.moved();
  }

  takeDetail(replay) {
    for (const part of [this, this.layers, this.timeline, this.dock, this.list]) part.replay = replay;
    this.measure();
    this.layers.build(this.scales[this.look.colour]);
    this.render();
    this.moved();
  }

  showAll() {
    const box = this.layers.bounds();
    const { offsetHeight: legend } = this.map.getContainer().querySelector(".legend");
    const room = NARROW.matches ? { paddingTopLeft: [24, 60], paddingBottomRight: [24, 60] } : { paddingTopLeft: [48, 64], paddingBottomRight: [64, legend + 44] };
    if (box.isValid()) this.map.fitBounds(box, { ...room, maxZoom: NEAR_ZOOM, animate: false });
  }

  link() {
    return linkTo({ at: this.player.at, rate: this.player.rate, map: this.map, look: this.look });
  }

  // Answers whether the link is on the clipboard; in any case it is in the address.
  async copyLink() {
    this.address.write();
    try {
      await navigator.clipboard.writeText(location.href);
      return true;
    } catch {
      return false;
    }
  }
}

async function begin(map) {
  const main = document.getElementById("replay");
  const loading = h("p", { class: "loading", role: "status" }, word("loading"));
  main.append(loading);
  try {
    const page = new Page(map, await loadReplay());
    showBackground(map).then((isThere) => page.showGround(isThere));
    page.start();
    page.scaleBar = new ScaleBar({ imperial: false, position: "bottomleft" }).addTo(map);
  } catch (error) {
    main.prepend(h("p", { class: "failed", role: "alert" }, word("failed")));
    throw error;
  } finally {
    loading.remove();
  }
}

begin(map_plan);
