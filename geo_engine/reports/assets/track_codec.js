// Reads a track as geo_engine.tracks.codec writes it: thinned, in parts, as small whole numbers.
//
// {
//   "version": 1,
//   "tolerance_m": 5,            how far the line may be from the usable fixes, each at its moment; null: not at all
//   "fix_count": 8123,           usable fixes the line stands for
//   "part_counts": [120, 45],    how many fixes of the line each part has; between parts is a gap
//   "line": {                    the kept usable fixes
//     "times": [1751350000, 15], seconds since 1970: the first, then differences
//     "lons": [-8619840, 90],    1e-6 degrees, WGS 84: the first, then differences; go on beyond ±180 degrees
//     "lats": [41148009, -4],
//     "accuracies": [8, -1],     metres; -1: unknown
//     "speeds": [83, -1],        0.1 m/s, by the device; -1: unknown
//     "flags": [0, 0]            bits of geo_engine.tracks.Flag
//   },
//   "doubtful": {…}              unusable fixes without duplicates, in the same way
// }

// Returns the track with times in seconds since 1970, degrees, metres and metres a second; NaN is unknown.
export function decodeTrack(encoded) {
  if (encoded.version !== 1) throw new Error(`A track of version ${encoded.version} cannot be read.`);
  const line = decodeFixes(encoded.line);
  let first = 0;
  const parts = encoded.part_counts.map((count) => slicedFixes(line, first, (first += count)));
  return {
    toleranceM: encoded.tolerance_m,
    fixCount: encoded.fix_count,
    parts,
    doubtful: decodeFixes(encoded.doubtful),
  };
}

function decodeFixes(fixes) {
  return {
    times: summed(fixes.times, 1),
    lons: summed(fixes.lons, 1e6),
    lats: summed(fixes.lats, 1e6),
    accuracies: knownValues(fixes.accuracies, 1),
    speeds: knownValues(fixes.speeds, 10),
    flags: Uint16Array.from(fixes.flags),
  };
}

function slicedFixes(fixes, from, to) {
  return Object.fromEntries(Object.entries(fixes).map(([name, values]) => [name, values.subarray(from, to)]));
}

function summed(differences, steps) {
  let sum = 0;
  return Float64Array.from(differences, (difference) => (sum += difference) / steps);
}

function knownValues(values, steps) {
  return Float64Array.from(values, (value) => (value < 0 ? NaN : value / steps));
}
