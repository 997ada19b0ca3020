// What the maps of visits have in common: how they begin, and how they follow light and dark.

import { Graticule } from "../map/replay_graticule.js";
import { attribution, mapTools, redrawBackground, showBackground } from "../map/base_map.js";
import { DARK, DATA, h, word } from "../map/page_text.js";

const NEAR_ZOOM = 18;
const BUTTONS_PX = 72; // of the map's right edge, where its buttons would cover what is shown

// `draw` puts what the page shows into a group, anew when the colours change.
export function startMap(map, draw) {
  const group = L.featureGroup().addTo(map);
  const redraw = () => { group.clearLayers(); draw(group); };
  const showAll = () => {
    map.invalidateSize({ animate: false });
    const box = group.getBounds();
    if (box.isValid()) map.fitBounds(box, { paddingTopLeft: [28, 28], paddingBottomRight: [BUTTONS_PX, 28], maxZoom: NEAR_ZOOM, animate: false });
  };
  const box = map.getContainer();
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", word("map"));
  box.append(mapTools(map, showAll));
  let graticule = null;
  redraw();
  showAll();
  DARK.addEventListener("change", () => {
    redraw();
    redrawBackground();
    graticule?.redraw();
  });
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
  const drawing = h("p", { class: "map-note", role: "status" }, word("drawing"));
  if (DATA.background_url) box.append(attribution(word("attribution")), drawing);
  showBackground(map).finally(() => drawing.remove()).then((isThere) => { if (!isThere) graticule = new Graticule().addTo(map); });
}
