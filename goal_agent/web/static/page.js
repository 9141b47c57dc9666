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

// A decided card disappears, and the focus with it. On a phone, focus would open the keyboard.
log.addEventListener("htmx:afterRequest", () => {
  if (matchMedia("(hover: hover)").matches) input?.focus();
});

const lost = document.getElementById("lost");
const events = { sseError: false, sendError: false, sseOpen: true, sseClose: true };
for (const [name, hidden] of Object.entries(events)) {
  document.body.addEventListener(`htmx:${name}`, () => { lost.hidden = hidden; });
}
