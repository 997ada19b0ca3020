// A file of fences: what it would write and what is wrong with it are looked at first.

import { figure, h, word } from "../map/page_text.js";
import { post, tell } from "./forms.js";

export function watchImport(dialog, imported) {
  const form = dialog.querySelector("form");
  const found = form.querySelector("#found");
  const write = form.querySelector("[data-write]");
  const { file } = form.elements;

  function forget() {
    found.replaceChildren();
    write.hidden = true;
    const isTooLarge = file.files[0]?.size > Number(file.dataset.limit);
    file.setCustomValidity(isTooLarge ? file.dataset.tooLarge : "");
  }

  function show(said) {
    const isWorth = said.added + said.changed > 0;
    const more = said.problem_count - said.problems.length;
    const wrong = said.problem_count === 1 ? word("wrong_one") : word("wrong", { n: figure(said.problem_count) });
    const rows = said.problems.map((one) => h("li", {}, [one.line && word("line", { line: one.line }), one.column].filter(Boolean).join(" · "), one.line || one.column ? ": " : "", one.reason));
    const list = said.problem_count > 0 && [h("p", { class: "bad" }, wrong), h("ul", { tabindex: "0" }, rows, more > 0 && h("li", { class: "muted" }, word("and_more", { n: figure(more) })))];
    found.replaceChildren(...[h("p", {}, word("would", said)), !isWorth && h("p", {}, word("nothing_to_write")), list].flat().filter(Boolean));
    write.hidden = !isWorth;
  }

  form.addEventListener("change", forget);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const isWriting = event.submitter === write;
    const said = await post(form, event.submitter, tell);
    if (!said) return;
    if (!isWriting) return show(said);
    dialog.close();
    form.reset();
    forget();
    imported(said);
  });
}
