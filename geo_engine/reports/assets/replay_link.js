// The part of the address that leads back to exactly what was seen: moment, speed, map and what is shown.

const SOURCES = ["raw", "matched", "both"];
const COLOURS = ["speed", "accuracy"];
const WRITE_AFTER_MS = 250;

// What an address asks for; what it does not say, or says wrongly, is left out.
export function readLink(hash) {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const found = {};
  const at = Date.parse(asked.get("t") ?? "");
  if (Number.isFinite(at)) found.at = at / 1000;
  const rate = Number(asked.get("speed"));
  if (rate > 0) found.rate = rate;
  const view = (asked.get("map") ?? "").split("/").map(Number);
  if (view.length === 3 && view.every(Number.isFinite)) found.view = { zoom: view[0], centre: [view[1], view[2]] };
  if (SOURCES.includes(asked.get("track"))) found.source = asked.get("track");
  if (COLOURS.includes(asked.get("colour"))) found.colour = asked.get("colour");
  if (asked.has("flagged")) found.flagged = asked.get("flagged") === "1";
  return found;
}

export function linkTo({ at, rate, map, look }) {
  const { lat, lng } = map.getCenter();
  const asked = [
    ["t", new Date(Math.round(at * 1000)).toISOString()],
    ["speed", rate],
    ["map", `${Number(map.getZoom().toFixed(2))}/${lat.toFixed(6)}/${lng.toFixed(6)}`],
    ["track", look.source],
    ["colour", look.colour],
    ["flagged", look.flagged ? 1 : 0],
  ];
  return `#${asked.map(([name, value]) => `${name}=${value}`).join("&")}`;
}

// Keeps the address in step, not more often than browsers bear, and without a step of history for each moment.
export class AddressKeeper {
  constructor(link) {
    this.link = link;
    this.timer = null;
  }

  later() {
    if (this.timer === null) this.timer = setTimeout(() => this.write(), WRITE_AFTER_MS);
  }

  write() {
    clearTimeout(this.timer);
    this.timer = null;
    history.replaceState(null, "", this.link());
  }
}
