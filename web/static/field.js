// A worker's day on a phone: browsers give position and camera to secure pages alone, and the page says so.
document.getElementById("insecure").hidden = window.isSecureContext;

// A list that is told as no change is read by opening it: as soon as it is before somebody's eyes, not when a browser
// fetched it ahead.
const opened = document.getElementById("opened");
if (opened) tellOpened(opened);

async function tellOpened(form) {
  while (document.visibilityState !== "visible") await new Promise((wake) => document.addEventListener("visibilitychange", wake, { once: true }));
  await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", keepalive: true }).catch(() => null);
}
