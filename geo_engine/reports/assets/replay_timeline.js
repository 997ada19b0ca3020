// The day along time: what went on, how fast and how well located; dragging it moves the player.

import { h, icon, word } from "./page_text.js";
import { accuracyText, speedText } from "./replay_colours.js";
import { drawTimeline, timelineHeight } from "./replay_strips.js";
import { dayText, offsetText, timeOf } from "./replay_time.js";

const CLOSEST_S = 60;
const ZOOM_STEP = 1.6;
const WHEEL_ZOOM = 0.0022;
const LIVE_TEXT_EVERY_MS = 1000;

export class Timeline {
  constructor({ replay, player, look, scales }) {
    Object.assign(this, { replay, player, look, scales });
    this.shown = [player.from, player.to];
    this.canvas = h("canvas", {});
    this.playhead = h("span", { class: "playhead" }, h("span", { class: "knob" }));
    this.tip = h("span", { class: "hover-tip" });
    this.hover = h("span", { class: "hover-line", hidden: true }, this.tip);
    this.body = h("div", { class: "timeline-body", role: "slider", tabindex: "0", "aria-orientation": "horizontal" }, this.canvas, this.hover, this.playhead);
    this.zoom = h("div", { class: "timeline-zoom" });
    this.element = h("div", { class: "timeline" }, this.body, this.zoom);
    this.pointers = new Map();
    this.width = 0;
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.body);
  }

  listen() {
    const { body } = this;
    body.addEventListener("pointerdown", (event) => this.press(event));
    body.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) body.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    body.addEventListener("pointerleave", () => (this.hover.hidden = true));
    body.addEventListener("wheel", (event) => this.turn(event), { passive: false });
  }

  // Another day: all of it is shown.
  reset() {
    this.shown = [this.player.from, this.player.to];
    this.draw();
  }

  label() {
    const button = (label, name, click) => h("button", { type: "button", "aria-label": label, title: label, click }, icon(name));
    this.zoom.replaceChildren(
      button(word("time_closer"), "plus", () => this.zoomBy(ZOOM_STEP, this.player.at)),
      button(word("time_farther"), "minus", () => this.zoomBy(1 / ZOOM_STEP, this.player.at)),
    );
    this.body.setAttribute("aria-label", word("moment"));
    this.draw();
  }

  draw() {
    const width = this.body.clientWidth;
    if (!width) return;
    this.width = width;
    this.body.style.height = `${timelineHeight(width, this.replay.raw)}px`;
    drawTimeline(this.canvas, { width, shown: this.shown, replay: this.replay, look: this.look, scales: this.scales, range: [this.player.from, this.player.to] });
    this.place();
  }

  xOf(at) {
    return ((at - this.shown[0]) / (this.shown[1] - this.shown[0] || 1)) * this.width;
  }

  atX(x) {
    return this.shown[0] + (x / (this.width || 1)) * (this.shown[1] - this.shown[0]);
  }

  // The player's moment went on: the playhead follows, and what is shown when it runs out of it.
  place() {
    const [from, to] = this.shown;
    const { at } = this.player;
    if ((at > to || at < from) && !this.pointers.size) return this.shift(at - from - (to - from) * (at > to ? 0.1 : 0.9));
    this.playhead.style.transform = `translateX(${this.xOf(at)}px)`;
    const now = performance.now();
    if (now - (this.told ?? -Infinity) > LIVE_TEXT_EVERY_MS || !this.player.isPlaying) {
      this.told = now;
      this.tell();
    }
  }

  tell() {
    const { from, to, at } = this.player;
    const values = { "aria-valuemin": Math.floor(from), "aria-valuemax": Math.ceil(to), "aria-valuenow": Math.round(at), "aria-valuetext": `${dayText(this.replay, at)} ${timeOf(this.replay, at)} ${offsetText(this.replay, at)}` };
    for (const [name, value] of Object.entries(values)) this.body.setAttribute(name, value);
  }

  shift(seconds) {
    const { from, to } = this.player;
    const wide = this.shown[1] - this.shown[0];
    const start = Math.min(Math.max(this.shown[0] + seconds, from), Math.max(to - wide, from));
    this.shown = [start, start + wide];
    this.draw();
  }

  zoomBy(times, around) {
    const { from, to } = this.player;
    const wide = Math.min(Math.max((this.shown[1] - this.shown[0]) / times, CLOSEST_S), to - from);
    const share = (Math.min(Math.max(around, this.shown[0]), this.shown[1]) - this.shown[0]) / (this.shown[1] - this.shown[0] || 1);
    const start = Math.min(Math.max(around - share * wide, from), to - wide);
    this.shown = [start, start + wide];
    this.draw();
  }

  turn(event) {
    event.preventDefault();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.shift((event.deltaX / (this.width || 1)) * (this.shown[1] - this.shown[0]));
    else this.zoomBy(Math.exp(-event.deltaY * WHEEL_ZOOM), this.atX(this.offset(event)));
  }

  offset(event) {
    return event.clientX - this.body.getBoundingClientRect().left;
  }

  press(event) {
    if (event.button !== 0) return;
    this.body.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.offset(event));
    if (this.pointers.size === 1) this.player.seek(this.atX(this.offset(event)));
  }

  // One pointer moves the player, two zoom.
  move(event) {
    const x = this.offset(event);
    if (!this.pointers.has(event.pointerId)) return this.point(x, event.pointerType);
    const before = this.apart();
    this.pointers.set(event.pointerId, x);
    if (this.pointers.size === 1) this.player.seek(this.atX(x));
    else if (this.pointers.size === 2 && before > 0) this.zoomBy(this.apart() / before, this.atX(this.middle()));
    this.point(x, event.pointerType);
  }

  apart() {
    const [one, other] = this.pointers.values();
    return other === undefined ? 0 : Math.abs(one - other);
  }

  middle() {
    const [one, other] = this.pointers.values();
    return (one + other) / 2;
  }

  // What was at the moment under the pointer.
  point(x, kind) {
    const { width } = this;
    this.hover.hidden = kind === "touch" || x < 0 || x > width;
    if (this.hover.hidden) return;
    const at = this.atX(x);
    const there = this.replay.raw.positionAt(at);
    const values = there && !there.isHeld ? [speedText(there.speed), accuracyText(there.accuracy)].filter(Boolean) : [];
    this.tip.replaceChildren(h("strong", {}, timeOf(this.replay, at)), ...values.map((text) => ` · ${text}`));
    this.hover.style.transform = `translateX(${x}px)`;
    this.tip.style.transform = `translateX(${-Math.min(Math.max(x / width, 0.08), 0.92) * 100}%)`;
  }
}
