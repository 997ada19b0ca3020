// A day that is under way: what a version changes for the workers, what is locked, and where an urgent visit would fit.

import { clock, DATA, figure, h, word } from "../map/page_text.js";
import { section, stage } from "../map/panel.js";
import { tell } from "./forms.js";

const KINDS = ["moved", "dropped", "added", "retimed"];
const FEW_LATES = 2; // named one by one; more are counted
const lockDialog = document.getElementById("lock");
const fitsDialog = document.getElementById("fits");

// What publishing the version would change for the workers, before it is published.
export function changesSection() {
  if (!DATA.changes.length) return null;
  const counts = KINDS.map((kind) => [kind, DATA.changes.filter((one) => one.kind === kind).length]).filter(([, n]) => n);
  const brief = h("p", { class: "muted changed" }, counts.map(([kind, n]) => word(`changed_${kind}`, { n: figure(n) })).join(" · "));
  return section("changes", word("changes"), DATA.changes.length, null, [brief, h("ul", { class: "plain" }, DATA.changes.map(changeItem))]);
}

function changeItem(one) {
  const before = one.before && clock(one.before.start_at);
  const after = one.after && clock(one.after.start_at);
  const who = (placed) => nameOf(placed.worker_id);
  const said = {
    moved: () => word("change_moved", { name: clockChange(before, after), before: who(one.before), after: who(one.after) }),
    retimed: () => word("change_retimed", { name: who(one.after), before, after }),
    dropped: () => word("change_dropped", { name: `${who(one.before)} ${before}` }),
    added: () => word("change_added", { name: `${who(one.after)} ${after}` }),
  }[one.kind]();
  const minutes = Math.round(one.later_s / 60);
  const shift = minutes ? word(minutes > 0 ? "later" : "earlier", { n: figure(Math.abs(minutes)) }) : null;
  const text = [h("span", { class: "mark" }, h("span", { class: `changed-${one.kind}` })), h("span", { class: "name" }, one.name), h("span", { class: minutes > 0 ? "time bad" : "time" }, shift), h("span", { class: "muted facts" }, said)];
  return h("li", {}, h("button", { type: "button", class: "stop-row", click: () => stage.goTo.place(one.at) }, text));
}

function clockChange(before, after) {
  return before === after ? after : `${before} → ${after}`;
}

function nameOf(workerId) {
  return DATA.workers.find(({ id }) => id === workerId)?.name || workerId;
}

export function lockButton(job) {
  if (!lockDialog) return null;
  const kinds = DATA.locks[job.job_id] ?? [];
  return h("button", { type: "button", class: "button", "aria-pressed": String(kinds.length > 0), click: () => askLock(job, kinds) }, kinds.length ? `✓ ${word("locked")}` : word("lock"));
}

function askLock(job, kinds) {
  const form = lockDialog.querySelector("form");
  lockDialog.querySelector("h2").textContent = job.name;
  form.job_id.value = job.job_id;
  for (const box of form.elements.kind) box.checked = kinds.includes(box.value);
  lockDialog.showModal();
}

export function fitsButton(job) {
  if (!fitsDialog || !DATA.may_move) return null;
  return h("button", { type: "button", class: "button fits-open", click: () => askFits(job) }, word("fits"));
}

// The best places, as they are judged now; one is taken by one press.
async function askFits(job) {
  const form = fitsDialog.querySelector("form");
  const list = fitsDialog.querySelector("ol");
  fitsDialog.querySelector("h2").textContent = `${job.name} · ${word("fits")}`;
  form.job_id.value = job.job_id;
  list.replaceChildren(h("li", { class: "muted" }, word("fits_looking")));
  fitsDialog.showModal();
  const asked = new URLSearchParams({ plan_id: DATA.plan_id, job_id: job.job_id });
  const found = await look(`${fitsDialog.dataset.look}?${asked}`);
  if (form.job_id.value !== job.job_id) return;
  if (found === null) return fitsDialog.close();
  const nowhere = () => h("li", { class: "nowhere" }, word("fits_none"), h("span", { class: "muted" }, found.reason));
  list.replaceChildren(...(found.places.length ? found.places.map((fit) => fitItem(form, fit)) : [nowhere()]));
}

function fitItem(form, fit) {
  const facts = [word("fits_extra", { n: figure(Math.round(fit.travel_s / 60)) }), ...lateWords(fit)];
  if (fit.broken_count) facts.push(fit.broken_count === 1 ? word("fits_broken_one") : word("fits_broken", { n: figure(fit.broken_count) }));
  const text = h("span", { class: "fit" }, h("span", { class: "name" }, `${nameOf(fit.worker_id)} · ${clock(fit.start_at)}`), h("span", { class: fit.broken_count || fit.lates.length ? "bad" : "muted" }, facts.join(" · ")));
  const take = h("button", { type: "submit", class: "button", click: () => choose(form, fit) }, word("fits_take"));
  return h("li", {}, text, take);
}

function lateWords(fit) {
  if (!fit.lates.length) return [word("fits_nobody_late")];
  const minutes = ({ later_s: laterS }) => Math.ceil(laterS / 60);
  if (fit.lates.length > FEW_LATES) return [word("fits_lates", { n: figure(fit.lates.length), total: figure(Math.max(...fit.lates.map(minutes))) })];
  const names = new Map([...DATA.waiting, ...DATA.unassigned, ...DATA.routes.flatMap((route) => route.visits)].map((job) => [job.job_id, job.name]));
  return fit.lates.map((late) => word("fits_late", { name: names.get(late.job_id) ?? late.job_id, n: figure(minutes(late)) }));
}

function choose(form, fit) {
  form.worker_id.value = fit.worker_id;
  form.before_id.value = fit.before_id ?? "";
}

async function look(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    const said = await answer.json();
    if (answer.ok) return said;
    tell(said.title);
  } catch {
    tell(word("away"));
  }
  return null;
}
