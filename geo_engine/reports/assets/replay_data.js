// A day as it happened: the line through the fixes, stops, trips and gaps, and where somebody was at a moment.
// Moments are seconds since 1970, longitudes and latitudes degrees, speeds metres a second; NaN is unknown.

import { worldPoint } from "./background_layer.js";
import { DATA } from "./page_text.js";
import { decodeTrack } from "./track_codec.js";

const SPEED_WINDOW_S = 10;
const HEADING_REACH_M = 12;
const HEADING_STEPS = 40;
const M_PER_DEGREE = 111_195;
const KEPT_PX = 1.2;
const FINEST_ZOOM = 20;
const LOOSE_S = 60;
const LOOSE_TIMES = 6;
const LOOSE_M = 150;

// A page that is one file carries its day; another asks for it, first thinned, then with every fix.
export async function loadReplay() {
  const inline = document.getElementById("replay-data");
  return readReplay(inline ? JSON.parse(inline.textContent) : await askFor(DATA.replay_url));
}

export async function loadDetail(replay) {
  return readReplay(await askFor(replay.detailUrl));
}

async function askFor(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

function readReplay(told) {
  const track = decodeTrack(told.track);
  const raw = new Line(track.parts);
  const matched = told.driven && new Line(told.driven.ways.map(readWay));
  const stops = told.stops.map((stop, index) => ({ ...stop, kind: "stop", number: index + 1 }));
  const trips = told.trips.map((trip, index) => ({ ...trip, kind: "trip", number: index + 1 }));
  const gaps = told.gaps.map((gap, index) => ({ ...gap, kind: "gap", number: index + 1 }));
  for (const stop of stops) raw.markStill(stop.from, stop.to);
  if (track.toleranceM === null) raw.markLoose(); // a thinned line leaves out fixes on its own
  matched?.takeValues(raw);
  told.driven?.ways.forEach((way, index) => way.kind === "assumed" && matched.markAssumed(index));
  const spans = [...stops, ...trips, ...gaps].sort((one, other) => one.from - other.from || one.to - other.to);
  const flagged = flaggedOf(track.doubtful, raw);
  const moments = [...(raw.count ? [raw.times[0], raw.times[raw.count - 1]] : []), ...spans.flatMap(({ from, to }) => [from, to])];
  if (!moments.length) moments.push(...flagged.map(({ at }) => at));
  return {
    ...told, raw, matched, stops, trips, gaps, spans,
    toleranceM: track.toleranceM,
    detailUrl: told.detail_url ?? null,
    flagged,
    from: moments.length ? Math.min(...moments) : 0,
    to: moments.length ? Math.max(...moments) : 0,
  };
}

// A way of the matched line; what the fixes on it said is asked for later.
function readWay({ times, lons, lats }) {
  const summed = (steps, by) => {
    let sum = 0;
    return Float64Array.from(steps, (step) => (sum += step) / by);
  };
  const nothing = new Float64Array(times.length).fill(NaN);
  return { times: summed(times, 1000), lons: summed(lons, 1e6), lats: summed(lats, 1e6), accuracies: nothing, speeds: nothing, flags: new Uint16Array(times.length) };
}

// Fixes with a flag, usable or not, in the order of time.
function flaggedOf(doubtful, raw) {
  const found = [];
  for (const fixes of [doubtful, raw]) {
    for (let i = 0; i < fixes.times.length; i += 1) {
      if (fixes.flags[i]) found.push({ at: fixes.times[i], lon: fixes.lons[i], lat: fixes.lats[i], accuracy: fixes.accuracies[i], flags: fixes.flags[i], isUsable: fixes === raw });
    }
  }
  return found.sort((one, other) => one.at - other.at);
}

// What is going on at a moment: a gap before all else, as nothing is known in it.
export function spanAt(replay, at) {
  for (const spans of [replay.gaps, replay.stops, replay.trips]) {
    const found = spans[lastIndex(spans.length, (i) => spans[i].from <= at)];
    if (found && at < found.to) return found;
  }
  return null;
}

// The last index below `count` for which `isBefore` holds, where it holds for all before it; -1 if for none.
export function lastIndex(count, isBefore) {
  let low = -1;
  let high = count;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isBefore(middle)) low = middle;
    else high = middle;
  }
  return low;
}

const FIX_COLUMNS = ["times", "lons", "lats", "accuracies", "speeds", "flags"];

// A line in parts, one after the other in time; between parts nobody knows the way.
export class Line {
  constructor(parts) {
    const joined = (name, Kind) => Kind.from(parts.flatMap((part) => Array.from(part[name])));
    for (const name of FIX_COLUMNS) this[name] = joined(name, name === "flags" ? Uint16Array : Float64Array);
    this.count = this.times.length;
    this.starts = new Uint8Array(this.count); // 1 where a part begins
    let first = 0;
    for (const { times } of parts) {
      if (times.length) this.starts[first] = 1;
      first += times.length;
    }
    this.still = new Uint8Array(this.count);
    this.loose = new Uint8Array(this.count); // 1 where nothing is known of the way from the fix before
    this.saysAccuracy = this.accuracies.some((accuracy) => !Number.isNaN(accuracy));
    this.place();
    this.fillSpeeds();
    this.levels = new Map();
  }

