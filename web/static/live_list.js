// Where people are now, in the list beside the map: who they are, how old that is, whether they work.

import { DATA, figure, h, state, word } from "../map/page_text.js";
import { isFound, section, textButton, tickArea } from "../map/panel.js";
import { ageClass, ageText, batteryText, clockOf, initials, isLow, isMoving, listPeople, nameOf, people, routeOf, shiftText, speedText } from "./live_people.js";

const FEW = 6;
const MORE = 200;

export class LiveList {
  constructor(layer) {
    this.layer = layer;
    this.rows = new Map();
    this.most = FEW;
    this.isAsked = false;
    this.notice = h("p", { class: "note notice", role: "status" });
    this.list = h("ul", { class: "plain" });
    this.more = textButton("", () => this.showMore());
    this.empty = h("div", { class: "empty", hidden: true }, howToBegin());
    this.tick = h("input", { type: "checkbox", checked: true, "aria-label": word("show_live"), change: ({ target }) => this.layer.setShown(target.checked) });
    this.root = section("live", word("live"), 0, null, [this.notice, this.empty, this.list, h("p", { class: "more" }, this.more)]);
    this.root.querySelector("h2").before(tickArea(this.tick));
  }

  // As the list's other sections: what a search leaves of it, or nothing.
  element() {
    this.draw();
    this.layer.dim(isFoundPerson);
    return state.query && !this.list.childElementCount ? null : this.root;
  }

  update() {
    this.isAsked = true;
    this.draw();
  }

  draw() {
    const found = listPeople().filter(isFoundPerson);
    const left = found.length - this.most;
    for (const worker of this.rows.keys()) if (!people.has(worker)) this.rows.delete(worker);
    arrange(this.list, found.slice(0, this.most).map((person) => this.row(person)));
    this.root.querySelector(".count").textContent = figure(found.length);
    this.more.textContent = left > 0 ? word("show_more", { n: figure(left) }) : word("show_fewer");
    this.more.parentElement.hidden = found.length <= FEW;
    this.empty.hidden = people.size > 0 || !this.isAsked;
  }

  row(person) {
    const row = this.rows.get(person.worker) ?? this.addRow(person);
    row.mark.className = `person small ${ageClass(person)} ${person.on_shift ? "" : "off"}`;
    row.name.textContent = nameOf(person);
    row.time.textContent = ageText(person);
    const low = isLow(person) && h("span", { class: "low" }, `${word("battery")} ${batteryText(person)}`);
    row.facts.replaceChildren(...[h("span", {}, shiftText(person)), isMoving(person) && h("span", {}, speedText(person)), low].filter(Boolean));
    return row.item;
  }

  addRow(person) {
    const { worker } = person;
    const [name, time, facts] = ["name", "time", "muted facts"].map((kind) => h("span", { class: kind }));
    const mark = h("span", { class: "person", route: routeOf(person) }, h("b", {}, initials(person)));
    const item = h("li", {}, h("button", { type: "button", class: "stop-row", click: () => this.flyTo(worker) }, h("span", { class: "mark", "aria-hidden": "true" }, mark), name, time, facts));
    const row = { item, mark, name, time, facts };
    this.rows.set(worker, row);
    return row;
  }

  flyTo(worker) {
    this.tick.checked = true;
    this.layer.setShown(true);
    this.layer.flyTo(worker);
  }

  // Some more, and from the last few back to the first.
  showMore() {
    this.most = this.most < listPeople().filter(isFoundPerson).length ? this.most + MORE : FEW;
    this.draw();
  }

  // What is shown is of the last answer.
  tellAway(isAway, answeredAt) {
    this.tell(!isAway ? "" : answeredAt === null ? word("live_unknown") : word("live_away", { time: clockOf(answeredAt) }));
  }

  tell(sentence) {
    if (this.notice.textContent !== sentence) this.notice.textContent = sentence;
  }
}

function isFoundPerson(person) {
  return isFound({ name: nameOf(person), address: "", job_id: person.worker }, null);
}

// Puts children in an order; one that stays keeps the focus.
function arrange(list, items) {
  const focused = document.activeElement;
  const wanted = new Set(items);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  items.forEach((item, i) => { if (list.children[i] !== item) list.insertBefore(item, list.children[i] ?? null); });
  if (focused !== document.activeElement && list.contains(focused)) focused.focus({ preventScroll: true });
}

function howToBegin() {
  const parts = ["geo-engine devices add", DATA.live.company, `--worker ${DATA.workers[0]?.id ?? "W1"}`, "--protocol owntracks", `--address ${location.origin}`, "--qr phone.svg"];
  return [h("p", {}, word("live_nobody")), h("p", {}, word("live_begin")), h("code", {}, parts.map((part) => [h("span", {}, part), " "])), h("p", {}, word("live_gate"))];
}
