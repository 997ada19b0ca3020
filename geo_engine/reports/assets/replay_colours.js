// The colours of speed and of accuracy, in classes whose limits a reader can name.

import { DARK, distance, figure, h, word } from "./page_text.js";

const KMH = 3.6;
// Limits of classes in km/h: for who walks, who drives in a town, and who drives far; chosen by how fast the day was.
const SPEED_LIMITS = [
  [8, [1, 2, 3, 4, 6]],
  [90, [5, 15, 30, 50, 70]],
  [Infinity, [10, 30, 60, 90, 120]],
];
const ACCURACY_LIMITS = [5, 10, 20, 50, 100];
const FAST_SHARE = 0.95;
const LEAST_TOP_KMH = 10;
const LEAST_TOP_M = 20;
const TOP_SHARE = 0.99;
const ROUND_STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];
// Six classes on a light and on a dark map; each neighbour is also lighter or darker, for those who see few colours.
const SPEED_COLOURS = [["#2b1c7e", "#6d5ae0"], ["#6b1fa1", "#9b63ec"], ["#a8238f", "#d264c8"], ["#d13b5f", "#f37a92"], ["#e2652c", "#f9a35c"], ["#e39a04", "#f8d64e"]];
const ACCURACY_COLOURS = [["#03696b", "#46c7c2"], ["#2f8f6b", "#7bd6a0"], ["#8d9a26", "#c6d65c"], ["#d08a0a", "#f2c14a"], ["#cf5216", "#f58a4e"], ["#971426", "#f0566c"]];
const UNKNOWN = ["#7b8590", "#8f99a3"];

export class Scale {
  constructor(mode, line) {
    this.mode = mode;
    this.limits = mode === "speed" ? speedLimits(line) : ACCURACY_LIMITS;
    this.values = mode === "speed" ? "speeds" : "accuracies";
    this.factor = mode === "speed" ? KMH : 1;
    this.most = mostOf(line, this.values, this.factor, mode === "speed" ? LEAST_TOP_KMH : LEAST_TOP_M);
  }

  // The class of a value, 0 and up; -1 if it is not known.
  classOf(value) {
    if (Number.isNaN(value)) return -1;
    const shown = value * this.factor;
    let found = 0;
    while (found < this.limits.length && shown >= this.limits[found]) found += 1;
    return found;
  }

  colour(found) {
    const pair = found < 0 ? UNKNOWN : (this.mode === "speed" ? SPEED_COLOURS : ACCURACY_COLOURS)[found];
    return pair[DARK.matches ? 1 : 0];
  }

  // The classes side by side, the limits between them.
  legend() {
    const swatches = [...this.limits.keys(), this.limits.length].map((found) => {
      const swatch = h("span", {});
      swatch.style.background = this.colour(found);
      return swatch;
    });
    const limits = this.limits.map((limit) => h("span", {}, figure(limit)));
    const unit = this.mode === "speed" ? word("speed_unit") : word("accuracy_unit");
    return h("div", { class: "ramp" }, h("span", { class: "ramp-name" }, unit), h("span", { class: "ramp-colours" }, swatches), h("span", { class: "ramp-limits" }, limits));
  }
}

function speedLimits(line) {
  const fast = shareOf(line, "speeds", FAST_SHARE) * KMH;
  return SPEED_LIMITS.find(([below]) => fast < below)[1];
}

// The top of a strip: a round value that nearly all stay below.
function mostOf(line, name, factor, least) {
  const wanted = Math.max(shareOf(line, name, TOP_SHARE) * factor * 1.1, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ROUND_STEPS.map((step) => step * power).find((limit) => limit >= wanted);
}

// The value that was not exceeded for a share of the time on the move, thinned or not; 0 if none is known.
function shareOf(line, name, share) {
  const found = [];
  let total = 0;
  for (let i = 0; i + 1 < line.count; i += 1) {
    const value = line[name][i];
    if (line.starts[i + 1] || line.still[i] || Number.isNaN(value)) continue;
    const seconds = line.times[i + 1] - line.times[i];
    total += seconds;
    found.push([value, seconds]);
  }
  found.sort(([one], [other]) => one - other);
  let passed = 0;
  for (const [value, seconds] of found) {
    passed += seconds;
    if (passed >= total * share) return value;
  }
  return 0;
}

export function speedText(mps) {
  return Number.isNaN(mps) ? null : word("kmh", { n: figure(mps * KMH) });
}

export function wayText(metres) {
  return metres < 1000 ? word("metres", { n: figure(metres) }) : distance(metres);
}

export function accuracyText(metres) {
  return Number.isNaN(metres) ? null : word("within", { n: figure(metres) });
}
