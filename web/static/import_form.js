// The file that is to be imported: dropped or chosen, told when it is too large, sent while the choices stay.

import { post } from "./forms.js";

const form = document.getElementById("import");
const drop = form.querySelector(".drop");
const input = drop.querySelector("input");
const refusal = document.getElementById("refusal");

function refuse(sentence) {
  refusal.textContent = sentence;
  refusal.hidden = !sentence;
  if (sentence) refusal.scrollIntoView({ block: "nearest" });
}

function showFile() {
  const [file] = input.files;
  const isTooLarge = Boolean(file) && file.size > Number(input.dataset.limit);
  refuse(isTooLarge ? input.dataset.tooLarge : "");
  if (isTooLarge) input.value = "";
  const name = document.getElementById("file-name");
  name.dataset.asked ??= name.textContent;
  name.textContent = file && !isTooLarge ? file.name : name.dataset.asked;
  drop.classList.toggle("chosen", Boolean(file) && !isTooLarge);
}

// Only sites are due on a day.
function showDue() {
  document.getElementById("due").hidden = form.elements.kind.value !== "sites";
}

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragenter" || kind === "dragover");
  });
}
drop.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  showFile();
});
input.addEventListener("change", showFile);
form.addEventListener("change", showDue);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const reading = document.getElementById("reading");
  refuse("");
  reading.hidden = false;
  const said = await post(form, event.submitter, refuse);
  reading.hidden = said === null;
  if (said) location.assign(said.go);
});
showDue();
