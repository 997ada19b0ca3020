// Begins a plan's page; what goes wrong is told on it.

import { h, word } from "./page_text.js";
import { start } from "./plan_map.js";

try {
  start(map_plan);
} catch (error) {
  document.getElementById("plan").prepend(h("p", { class: "failed", role: "alert" }, word("failed")));
  throw error;
}
