// What is doubtful about a fix, by the bits of geo_engine.tracks.Flag.

import { word } from "./page_text.js";

// In the order of their bits.
const FLAG_NAMES = [
  () => word("flag_duplicate"),
  () => word("flag_future"),
  () => word("flag_stale"),
  () => word("flag_inaccurate"),
  () => word("flag_jump"),
  () => word("flag_frozen"),
  () => word("flag_mock"),
  () => word("flag_rollover"),
  () => word("flag_zero"),
];

export function flagNames(flags) {
  return FLAG_NAMES.filter((_, bit) => flags & (1 << bit)).map((name) => name());
}

export function flagName(bit) {
  return FLAG_NAMES[bit]();
}
