// How the track is looked at: on roads or as it was told, coloured by what, with its doubtful fixes; and the legend.

import { figure, h, svg, word } from "./page_text.js";
import { timeOf } from "./replay_time.js";

const NARROW_LEGEND = window.matchMedia("screen and (max-width: 760px)");

function choiceOf(label, options, chosen, choose) {
  const buttons = options.map(([value, name]) => {
    const button = h("button", { type: "button", "aria-pressed": String(value === chosen), click: () => pick(button, value) }, name);
    return button;
  });
  const pick = (button, value) => {
    for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
    choose(value);
  };
  return h("div", { class: "choices", role: "group", "aria-label": label }, buttons);
}

export function lookBar({ look, replay, setLook }) {
  const colours = replay.raw.saysAccuracy && choiceOf(word("colour_by"), [["speed", word("speed")], ["accuracy", word("accuracy")]], look.colour, (colour) => setLook({ colour }));
  const sources = replay.matched && choiceOf(word("which_track"), [["raw", word("raw")], ["matched", word("matched")], ["both", word("both")]], look.source, (source) => setLook({ source }));
  const flagged = replay.flagged.length > 0 && h("button", { type: "button", class: "flag-toggle", "aria-pressed": String(look.flagged), click: () => setLook({ flagged: !look.flagged }) }, h("span", { class: "cross", "aria-hidden": "true" }, "×"), word("doubtful"), h("span", { class: "count" }, figure(replay.flagged.length)));
  const box = h("div", { class: "look" }, ...[sources, colours, flagged].filter(Boolean));
  L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
  return box;
}

// What there is to say where there is nothing to play.
export function emptyCard(replay) {
  const { raw, flagged } = replay;
  if (raw.count > 1) return null;
  const [title, help] = raw.count ? [word("one_fix", { time: timeOf(replay, raw.times[0]) }), word("one_fix_help")] : flagged.length ? [word("only_doubtful"), word("only_doubtful_help")] : [word("no_fix"), word("no_fix_help")];
  return h("div", { class: "empty-card", role: "status" }, h("strong", {}, title), h("p", {}, help));
}

export function replayLegend({ look, replay, scales }) {
  const dashes = svg("svg", { class: "swatch", viewBox: "0 0 22 10", "aria-hidden": "true" }, svg("line", { class: "gap-line", x1: 1, x2: 22, y1: 5, y2: 5 }));
  const isOnRoads = look.source !== "raw" && replay.matched !== null;
  const rows = [
    replay.stops.length && [h("span", { class: "stop-pin" }, "1"), word("legend_stop")],
    replay.gaps.length && [dashes, isOnRoads ? word("legend_assumed") : word("legend_gap")],
    !isOnRoads && replay.raw.loose.includes(1) && [dashes.cloneNode(true), word("legend_loose")],
    look.source === "both" && replay.matched && [svg("svg", { class: "swatch", viewBox: "0 0 22 10", "aria-hidden": "true" }, svg("line", { class: "raw-line", x1: 0, x2: 22, y1: 5, y2: 5 })), word("legend_raw")],
    look.flagged && replay.flagged.length && [h("span", { class: "cross" }, "×"), word("doubtful")],
    replay.raw.saysAccuracy && [h("span", { class: "ring-mark" }), word("legend_ring")],
  ].filter(Boolean);
  const list = h("ul", {}, rows.map(([mark, text]) => h("li", {}, h("span", { class: "mark" }, mark), text)));
  const box = h("details", { class: "legend", open: !NARROW_LEGEND.matches }, h("summary", {}, word("legend")), replay.raw.count > 1 && scales[look.colour].legend(), list);
  L.DomEvent.disableClickPropagation(box);
  return box;
}
