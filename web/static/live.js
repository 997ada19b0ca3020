// Live positions on the dispatcher's day: asked for, drawn on the map and listed beside it.

import { DATA, h, word } from "../map/page_text.js";
import { stage } from "../map/panel.js";
import { follow } from "./live_feed.js";
import { LiveLayer } from "./live_layer.js";
import { LiveList } from "./live_list.js";
import { settlePeople, takePositions } from "./live_people.js";

const TICK_MS = 10000;
let list = null;

export const liveLegend = DATA.live ? [[sample(""), word("legend_live")], [sample("late"), word("legend_late")], [sample("fresh off"), word("off_shift")]] : [];

function sample(kind) {
  return h("span", { class: `person small ${kind}` });
}

// The list is drawn when there is a map to lead to.
export function liveSection() {
  return list?.element() ?? null;
}

// Where it will be when the lists are drawn again: behind what a version would change.
function putIn(lists, element) {
  const changes = document.getElementById("changes");
  if (changes) changes.after(element);
  else lists.prepend(element);
}

export function showLive(map) {
  if (!DATA.live) return;
  const layer = new LiveLayer(map);
  let answeredAt = null;
  list = new LiveList(layer);
  putIn(document.getElementById("lists"), list.element());
  follow(DATA.live.url, {
    took(positions, isAll, skew) {
      takePositions(positions, isAll, skew);
      layer.update();
      list.update();
      if (answeredAt === null && !stage.layers.bounds().isValid()) stage.goTo.box(layer.bounds());
    },
    away(isAway) {
      if (!isAway) answeredAt = Date.now();
      list.tellAway(isAway, answeredAt);
    },
    refused: (sentence) => list.tell(sentence),
  });
  setInterval(() => {
    settlePeople();
    layer.update();
    list.draw();
  }, TICK_MS);
}
