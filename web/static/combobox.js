// A field with a list that is searched while one types, as the ARIA practices have it; arrows, Enter and Escape work.

import { h, word } from "../map/page_text.js";

const SHOWN = 50;
const WAIT_MS = 180;
let count = 0;

// `find` gives, at once or later, options with a value, a text and a note; `choose` is told which was chosen, or null.
export function combobox(input, { find, choose }) {
  count += 1;
  const list = h("ul", { id: `options-${count}`, role: "listbox", class: "options", hidden: true, "aria-label": input.closest("label").querySelector("span").textContent });
  const said = h("span", { class: "unseen", role: "status" });
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off", spellcheck: "false" };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  const label = input.closest("label");
  const box = h("div", { class: "combo" });
  label.replaceWith(box);
  box.append(label, list, said);
  let [options, active, asked, timer] = [[], -1, 0, null];

  async function open(text) {
    const mine = (asked += 1);
    const found = await find(text.trim());
    if (mine !== asked || document.activeElement !== input) return;
    options = found.slice(0, SHOWN);
    list.replaceChildren(...options.map((option, index) => h("li", { role: "option", id: `${list.id}-${index}`, "aria-selected": "false", pointerdown: (event) => event.preventDefault(), click: () => take(index) }, h("span", {}, option.text), option.note && h("small", {}, option.note))));
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = options.length ? word("found", { n: found.length }) : word("none_found");
    point(text.trim() && options.length ? 0 : -1);
  }

  function close() {
    clearTimeout(timer);
    asked += 1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    point(-1);
  }

  function point(index) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const item = list.children[active];
    item?.setAttribute("aria-selected", "true");
    item?.scrollIntoView({ block: "nearest" });
    if (item) input.setAttribute("aria-activedescendant", item.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function take(index) {
    input.value = options[index].text;
    choose(options[index]);
    close();
  }

  const keys = {
    ArrowDown: () => (list.hidden ? open("") : point((active + 1) % options.length)),
    ArrowUp: () => !list.hidden && point((active - 1 + options.length) % options.length),
    Enter: () => active >= 0 && take(active),
    Escape: () => close(),
  };
  input.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.isComposing || (list.hidden && event.key !== "ArrowDown")) return;
    event.preventDefault();
    act();
  });
  input.addEventListener("input", () => {
    choose(null);
    clearTimeout(timer);
    timer = setTimeout(() => open(input.value), WAIT_MS);
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => list.hidden && open(""));
  input.addEventListener("blur", close);
}

// Puts a searched field in the place of a list of choices, which is still what the form sends.
export function searchable(select) {
  const options = [...select.options].filter(({ value }) => value).map(({ value, text, dataset }) => ({ value, text, note: dataset.note ?? "", sought: `${text} ${dataset.note ?? ""}`.toLocaleLowerCase() }));
  const chosen = select.selectedOptions[0];
  const input = h("input", { type: "text", required: select.required, value: chosen?.value ? chosen.text : "" });
  const check = () => input.setCustomValidity(input.value && !select.value ? word("choose_from_list") : "");
  select.required = false;
  select.hidden = true;
  select.before(input);
  combobox(input, {
    find: (text) => options.filter(({ sought }) => text.toLocaleLowerCase().split(/\s+/).every((part) => sought.includes(part))),
    choose: (option) => {
      select.value = option?.value ?? "";
      check();
      select.dispatchEvent(new Event("change", { bubbles: true }));
    },
  });
}
