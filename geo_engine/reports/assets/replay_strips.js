// Draws the day along time onto one canvas: a lane of stops, trips and gaps, strips of speed and accuracy, the hours.

import { figure, themeColour, word } from "./page_text.js";
import { lastIndex } from "./replay_data.js";
import { dayText, SHORT_DATE, timeOf, wallTime } from "./replay_time.js";

const NARROW_PX = 560;
const WIDE_ROWS = { lane: 22, speed: 46, accuracy: 30, hours: 18, room: 5 };
const NARROW_ROWS = { lane: 20, speed: 34, accuracy: 22, hours: 17, room: 4 };
const TICK_STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000];
const TICK_ROOM_PX = 62;
const LEAST_PX = 2;
const NUMBER_FROM_PX = 16;

function rowsOf(width) {
  return width < NARROW_PX ? NARROW_ROWS : WIDE_ROWS;
}

export function timelineHeight(width, line) {
  const { lane, speed, accuracy, hours, room } = rowsOf(width);
  return lane + speed + hours + 2 * room + (line.saysAccuracy ? accuracy + room : 0);
}

export function drawTimeline(canvas, { width, shown, replay, look, scales, range }) {
  const rows = rowsOf(width);
  const ratio = window.devicePixelRatio || 1;
  const height = timelineHeight(width, replay.raw);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  const frame = { ctx, width, shown, replay, rows, xOf: (at) => ((at - shown[0]) / (shown[1] - shown[0] || 1)) * width };
  const speedTop = rows.lane + rows.room;
  const accuracyTop = speedTop + rows.speed + rows.room;
  const hoursTop = replay.raw.saysAccuracy ? accuracyTop + rows.accuracy + rows.room : accuracyTop;
  drawHours(frame, hoursTop);
  drawLane(frame, range);
  drawStrip(frame, { top: speedTop, height: rows.speed, scale: scales.speed, name: word("speed") });
  if (replay.raw.saysAccuracy) drawStrip(frame, { top: accuracyTop, height: rows.accuracy, scale: scales.accuracy, name: word("accuracy") });
  for (const gap of replay.gaps) hatch(frame, gap, speedTop, hoursTop - rows.room - speedTop);
  if (look.flagged) drawFlags(frame, rows.lane);
}

function drawHours({ ctx, width, shown, replay, xOf, rows }, top) {
  const step = TICK_STEPS_S.find((seconds) => (seconds / (shown[1] - shown[0])) * width >= TICK_ROOM_PX) ?? TICK_STEPS_S.at(-1);
  ctx.font = `11px ${themeColour("font")}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "center";
  const start = wallTime(replay, shown[0]);
  for (let wall = Math.ceil(start / step) * step; ; wall += step) {
    const at = momentOf(replay, wall);
    if (at > shown[1]) break;
    const x = xOf(at);
    ctx.fillStyle = themeColour("line");
    ctx.fillRect(x, 0, 1, top + 3);
    if (x < 18 || x > width - 18) continue;
    ctx.fillStyle = themeColour("muted");
    const isMidnight = wall % 86_400 === 0;
    ctx.fillText(isMidnight ? dayText(replay, at, SHORT_DATE) : timeOf(replay, at, step < 60 ? "seconds" : "minutes"), x, top + rows.hours / 2 + 1);
  }
}

function momentOf(replay, wall) {
  const guess = wall - (wallTime(replay, wall) - wall);
  return wall - (wallTime(replay, guess) - guess);
}

function drawLane({ ctx, replay, rows, xOf, width }, range) {
  const middle = rows.lane / 2;
  ctx.fillStyle = themeColour("lane");
  roundedBox(ctx, xOf(range[0]), 2, xOf(range[1]) - xOf(range[0]), rows.lane - 4, 4);
  ctx.fillStyle = themeColour("trip");
  for (const trip of replay.trips) box(xOf(trip.from), xOf(trip.to), width, (x, wide) => ctx.fillRect(x, middle - 2, wide, 4));
  for (const gap of replay.gaps) hatch({ ctx, xOf, width }, gap, 2, rows.lane - 4, themeColour("lane"));
  ctx.font = `700 10.5px ${themeColour("font")}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (const stop of replay.stops) {
    box(xOf(stop.from), xOf(stop.to), width, (x, wide) => {
      ctx.fillStyle = themeColour("stop");
      roundedBox(ctx, x, 2, wide, rows.lane - 4, 3);
      for (const gap of replay.gaps) if (gap.from < stop.to && gap.to > stop.from) hatch({ ctx, xOf, width }, { from: Math.max(gap.from, stop.from), to: Math.min(gap.to, stop.to) }, 2, rows.lane - 4);
      ctx.fillStyle = themeColour("stop-ink");
      if (wide >= NUMBER_FROM_PX) ctx.fillText(String(stop.number), x + wide / 2, middle + 0.5);
    });
  }
}

