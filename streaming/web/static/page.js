// Shows a chat from its event stream, and sends messages to it.
//
// Each event says what it adds, so resuming at an offset loses and repeats nothing:
//   snapshot          everything before the events that follow: start from an empty page
//   question          a turn starts
//   text              partial text of one attempt of a model call
//   answer, failure   finish the turn; an answer replaces its partial text
//   status, ended     of the chat; not part of the stream

const RETRY_MS = 1000;
const REOPEN_MS = 3000;

const path = location.pathname;
const at = (id) => document.getElementById(id);
const scroller = at("scroll"), log = at("log"), form = at("composer"), input = at("text");
const turns = new Map(); // number: the elements of a turn
const pending = new Map(); // id: a message of this tab that no turn has taken yet

function element(tag, className, text, parent) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  parent.append(made);
  return made;
}

function keepEndInView(change) {
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  change();
  if (atEnd) scroller.scrollTop = scroller.scrollHeight;
}

function addMessage(who, text) {
  const message = element("article", `message ${who}`, "", log);
  element("span", "unseen", who === "user" ? "You: " : "Storyteller: ", message);
  return { message, text: element("div", "text", text, message) };
}

function startTurn({ turn, text, id }) {
  pending.get(id)?.remove();
  pending.delete(id);
  addMessage("user", text);
  const { message, text: body } = addMessage("agent", "");
  message.setAttribute("aria-busy", "true"); // a screen reader waits for the answer
  turns.set(turn, { message, body, calls: new Map() });
}

function addText({ turn, call, attempt, text }) {
  const { body, calls } = turns.get(turn);
  let part = calls.get(call);
  if (part && part.attempt < attempt) {
    const lost = element("del", "lost", part.shown.textContent, body);
    part.shown.replaceWith(lost);
    part = undefined;
  }
  if (!part) {
    if (attempt > 1) element("p", "attempt", `Attempt ${attempt}`, body);
    part = { attempt, shown: element("span", "partial", "", body) };
    calls.set(call, part);
  }
  part.shown.append(text);
}

function finishTurn({ turn, kind, text }) {
  const { message, body } = turns.get(turn);
  for (const partial of body.querySelectorAll(".partial, .attempt")) partial.remove();
  const failed = kind === "failure";
  element("span", failed ? "failure" : "answer", failed ? `Not answered: ${text}` : text, body);
  message.removeAttribute("aria-busy");
}

function restart({ turns: finished }) {
  turns.clear();
  log.replaceChildren(...pending.values());
  for (const turn of finished) {
    startTurn({ turn: turn.number, text: turn.question, id: turn.id });
    finishTurn({ turn: turn.number, kind: "answer", text: turn.answer });
  }
}

function notice(id, text) {
  at(id).textContent = text;
  at(id).hidden = !text;
}

function showStatus({ available, busy }) {
  at("send").disabled = busy;
  notice("status", available ? "" : "No worker answers. The chat continues when one is back.");
}

function showEnd() {
  for (const { message } of turns.values()) message.removeAttribute("aria-busy");
  const focused = document.activeElement;
  const isLost = [document.body, input, at("send"), at("end")].includes(focused); // hidden now
  for (const id of ["composer", "end", "status", "problem"]) at(id).hidden = true;
  at("ended").hidden = false;
  if (isLost) at("another").focus();
}

const handlers = {
  snapshot: restart, question: startTurn, text: addText, answer: finishTurn, failure: finishTurn,
  status: showStatus,
};

function listen() {
  const source = new EventSource(`${path}/events`);
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, ({ data }) => keepEndInView(() => handle(JSON.parse(data))));
  }
  source.addEventListener("ended", () => { source.close(); showEnd(); });
  source.addEventListener("error", () => {
    notice("status", "Connection lost. Reconnecting …");
    // A browser resumes after a lost connection, but not after an error status.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, REOPEN_MS);
  });
}

// Sends until there is a definite result. The key makes a resent message the same message.
async function post(action, body, key) {
  for (;;) {
    try {
      const response = await fetch(`${path}/${action}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": key },
        body: JSON.stringify(body),
      });
      if (response.ok) return "";
      const { error, message = "The message is invalid." } = (await response.json()).detail;
      if (error === "TurnFailed") return ""; // it is in the stream
      if (response.status < 500 && response.status !== 429) return message;
    } catch { /* the service is down, or its proxy answered */ }
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = input.value;
  if (!text.trim()) return;
  const key = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
  const { message } = addMessage("user waiting", text);
  pending.set(key, message);
  form.reset();
  notice("problem", "");
  scroller.scrollTop = scroller.scrollHeight;
  const problem = await post("messages", { text }, key);
  if (problem) {
    pending.get(key)?.remove();
    pending.delete(key);
    notice("problem", `Not sent: ${problem}`);
    input.value = [text, input.value].filter(Boolean).join(" ");
  }
});

at("end").addEventListener("click", async () => {
  at("end").disabled = true;
  await post("end", {}, "end");
});

listen();
