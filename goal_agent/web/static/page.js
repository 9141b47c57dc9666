// Form behavior that HTML cannot express. The content is updated by htmx.

const log = document.getElementById("log");
const input = document.getElementById("text");
const form = document.getElementById("composer-form");

// Clear the input when a message is sent; restore it if the message is not accepted.
let sent = "";
form?.addEventListener("htmx:beforeSend", () => {
  sent = input.value;
  form.reset();
  log.scrollTop = log.scrollHeight;
});
form?.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful) input.value = [sent, input.value].filter(Boolean).join(" ");
});

// A decided card disappears, and the focus with it, before or after its response arrives.
let decided = false;
log.addEventListener("submit", () => { decided = true; });
for (const event of ["htmx:afterRequest", "htmx:afterSwap"]) {
  log.addEventListener(event, () => {
    if (!decided || document.activeElement !== document.body) return;
    decided = false;
    if (matchMedia("(hover: hover)").matches) input?.focus(); // on a phone, it opens the keyboard
  });
}

const lost = document.getElementById("lost");
const events = { sseError: false, sendError: false, sseOpen: true, sseClose: true };
for (const [name, hidden] of Object.entries(events)) {
  document.body.addEventListener(`htmx:${name}`, () => { lost.hidden = hidden; });
}
