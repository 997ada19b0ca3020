// Why a site is on no route: what would make room for it, and its best place with each worker near it.

import { DATA, distance, duration, figure, h, say, word } from "./page_text.js";

const opened = new Set();

// `offered` gives what can be done with an offer, or nothing.
export function whyNot(job, offered) {
  const why = job.why_not;
  if (!why || !why.workers.length) return null;
  const box = h("details", { class: "why-not", toggle: ({ currentTarget }) => opened[currentTarget.open ? "add" : "delete"](job.job_id) }, h("summary", {}, word("why_not")));
  box.open = opened.has(job.job_id);
  const offers = why.offers.map((offer) => h("li", {}, h("span", {}, say(offer.say)), offered(job, offer)));
  box.append(h("h4", {}, word("offers")), offers.length ? h("ul", { class: "offers" }, offers) : h("p", { class: "muted" }, word("no_offers")), workers(why));
  if (why.unseen_count) box.append(h("p", { class: "muted" }, why.unseen_count === 1 ? word("unseen_one") : word("unseen", { n: figure(why.unseen_count) })));
  return box;
}

function workers(why) {
  const heads = [word("worker"), word("best_stop"), word("more_travel"), word("prevents")];
  const rows = why.workers.map((one) => h("tr", {}, h("th", { scope: "row" }, one.name), h("td", { "data-head": heads[1] }, stopWords(one)), h("td", { "data-head": heads[2] }, wayWords(one)), h("td", { "data-head": heads[3] }, say(one.say), one.cheapest && h("span", { class: "cheapest" }, `→ ${say(one.cheapest)}`))));
  return h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows));
}

function stopWords({ worker_id: id, stop }) {
  const visits = DATA.routes.find((route) => route.worker_id === id)?.visits ?? [];
  if (!visits.length) return word("stop_alone");
  return stop > visits.length ? word("stop_last", { n: stop }) : word("stop_before", { n: stop, name: visits[stop - 1].name });
}

// To where no road leads there is no way to tell.
function wayWords(one) {
  if (one.travel_s === null) return "—";
  return [h("span", {}, more(one.travel_s, duration)), " ", h("span", {}, more(one.travel_m, distance))];
}

function more(amount, shown) {
  return `${amount < 0 ? "−" : "+"}${shown(Math.abs(amount))}`;
}
