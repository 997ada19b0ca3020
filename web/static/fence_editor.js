// The form a fence is drawn by: what is drawn on the map stands in it as figures, and what is typed shows on the map.

import { DATA, word } from "../map/page_text.js";
import { combobox } from "./combobox.js";
import { Draft } from "./fence_draft.js";
import { post } from "./forms.js";

const EVERY_DAY = "1;2;3;4;5;6;7";
const USUAL_WIDTH_M = 30;

export class FenceEditor {
  // `saved` is told of a fence as it is kept, `left` when nothing is to be saved, `outdated` which fence is another now.
  constructor(map, form, { saved, left, outdated }) {
    Object.assign(this, { map, form, saved, left, outdated, draft: null, fence: null });
    this.refused = form.querySelector("#refused");
    this.site = form.querySelector("[data-site]");
    combobox(this.site, { find: (text) => findSites(text), choose: (site) => this.takeSite(site) });
    form.addEventListener("submit", (event) => { event.preventDefault(); this.save(event.submitter); });
    form.querySelector("[data-cancel]").addEventListener("click", () => this.leave());
    form.querySelector("[data-centre]").addEventListener("click", () => this.draft.press(this.middle()));
    form.querySelector("[data-undo-corner]").addEventListener("click", () => this.draft.removeLast());
    form.querySelector("[data-again]").addEventListener("click", () => this.outdated(this.fence.id));
    for (const field of this.figures()) field.addEventListener("input", () => this.readFigures());
    this.corners.addEventListener("input", () => this.readCorners());
    form.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.leave());
  }

  get lon() { return this.form.querySelector("[data-lon]"); }
  get lat() { return this.form.querySelector("[data-lat]"); }
  get corners() { return this.form.querySelector("[data-corners]"); }
  get isOpen() { return this.draft !== null; }

  figures() {
    return [this.lon, this.lat, this.form.radius_m, this.form.width_m];
  }

  middle() {
    this.draft.isNew = true;
    return this.map.getCenter().wrap();
  }

  // ---- Beginning and ending

  // Draws a new fence; `given` is what is known of it already.
  begin(kind, given = {}) {
    this.open(kind, null, word(`new_${kind}`), given);
    this.draft.radiusM = kind === "circle" ? DATA.radius_m : null;
    this.draft.widthM = kind === "corridor" ? USUAL_WIDTH_M : null;
    if (given.geometry) this.draft.take(given);
    this.show();
    this.form.elements.name.focus();
  }

  edit(fence, siteName) {
    this.open(fence.kind, fence, word("editing", { name: fence.name }), { ...fence, site_name: siteName });
    this.draft.take(fence);
    this.show();
    this.form.querySelector("h1").focus();
  }

  open(kind, fence, title, given) {
    this.close();
    this.fence = fence;
    this.draft = new Draft(this.map, kind, () => this.show());
    const fields = this.form.elements;
    this.form.reset();
    this.form.querySelector("h1").textContent = title;
    this.form.querySelector("#hint").textContent = word(fence ? `hint_edit_${kind}` : `hint_${kind}`);
    this.form.querySelector("[data-kind=circle]").hidden = kind !== "circle";
    this.form.querySelector("[data-kind=line]").hidden = kind === "circle";
    this.form.querySelector("[data-corridor]").hidden = kind !== "corridor";
    this.form.querySelector("[data-new]").hidden = fence !== null;
    fields.id.value = fence?.id ?? "";
    fields.seen.value = fence?.version ?? "";
    fields.name.value = given.name ?? "";
    fields.site_id.value = given.site_id ?? "";
    this.site.value = given.site_name ?? given.site_id ?? "";
    fields.windows.value = given.windows ?? "";
    fields.dwell_s.value = given.dwell_s ?? "";
    const days = (given.weekdays ?? EVERY_DAY).split(";");
    for (const day of fields.weekday) day.checked = days.includes(day.value);
    for (const field of [fields.radius_m, this.lon, this.lat]) field.required = kind === "circle";
    fields.width_m.required = kind === "corridor";
    fields.radius_m.disabled = kind !== "circle";
    fields.width_m.disabled = kind !== "corridor";
    this.form.querySelector("#corners-wrong").textContent = "";
    this.tell(null);
    this.form.hidden = false;
    document.body.classList.toggle("drawing", fence === null);
  }

  close() {
    this.draft?.remove();
    this.draft = null;
    this.form.hidden = true;
    document.body.classList.remove("drawing");
  }

  leave() {
    const { fence } = this;
    this.close();
    this.left(fence);
  }

  // ---- Figures and points

  show() {
    const { draft, form } = this;
    if (draft.kind === "circle") {
      [this.lon.value, this.lat.value] = draft.centre ?? ["", ""];
      form.radius_m.value = draft.radiusM ?? "";
    } else {
      form.width_m.value = draft.widthM ?? "";
      this.corners.value = draft.text();
      form.querySelector("#corners-wrong").textContent = "";
    }
    draft.draw();
  }

  readFigures() {
    const { draft, form } = this;
    draft.radiusM = Number(form.radius_m.value) || null;
    draft.widthM = Number(form.width_m.value) || null;
    if (draft.kind === "circle") draft.centre = this.lon.value && this.lat.value ? [Number(this.lon.value), Number(this.lat.value)] : null;
    draft.draw();
  }

  readCorners() {
    const line = this.draft.read(this.corners.value);
    this.form.querySelector("#corners-wrong").textContent = line === null ? "" : word("bad_line", { line });
  }

  takeSite(site) {
    this.form.site_id.value = site?.value ?? "";
    if (!site || this.fence || this.draft.kind !== "circle" || this.draft.centre) return;
    if (!this.form.elements.name.value) this.form.elements.name.value = site.text;
    this.draft.centre = [site.lon, site.lat];
    this.draft.tell();
    this.map.fitBounds(this.draft.bounds(), { maxZoom: 17, animate: false });
  }

  // ---- Saving

  async save(submitter) {
    const geometry = this.draft.geometry();
    if (this.corners.value && this.form.querySelector("#corners-wrong").textContent) return this.corners.focus();
    if (!geometry) return this.tell(word("too_few"));
    if (this.site.value && !this.form.site_id.value) return this.tell(word("choose_from_list"));
    this.form.geometry.value = JSON.stringify(geometry);
    const { kind } = this.draft;
    const kept = await post(this.form, submitter, (sentence, status) => this.tell(sentence, { isOutdated: status === 409 && this.fence !== null, isCrossed: status === 422 && kind === "area" }));
    if (!kept) return null;
    this.close();
    return this.saved(kept);
  }

  tell(sentence, { isOutdated = false, isCrossed = false } = {}) {
    this.refused.hidden = sentence === null;
    this.refused.querySelector("p").textContent = sentence ?? "";
    this.refused.querySelector("[data-again]").hidden = !isOutdated;
    this.refused.querySelector("[data-repair]").hidden = !isCrossed;
    if (sentence !== null) this.refused.scrollIntoView({ block: "nearest" });
  }
}

async function findSites(text) {
  const answer = await fetch(`${DATA.sites_url}?${new URLSearchParams({ q: text })}`, { headers: { Accept: "application/json" } });
  return answer.ok ? answer.json() : [];
}
