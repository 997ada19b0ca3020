// Forms that are sent without leaving the page; what goes wrong is told on it, and nothing typed is lost.

// Choosing is enough: the page follows at once. Whoever types or goes through a list by keys is not led away midway,
// but by Enter or by leaving the field.
function followChoices() {
  for (const form of document.querySelectorAll("form[data-at-once]")) {
    let isTyped = false;
    let isChanged = false;
    const follow = () => isChanged && form.checkValidity() && form.submit();
    form.addEventListener("pointerdown", () => { isTyped = false; });
    form.addEventListener("keydown", ({ key }) => { isTyped = true; if (key === "Enter") follow(); });
    form.addEventListener("focusout", follow);
    form.addEventListener("change", () => { isChanged = true; if (!isTyped) follow(); });
  }
}

export function sendForms() {
  followChoices();
  for (const form of document.querySelectorAll("form[data-send]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, event.submitter);
    });
  }
}

async function send(form, submitter) {
  const said = await post(form, submitter);
  if (said) location.assign(said.go);
}

// Sends a form once, however often it is pressed; gives what was answered, or null after `refuse` was told why not. An
// answer that is lost, or that is none of ours, may be of something that was done.
export async function post(form, submitter, refuse = tell) {
  const body = new FormData(form, submitter);
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const said = await answer.json();
    if (answer.ok) return said;
    refuse(said.title, answer.status);
  } catch {
    refuse(document.getElementById("toast").dataset.unknown);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
  return null;
}

// What went wrong, in words, until it is read: within a dialog that is open, as nothing outside it can be heard or pressed.
export function tell(sentence) {
  const toast = document.getElementById("toast");
  (document.querySelector("dialog[open]") ?? document.body).append(toast);
  toast.textContent = sentence;
  toast.hidden = false;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { toast.hidden = true; }, 12000);
}
