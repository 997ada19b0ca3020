// What a plan saves against other ways of making the same visits, in kilometres, hours and money.

import { DATA, distance, duration, h, state, word } from "./page_text.js";

export function savingsTable() {
  const { savings, currency, prices_assumed: isAssumed } = DATA.summary;
  const against = [
    [word("given_order"), word("given_order_note"), savings.given_order],
    [word("nearest"), word("saved_note"), savings.nearest],
    [word("last_month"), lastMonthNote(savings.last_month), savings.last_month],
  ];
  if (!DATA.routes.length) return null;
  const heads = [word("saved_against"), word("distance"), word("driving"), word("money")];
  const rows = against.map(([name, note, saving]) => h("tr", {}, h("th", { scope: "row", title: note }, name), cells(saving)));
  const price = isAssumed ? h("caption", {}, word("prices_assumed", { n: currency })) : null;
  return h("table", { class: "savings" }, price, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows));
}

function lastMonthNote(saving) {
  if (!saving) return word("last_month_unknown");
  return word("last_month_note", { n: saving.known_count, total: saving.visit_count });
}

function cells(saving) {
  if (!saving) return h("td", { colspan: 3, class: "muted" }, word("not_known"));
  return [signed(saving.travel_m, distance), signed(saving.travel_s, duration), signed(saving.money, money)];
}

// Less than nothing is saved when the other way was shorter; what is not known is no nought.
function signed(amount, shown) {
  if (amount === null) return h("td", { class: "muted", title: word("not_known") }, "–");
  return h("td", { class: amount < 0 && "bad" }, amount < 0 ? `−${shown(-amount)}` : shown(amount));
}

function money(amount) {
  return amount.toLocaleString(state.language, { style: "currency", currency: DATA.summary.currency, maximumFractionDigits: amount < 100 ? 2 : 0 });
}
