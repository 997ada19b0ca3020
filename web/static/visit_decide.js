// Deciding about visits without leaving the page, and another site searched while one types.

import { combobox } from "./combobox.js";
import { sendForms } from "./forms.js";

for (const field of document.querySelectorAll("[data-sites]")) {
  const other = field.form.elements.other_site_id;
  combobox(field, {
    find: async (text) => {
      const answer = await fetch(`${field.dataset.sites}?${new URLSearchParams({ q: text })}`, { headers: { Accept: "application/json" } });
      return answer.ok ? answer.json() : [];
    },
    choose: (found) => { other.value = found ? found.value : ""; },
  });
}
sendForms();
