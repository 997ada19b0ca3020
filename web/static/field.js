// A worker's day on a phone: browsers give position and camera to secure pages alone, and the page says so.
document.getElementById("insecure").hidden = window.isSecureContext;
