// Moments as the day's own clocks showed them: the zone's offsets came with the day.

import { duration, state, word } from "./page_text.js";

const DAY_S = 86_400;

// Minutes east of UTC at a moment; `offsets` are [since, minutes], in order.
export function offsetAt(replay, at) {
  const offsets = replay.offsets;
  let found = offsets[0][1];
  for (const [since, minutes] of offsets) if (since <= at) found = minutes;
  return found;
}

// A moment as seconds of the wall clock, to be read as if it were UTC.
export function wallTime(replay, at) {
  return at + offsetAt(replay, at) * 60;
}

export function timeOf(replay, at, parts = "seconds") {
  const text = new Date(Math.floor(wallTime(replay, at)) * 1000).toISOString();
  return text.slice(11, parts === "seconds" ? 19 : 16);
}

// From when to when, with how many midnights in between.
export function timesOf(replay, { from, to }) {
  const nights = Math.floor(wallTime(replay, to) / DAY_S) - Math.floor(wallTime(replay, from) / DAY_S);
  return `${timeOf(replay, from, "minutes")}–${timeOf(replay, to, "minutes")}${nights > 0 ? `+${nights}` : ""}`;
}

export function offsetText(replay, at) {
  const minutes = offsetAt(replay, at);
  const two = (n) => String(n).padStart(2, "0");
  return `UTC${minutes < 0 ? "−" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

const WHOLE_DATE = { weekday: "short", year: "numeric", month: "short", day: "numeric" };
export const SHORT_DATE = { month: "short", day: "numeric" };
const said = new Map();

// The date of a moment in the reader's words; each day's are made once.
export function dayText(replay, at, format = WHOLE_DATE) {
  const day = Math.floor(wallTime(replay, at) / DAY_S);
  const key = `${day} ${state.language} ${format === WHOLE_DATE}`;
  if (!said.has(key)) said.set(key, new Date(day * DAY_S * 1000).toLocaleDateString(state.language, { ...format, timeZone: "UTC" }));
  return said.get(key);
}

// From the first to the last fix of each day that has any, by the zone's clocks.
export function reportedDays(replay) {
  const { times, count } = replay.raw;
  const days = [];
  for (let first = 0; first < count; ) {
    const end = dayStart(replay, dayStart(replay, times[first]) + DAY_S * 1.5);
    const last = replay.raw.indexAt(end - 1e-3);
    days.push([times[first], times[last]]);
    first = last + 1;
  }
  return days;
}

function dayStart(replay, at) {
  const wall = Math.floor(wallTime(replay, at) / DAY_S) * DAY_S;
  const guess = wall - offsetAt(replay, at) * 60;
  return wall - offsetAt(replay, guess) * 60;
}

export function lasting(seconds) {
  return seconds < 59.5 ? word("seconds", { n: Math.round(seconds) }) : duration(seconds);
}
