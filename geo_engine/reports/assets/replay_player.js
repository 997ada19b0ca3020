// The player: a moment of the day that goes on at a chosen speed.

export const RATES = [1, 2, 5, 10, 30, 60, 120, 300, 600];
export const DEFAULT_RATE = 60;
const LONGEST_FRAME_S = 0.25; // a page that was hidden does not leap when it comes back
const CALM_FRAME_S = 0.25;
const PASSED_OVER_AFTER_S = 1;

export class Player extends EventTarget {
  constructor({ isCalm, spanAt, hasLine }) {
    super();
    Object.assign(this, { isCalm, spanAt, hasLine, from: 0, to: 0, at: 0, rate: DEFAULT_RATE, isPlaying: false, passesOver: false });
    this.lastFrame = 0;
    this.heldSince = 0;
    this.heldIn = null;
  }

  // Between which moments it plays.
  limit(from, to) {
    Object.assign(this, { from, to });
    this.seek(this.at);
  }

  get canPlay() {
    return this.to > this.from && this.hasLine;
  }

  get isAtStart() {
    return this.at <= this.from;
  }

  // Goes to a moment, to the millisecond, so that a link to it leads exactly there.
  seek(at) {
    this.at = Math.round(Math.min(Math.max(at, this.from), this.to) * 1000) / 1000;
    this.heldIn = null;
    this.dispatchEvent(new Event("time"));
  }

  setRate(rate) {
    this.rate = rate;
    this.dispatchEvent(new Event("state"));
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  play() {
    if (!this.canPlay) return;
    if (this.at >= this.to) this.seek(this.from);
    this.isPlaying = true;
    this.lastFrame = performance.now();
    this.dispatchEvent(new Event("state"));
    requestAnimationFrame((now) => this.frame(now));
  }

  pause() {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.seek(this.at);
    this.dispatchEvent(new Event("state"));
  }

  frame(now) {
    if (!this.isPlaying) return;
    const passed = Math.min((now - this.lastFrame) / 1000, LONGEST_FRAME_S);
    if (passed > 0 && (!this.isCalm() || passed >= CALM_FRAME_S)) {
      this.lastFrame = now;
      this.advance(passed, now);
    }
    if (this.isPlaying) requestAnimationFrame((next) => this.frame(next));
  }

  advance(passed, now) {
    this.at = Math.min(this.at + passed * this.rate, this.to);
    if (this.passesOver) this.passOver(now);
    this.dispatchEvent(new Event("time"));
    if (this.at >= this.to) this.pause();
  }

  // Shows a stop or a gap for a moment, then goes to its end.
  passOver(now) {
    const span = this.spanAt(this.at);
    if (!span || span.kind === "trip") this.heldIn = null;
    else if (this.heldIn !== span) [this.heldIn, this.heldSince] = [span, now];
    else if ((now - this.heldSince) / 1000 > PASSED_OVER_AFTER_S) [this.at, this.heldIn] = [Math.min(span.to, this.to), null];
  }
}
