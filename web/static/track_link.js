// A worker's day: its moment goes along to where a purpose is asked for, and to another device of the day.

import { sendForms } from "./forms.js";

sendForms();
for (const form of document.querySelectorAll("[data-keep-moment]")) {
  form.addEventListener("submit", () => {
    form.action = form.action.replace(/#.*$/, "") + location.hash;
  });
}
document.querySelector("[data-device]")?.addEventListener("change", ({ target }) => location.assign(target.value + location.hash));