  place() {
    this.xs = new Float64Array(this.count);
    this.ys = new Float64Array(this.count);
    for (let i = 0; i < this.count; i += 1) [this.xs[i], this.ys[i]] = worldPoint(this.lons[i], this.lats[i]);
  }

  // Where the device says no speed, what its positions within some seconds say.
  fillSpeeds() {
    for (let i = 0; i < this.count; i += 1) {
      if (!Number.isNaN(this.speeds[i])) continue;
      let [low, high] = [i, i];
      while (!this.starts[low] && (low === i || this.times[i] - this.times[low] < SPEED_WINDOW_S)) low -= 1;
      while (high + 1 < this.count && !this.starts[high + 1] && (high === i || this.times[high] - this.times[i] < SPEED_WINDOW_S)) high += 1;
      const seconds = this.times[high] - this.times[low];
      if (seconds > 0) this.speeds[i] = this.metres(low, high) / seconds;
    }
  }

  // A matched line knows only places and moments: the rest is what the fixes said then.
  takeValues(raw) {
    for (let i = 0; i < this.count; i += 1) {
      const found = raw.indexAt(this.times[i]);
      if (found < 0) continue;
      this.accuracies[i] = raw.accuracies[found];
      this.still[i] = raw.still[found];
    }
  }

  // A way that nobody saw: what is usual between its ends.
  markAssumed(part) {
    let seen = -1;
    for (let i = 0; i < this.count; i += 1) {
      seen += this.starts[i];
      if (seen === part && !this.starts[i]) this.loose[i] = 1;
    }
  }

  // Fixes so far apart, in time by how often the device reports, and in space, that the line between says little.
  markLoose() {
    const seconds = [];
    for (let i = 1; i < this.count; i += 1) if (!this.starts[i]) seconds.push(this.times[i] - this.times[i - 1]);
    const usual = Float64Array.from(seconds).sort()[seconds.length >> 1];
    const least = Math.max(LOOSE_S, LOOSE_TIMES * usual);
    for (let i = 1; i < this.count; i += 1) {
      if (!this.starts[i] && this.times[i] - this.times[i - 1] > least && this.metres(i - 1, i) > LOOSE_M) this.loose[i] = 1;
    }
  }

  markStill(from, to) {
    for (let i = this.indexAt(from - 1e-3) + 1; i < this.count && this.times[i] <= to; i += 1) this.still[i] = 1;
  }

  metres(one, other) {
    const eastward = (this.lons[other] - this.lons[one]) * Math.cos((this.lats[one] * Math.PI) / 180);
    return M_PER_DEGREE * Math.hypot(eastward, this.lats[other] - this.lats[one]);
  }

  // The last fix at or before a moment; -1 before the first.
  indexAt(at) {
    return lastIndex(this.count, (i) => this.times[i] <= at);
  }

  // Where the line is at a moment. Between parts, before it and after it that is not known: the last place is held.
  positionAt(at) {
    if (!this.count) return null;
    const index = Math.max(this.indexAt(at), 0);
    const next = index + 1;
    const isHeld = at < this.times[0] || (at > this.times[index] && (next >= this.count || this.starts[next] === 1));
    const share = isHeld || next >= this.count || this.starts[next] ? 0 : (at - this.times[index]) / (this.times[next] - this.times[index] || 1);
    const between = (values) => (share === 0 ? values[index] : values[index] + (values[next] - values[index]) * share);
    return {
      index, isHeld,
      isLoose: !isHeld && next < this.count && this.loose[next] === 1,
      apart: next < this.count ? this.times[next] - this.times[index] : 0,
      lon: between(this.lons), lat: between(this.lats), x: between(this.xs), y: between(this.ys),
      speed: this.speeds[index], accuracy: this.accuracies[index],
      heading: isHeld || this.still[index] ? NaN : this.headingAt(index),
    };
  }

  // Degrees from north, over a few metres around a fix; unknown where it hardly moves.
  headingAt(index) {
    let [low, high] = [index, index];
    for (let step = 0; step < HEADING_STEPS; step += 1) {
      const goesOn = high + 1 < this.count && !this.starts[high + 1];
      if (goesOn) high += 1;
      if (this.metres(low, high) >= HEADING_REACH_M) return this.bearing(low, high);
      if (!this.starts[low]) low -= 1;
      else if (!goesOn) return NaN;
      if (this.metres(low, high) >= HEADING_REACH_M) return this.bearing(low, high);
    }
    return NaN;
  }

  bearing(one, other) {
    return ((Math.atan2(this.xs[other] - this.xs[one], this.ys[one] - this.ys[other]) * 180) / Math.PI + 360) % 360;
  }

  // Which fixes a zoom level shows: those a pixel or more from the one before, and the ends of parts.
  level(zoom) {
    const whole = Math.min(Math.ceil(zoom), FINEST_ZOOM);
    if (this.levels.has(whole)) return this.levels.get(whole);
    const least = KEPT_PX / 2 ** whole;
    const kept = [];
    let last = 0;
    for (let i = 0; i < this.count; i += 1) {
      const isEnd = this.starts[i] || this.loose[i] || this.loose[i + 1] || i + 1 === this.count || this.starts[i + 1];
      if (!isEnd && Math.abs(this.xs[i] - this.xs[last]) + Math.abs(this.ys[i] - this.ys[last]) < least) continue;
      kept.push(i);
      last = i;
    }
    this.levels.set(whole, Int32Array.from(kept));
    return this.levels.get(whole);
  }
}
