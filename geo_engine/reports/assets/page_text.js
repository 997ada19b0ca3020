// What the page knows of languages, figures and elements. Every text reaches the page as a text node.

export const DATA = JSON.parse(document.getElementById("plan-data").textContent);

// Takes another plan in the place of the one that is shown.
export function takeData(next) {
  Object.assign(DATA, next);
}

// Whose the unassigned sites are, where a worker's id is asked for.
export const NOBODY = null;

// The reader's choices; they live as long as the page and are stored nowhere.
export const state = { language: preferredLanguage(), hidden: new Set(), open: new Set(), query: "" };

// A page for somebody who is known is in that person's language, any other in the browser's.
function preferredLanguage() {
  if (DATA.language) return DATA.language;
  const wanted = (navigator.languages?.length ? navigator.languages : [navigator.language]).map(String);
  for (const tag of wanted) {
    const found = Object.keys(DATA.words).find((known) => known.split("-")[0] === tag.toLowerCase().split("-")[0]);
    if (found) return found;
  }
  return DATA.default_language;
}

export function word(key, facts = {}) {
  return DATA.words[state.language][key].replace(/\{(\w+)\}/g, (_, name) => String(facts[name] ?? ""));
}

// A sentence that came in every language.
export function say(sentence) {
  return sentence[state.language];
}

export function figure(value, digits = 0) {
  return value.toLocaleString(state.language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function distance(metres) {
  const km = metres / 1000;
  return word("km", { km: figure(km, Math.abs(km) < 10 ? 1 : 0) });
}

export function duration(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return word("minutes", { minutes });
  return word("hours_minutes", { hours: Math.floor(minutes / 60), minutes: String(minutes % 60).padStart(2, "0") });
}

export function visitCount(n) {
  return n === 1 ? word("visit_one") : word("visits", { n: figure(n) });
}

// The clock time of a local ISO moment; a later day than the plan's is marked.
export function clock(iso) {
  const days = Math.round((Date.parse(iso.slice(0, 10)) - Date.parse(DATA.date)) / 86400000);
  return iso.slice(11, 16) + (days > 0 ? `+${days}` : "");
}

// Milliseconds of the wall clock, for drawing on an axis of the plan's own time.
export function wall(iso) {
  return Date.parse(`${iso.slice(0, 19)}Z`);
}

export function fullDate() {
  const [year, month, day] = DATA.date.split("-").map(Number);
  const format = { year: "numeric", month: "short", day: "numeric", weekday: "short", timeZone: "UTC" };
  return new Date(Date.UTC(year, month - 1, day)).toLocaleDateString(state.language, format);
}

export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "route") paint(node, value);
    else if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// A route's colours for light and dark stand on the element; the style sheet picks one.
function paint(node, route) {
  const [light, dark] = DATA.colours[route.colour];
  node.style.setProperty("--route-light", light);
  node.style.setProperty("--route-dark", dark);
  node.style.setProperty("--route-ink-light", inkOn(light));
  node.style.setProperty("--route-ink-dark", inkOn(dark));
}

// Black or white, whichever reads better (WCAG relative luminance).
function inkOn(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#111" : "#fff";
}

export const DARK = window.matchMedia("(prefers-color-scheme: dark)");

export function routeColour(route) {
  return DATA.colours[route.colour][isDark() ? 1 : 0];
}

// Paper is white: a printed page is light whatever the screen is.
function isDark() {
  return DARK.matches && !document.documentElement.classList.contains("printing");
}

export function themeColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const ICONS = {
  target: "M8 1v3M8 12v3M1 8h3M12 8h3M8 4.5A3.5 3.5 0 1 0 8 11.5A3.5 3.5 0 1 0 8 4.5Z",
  chevron: "M4 6l4 4 4-4",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  home: "M2.5 8L8 3l5.5 5M4.5 7v6h7V7",
  all: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  cross: "M4 4l8 8M12 4l-8 8",
  play: "M5.5 3.2v9.6L13 8z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  previous: "M12 3.8L6 8l6 4.2zM4 3.8v8.4",
  next: "M4 3.8L10 8l-6 4.2zM12 3.8v8.4",
  back: "M10 4L6 8l4 4",
  on: "M6 4l4 4-4 4",
  over: "M2.5 10.5C3 5.5 11 4 13 9M13 5v4H9M7.5 12.5h1",
  link: "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.3 9a2.6 2.6 0 0 0 3.7 3.7l.9-.9",
  flag: "M4.5 14V2.5M4.5 3h7l-1.6 2.7L11.5 8.5h-7",
  list: "M2.5 4h11M2.5 8h11M2.5 12h11",
};

export function icon(name) {
  return svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}