// A span in pixels, wide enough to be seen, if it is shown at all.
function box(from, to, width, draw) {
  if (to < 0 || from > width) return;
  const x = Math.max(from, -4);
  draw(x, Math.max(Math.min(to, width + 4) - x, LEAST_PX));
}

function roundedBox(ctx, x, y, wide, high, radius) {
  ctx.beginPath();
  ctx.roundRect(x, y, wide, high, Math.min(radius, wide / 2));
  ctx.fill();
}

function hatch({ ctx, xOf, width }, gap, top, height, ground = null) {
  box(xOf(gap.from), xOf(gap.to), width, (x, wide) => {
    ctx.save();
    ctx.beginPath();
    ctx.rect(x, top, wide, height);
    ctx.clip();
    if (ground) {
      ctx.fillStyle = ground;
      ctx.fillRect(x, top, wide, height);
    }
    Object.assign(ctx, { strokeStyle: themeColour("gap"), lineWidth: 1.4, globalAlpha: ground ? 1 : 0.35 });
    ctx.beginPath();
    for (let at = Math.floor((x - height) / 6) * 6; at < x + wide; at += 6) {
      ctx.moveTo(at, top + height);
      ctx.lineTo(at + height, top);
    }
    ctx.stroke();
    ctx.restore();
  });
}

function drawStrip(frame, { top, height, scale, name }) {
  const { ctx, width } = frame;
  ctx.fillStyle = themeColour("line");
  ctx.fillRect(0, top + height, width, 1);
  for (const [x, value] of columns(frame, scale)) {
    const high = Math.max(Math.min((value * scale.factor) / scale.most, 1) * (height - 2), 1);
    ctx.fillStyle = scale.colour(scale.classOf(value));
    ctx.fillRect(x, top + height - high, 1.05, high);
  }
  label(ctx, name, 4, top + 7, "left");
  label(ctx, scale.mode === "speed" ? word("kmh", { n: figure(scale.most) }) : word("within", { n: figure(scale.most) }), width - 4, top + 7, "right");
}

function label(ctx, text, x, y, align) {
  ctx.font = `11px ${themeColour("font")}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = align;
  Object.assign(ctx, { lineWidth: 3, lineJoin: "round", strokeStyle: themeColour("paper"), fillStyle: themeColour("muted") });
  ctx.strokeText(text, x, y);
  ctx.fillText(text, x, y);
}

// For each pixel the mean of what was known in it; a value holds until the next fix, not over the end of a part.
function* columns({ width, shown, replay }, scale) {
  const { times, starts, count } = replay.raw;
  const values = replay.raw[scale.values];
  const secondsPerPx = (shown[1] - shown[0]) / width;
  let i = Math.max(lastIndex(count, (index) => times[index] <= shown[0]), 0);
  for (let x = 0; x < width && i < count; x += 1) {
    const [from, to] = [shown[0] + x * secondsPerPx, shown[0] + (x + 1) * secondsPerPx];
    let [sum, weight] = [0, 0];
    while (i < count && times[i] < to) {
      const isLast = i + 1 >= count || starts[i + 1];
      const until = isLast ? times[i] : times[i + 1];
      const seconds = Math.max(Math.min(until, to) - Math.max(times[i], from), isLast ? 1e-3 : 0);
      if (!Number.isNaN(values[i]) && seconds > 0 && until >= from) [sum, weight] = [sum + values[i] * seconds, weight + seconds];
      if (until > to) break;
      i += 1;
    }
    if (weight > 0) yield [x, sum / weight];
  }
}

function drawFlags({ ctx, replay, xOf, width }, y) {
  ctx.fillStyle = themeColour("alert");
  for (const { at } of replay.flagged) {
    const x = xOf(at);
    if (x >= 0 && x <= width) ctx.fillRect(x - 0.75, y - 1, 1.5, 7);
  }
}
