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

// All workers at once: folded when all are open, else opened.
function foldAll(button) {
  const workers = [...document.querySelectorAll(".of-worker")];
  const areAllOpen = () => workers.every((worker) => worker.open);
  const name = () => { button.textContent = areAllOpen() ? button.dataset.fold : button.dataset.unfold; };
  button.addEventListener("click", () => {
    const isOpen = !areAllOpen();
    for (const worker of workers) worker.open = isOpen;
  });
  for (const worker of workers) worker.addEventListener("toggle", name);
  name();
  button.hidden = false;
}

sendForms();
const fold = document.querySelector(".fold-all");
if (fold) foldAll(fold);
startMap(map_plan, draw);
