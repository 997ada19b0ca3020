// The sites of a day on the map, each in the colour of what became of its visit.

import { DATA, h, themeColour } from "../map/page_text.js";
import { sendForms } from "./forms.js";
import { startMap } from "./visit_map.js";

const COLOURS = { confirmed: "good", likely: "accent", insufficient: "doubt", contradicted: "alert", missed: "alert", overdue: "doubt", open: "muted" };
// What has no visit is hollow; its line tells it apart for whoever does not see the colours.
const HOLLOW = { missed: null, overdue: "5 4", open: "1 4" };

function draw(group) {
  for (const { lon, lat, state, text, note, url } of DATA.places) {
    const colour = themeColour(COLOURS[state]);
    const look = state in HOLLOW ? { color: colour, weight: 2.5, fillColor: themeColour("paper"), dashArray: HOLLOW[state] } : { color: themeColour("casing"), weight: 1.5, fillColor: colour };
    const marker = L.circleMarker([lat, lon], { ...look, radius: 7.5, opacity: 1, fillOpacity: 1 });
    marker.bindTooltip(() => h("span", {}, `${text} — ${note}`), { className: "visit-name" });
    if (url) marker.on("click", () => location.assign(url));
    marker.addTo(group);
  }
}

function remember() {
  sessionStorage.setItem(`visits ${document.querySelector("[name=on]").defaultValue}`, location.href);
}

// Whose rows are open is in the address: to go back to it, or to load it anew, is to be where one was. A visit's page
// leads back there as well.
function keepFolds(workers) {
  let waits = 0;
  const keep = () => {
    const url = new URL(location.href);
    const open = workers.filter((worker) => worker.open);
    url.searchParams.delete("open");
    for (const worker of open) url.searchParams.append("open", worker.dataset.worker);
    if (!open.length) url.searchParams.append("open", "");
    history.replaceState(history.state, "", url);
    remember();
  };
  const later = () => {
    cancelAnimationFrame(waits);
    waits = requestAnimationFrame(keep);
  };
  for (const worker of workers) worker.querySelector("summary").addEventListener("click", later);
  return (isOpen) => {
    for (const worker of workers) worker.open = isOpen;
    later();
  };
}

// All workers at once: folded when all are open, else opened.
function foldAll(button, workers, setAll) {
  const areAllOpen = () => workers.every((worker) => worker.open);
  const name = () => { button.textContent = areAllOpen() ? button.dataset.fold : button.dataset.unfold; };
  button.addEventListener("click", () => setAll(!areAllOpen()));
  for (const worker of workers) worker.addEventListener("toggle", name);
  name();
  button.hidden = false;
}

sendForms();
remember();
const workers = [...document.querySelectorAll(".of-worker")];
const setAll = keepFolds(workers);
const fold = document.querySelector(".fold-all");
if (fold) foldAll(fold, workers, setAll);
startMap(map_plan, draw);
