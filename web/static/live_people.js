// The people whose position is known, and how what is known of each is told.

import { DATA, duration, figure, state, word } from "../map/page_text.js";

const LATE_MS = 5 * 60000;
const OLD_MS = 30 * 60000;
const GONE_MS = 12 * 3600000;
const TOLD_LATE_MS = 60000;
const WALKS_MPS = 0.8;
const LOW_PERCENT = 20;
const WINDS = ["north", "north_east", "east", "south_east", "south", "south_west", "west", "north_west"];
const BY_NAME = new Intl.Collator(DATA.language);
const ROUTES = new Map(DATA.routes.map((route) => [route.worker_id, route]));

// The newest position of each worker, of whichever device.
export const people = new Map();
const devices = new Map();
let skew = 0; // by how much the server's clock is ahead of ours

export function takePositions(positions, isAll, ahead) {
  skew = ahead;
  if (isAll) devices.clear();
  for (const one of positions) devices.set(one.device, { ...one, at: Date.parse(one.tracked_at) });
  settlePeople();
}

// Where somebody was half a day ago is where nobody is.
export function settlePeople() {
  people.clear();
  for (const one of devices.values()) {
    const other = people.get(one.worker);
    if (ageMs(one) < GONE_MS && (!other || other.at < one.at)) people.set(one.worker, one);
  }
}

// Who works first, then by name.
export function listPeople() {
  return [...people.values()].sort((a, b) => b.on_shift - a.on_shift || BY_NAME.compare(nameOf(a), nameOf(b)));
}

export function nameOf(person) {
  return person.name || person.worker;
}

export function routeOf(person) {
  return ROUTES.get(person.worker) ?? null;
}

// As many letters as a marker holds: of a Chinese name what is said among colleagues, of others the first of two words.
export function initials(person) {
  const name = nameOf(person).trim();
  const given = name.match(/^\p{Script=Han}+/u);
  if (given) return [...given[0]].slice(-2).join("");
  const words = name.split(/[\s·]+/u);
  const letters = words.length > 1 ? [words[0], words.at(-1)].map((one) => [...one][0]) : [...words[0]].slice(0, 2);
  return letters.join("").toLocaleUpperCase();
}

function ageMs(person) {
  return Math.max(0, Date.now() + skew - person.at);
}

export function ageClass(person) {
  const age = ageMs(person);
  return age < LATE_MS ? "fresh" : age < OLD_MS ? "late" : "old";
}

export function ageText(person) {
  const minutes = Math.floor(ageMs(person) / 60000);
  return minutes < 1 ? word("just_now") : word("ago", { age: duration(minutes * 60) });
}

export function isMoving(person) {
  return person.speed_mps >= WALKS_MPS && person.heading_deg !== null && ageClass(person) === "fresh";
}

export function isLow(person) {
  return person.battery_percent !== null && person.battery_percent < LOW_PERCENT;
}

export function shiftText(person) {
  return word(person.on_shift ? "on_shift" : "off_shift");
}

export function speedText(person) {
  return person.speed_mps === null ? null : word("km_per_hour", { n: figure(person.speed_mps * 3.6) });
}

export function batteryText(person) {
  return person.battery_percent === null ? null : word("percent", { n: figure(person.battery_percent) });
}

// All that is known of a position, as names and values.
export function factsOf(person) {
  const received = Date.parse(person.received_at);
  const accuracy = person.accuracy_m;
  return [
    [word("position"), `${ageText(person)} · ${clockOf(person.at)}`],
    [word("received"), received - person.at > TOLD_LATE_MS && clockOf(received)],
    [word("speed"), speedText(person)],
    [word("heading"), person.heading_deg !== null && word(WINDS[Math.round(person.heading_deg / 45) % 8])],
    [word("accuracy"), accuracy !== null && `± ${word("metres", { n: figure(Math.max(accuracy, 1)) })}`],
    [word("battery"), batteryText(person)],
  ];
}

// Clock time where the company is; of another day with its date.
export function clockOf(ms) {
  const place = { timeZone: DATA.timezone };
  const clock = new Date(ms).toLocaleTimeString(state.language, { ...place, hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const day = new Date(ms).toLocaleDateString("sv", place); // as ISO 8601 has it
  return day === DATA.date ? clock : `${day} ${clock}`;
}
