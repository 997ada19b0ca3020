// What drives the player: buttons, speeds, the moment and what went on at it.

import { h, icon, word } from "./page_text.js";
import { accuracyText, speedText } from "./replay_colours.js";
import { RATES } from "./replay_player.js";
import { dayText, lasting, offsetText, timeOf } from "./replay_time.js";

const SLOW_MPS = 0.5;
const COMPASS = [() => word("north"), () => word("north_east"), () => word("east"), () => word("south_east"), () => word("south"), () => word("south_west"), () => word("west"), () => word("north_west")];

export class Dock {
  constructor({ replay, player, timeline, look, copyLink }) {
    Object.assign(this, { replay, player, timeline, look, copyLink });
    this.element = h("section", { id: "dock" });
    this.said = h("p", { class: "unseen", role: "status" });
    player.addEventListener("state", () => this.showState());
  }

  render() {
    this.clock = h("span", { class: "clock" });
    this.zone = h("span", { class: "muted offset" });
    this.day = h("span", { class: "muted day" });
    this.now = h("p", { class: "now" });
    const moment = h("div", { class: "moment" }, h("p", {}, this.clock, this.zone), h("p", {}, this.day));
    this.playButton = h("button", { type: "button", class: "play", click: () => this.player.toggle() });
    const main = h("div", { class: "main-keys" }, this.jump("previous", word("previous_stop"), () => this.goTo("stop", -1)), this.playButton, this.jump("next", word("next_stop"), () => this.goTo("stop", 1)));
    this.gapKeys = h("div", { class: "pair" }, h("span", { class: "hatch", "aria-hidden": "true" }), this.jump("back", word("previous_gap"), () => this.goTo("gap", -1)), this.jump("on", word("next_gap"), () => this.goTo("gap", 1)));
    const keys = h("div", { class: "keys" }, main, moment, this.now, this.gapKeys, this.rateChoice(), this.more());
    this.element.setAttribute("aria-label", word("player"));
    this.element.replaceChildren(keys, this.timeline.element, this.said);
    this.timeline.label();
    this.showState();
    this.showMoment(null, null);
  }

  jump(name, label, click) {
    return h("button", { type: "button", class: "key", "aria-label": label, title: label, click }, icon(name));
  }

  rateChoice() {
    const options = RATES.map((rate) => h("option", { value: rate }, `${rate}×`));
    this.rate = h("select", { "aria-label": word("playback_speed"), title: word("playback_speed"), change: () => this.player.setRate(Number(this.rate.value)) }, options);
    return h("label", { class: "rate" }, this.rate);
  }

  more() {
    const over = h("button", { type: "button", class: "key", "aria-label": word("pass_over"), title: word("pass_over"), "aria-pressed": String(this.player.passesOver), click: () => {
      this.player.passesOver = !this.player.passesOver;
      over.setAttribute("aria-pressed", String(this.player.passesOver));
    } }, icon("over"));
    const link = this.jump("link", word("copy_link"), async () => this.say((await this.copyLink()) ? word("link_copied") : word("link_in_address")));
    return h("div", { class: "more" }, over, link);
  }

  say(text) {
    this.said.textContent = text;
    this.said.classList.add("seen");
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => this.said.classList.remove("seen"), 2500);
  }

  // The start of the next or the one before; where one is, its own start comes first.
  goTo(kind, direction) {
    const { at, from, to } = this.player;
    const starts = (kind === "stop" ? this.replay.stops : this.replay.gaps).filter((span) => span.from <= to && span.to >= from).map((span) => Math.max(span.from, from));
    const found = direction > 0 ? starts.find((start) => start > at + 0.5) : starts.findLast((start) => start < at - 0.5);
    if (found !== undefined) this.player.seek(found);
    else this.say(direction > 0 ? (kind === "stop" ? word("no_later_stop") : word("no_later_gap")) : kind === "stop" ? word("no_earlier_stop") : word("no_earlier_gap"));
  }

  showState() {
    const label = this.player.isPlaying ? word("pause") : word("play");
    this.playButton.replaceChildren(icon(this.player.isPlaying ? "pause" : "play"));
    this.playButton.setAttribute("aria-label", label);
    this.playButton.title = label;
    this.playButton.disabled = !this.player.canPlay;
    this.timeline.element.hidden = !this.player.hasLine;
    if (!RATES.includes(this.player.rate) && ![...this.rate.options].some((option) => Number(option.value) === this.player.rate)) this.rate.append(h("option", { value: this.player.rate }, `${this.player.rate}×`));
    this.rate.value = String(this.player.rate);
    this.gapKeys.hidden = !this.replay.gaps.length;
  }

  showMoment(position, span) {
    const { at } = this.player;
    this.clock.textContent = timeOf(this.replay, at);
    this.zone.textContent = offsetText(this.replay, at);
    this.day.textContent = dayText(this.replay, at);
    this.now.replaceChildren(...this.words(position, span));
    this.timeline.place();
  }

  words(position, span) {
    if (!position) return [];
    const name = { stop: () => word("stop_n", { n: span.number }), trip: () => word("trip_n", { n: span.number }), gap: () => word("gap") }[span?.kind];
    const title = name ? [h("strong", { class: `is-${span.kind}` }, name())] : [];
    return [...title, ...this.facts(position, span).map((fact) => h("span", {}, fact))];
  }

  facts(position, span) {
    const { at } = this.player;
    if (span?.kind === "gap") return [word("not_known_where"), word("seen_again", { time: timeOf(this.replay, span.to, "minutes") })];
    const accuracy = accuracyText(position.accuracy);
    if (span?.kind === "stop") return [word("of_span", { done: lasting(at - span.from), total: lasting(span.to - span.from) }), accuracy].filter(Boolean);
    const heading = Number.isNaN(position.heading) || position.speed < SLOW_MPS ? null : COMPASS[Math.round(position.heading / 45) % 8]();
    const apart = position.isLoose && word("between_fixes", { time: lasting(position.apart) });
    return [apart, speedText(position.speed), heading, accuracy].filter(Boolean);
  }
}
