// The keyboard: what a key does is the same everywhere on the page, but where it already means something.

import { RATES } from "./replay_player.js";

const STEP_S = 10;
const BIG_STEP_S = 300;
const PRESSABLE = "button, summary, a, input";

export function listenToKeys({ player, dock, timeline, map }) {
  const nextRate = (direction) => {
    const index = RATES.findIndex((rate) => rate >= player.rate);
    const found = RATES[Math.min(Math.max((index < 0 ? RATES.length - 1 : index) + direction, 0), RATES.length - 1)];
    player.setRate(found);
    dock.say(`${found}×`);
  };
  const keys = {
    " ": () => player.toggle(),
    ArrowLeft: ({ shiftKey }) => player.seek(player.at - (shiftKey ? BIG_STEP_S : STEP_S)),
    ArrowRight: ({ shiftKey }) => player.seek(player.at + (shiftKey ? BIG_STEP_S : STEP_S)),
    ArrowUp: () => nextRate(1),
    ArrowDown: () => nextRate(-1),
    PageUp: ({ shiftKey }) => dock.goTo(shiftKey ? "gap" : "stop", -1),
    PageDown: ({ shiftKey }) => dock.goTo(shiftKey ? "gap" : "stop", 1),
    Home: () => player.seek(player.from),
    End: () => player.seek(player.to),
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    if (hasOwnMeaning(event, timeline, map)) return;
    event.preventDefault();
    keys[event.key](event);
  });
}

// Space presses what has the focus, arrows move within a choice, the map or a list that scrolls.
function hasOwnMeaning({ key, target }, timeline, map) {
  if (timeline.body.contains(target)) return false;
  if (target.closest("select")) return true;
  if (key === " ") return target.closest(PRESSABLE) !== null;
  if (key.startsWith("Arrow") && map.getContainer().contains(target)) return true;
  return key !== "ArrowLeft" && key !== "ArrowRight" && target.closest(".panel-body") !== null;
}
