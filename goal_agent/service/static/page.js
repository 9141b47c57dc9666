// What HTML cannot say by itself: what has not changed stays, the end stays in sight.

const log = document.getElementById("log");
const toEnd = () => { log.scrollTop = log.scrollHeight; };

// The server sends the whole log each time. What is there already is left alone, so that a screen
// reader reads only what is new, and what is marked or focused stays so.
htmx.defineExtension("keep", {
  isInlineSwap: (style) => style === "keep",
  handleSwap(style, target, fragment) {
    if (style !== "keep") return false;
    const old = [...target.children];
    const fresh = [...fragment.children];
    let same = 0;
    while (same < old.length && same < fresh.length && old[same].isEqualNode(fresh[same])) same++;
    const atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 80;
    const focused = target !== document.activeElement && target.contains(document.activeElement);
    old.slice(same).forEach((node) => node.remove());
    target.append(...fresh.slice(same));
    if (atEnd) toEnd();
    // A button that was pressed is gone with its card: the keyboard goes on from the input. Not on
    // a phone, where that would open the keyboard.
    const gone = focused && !target.contains(document.activeElement);
    if (gone && matchMedia("(hover: hover)").matches) document.getElementById("text")?.focus();
    return fresh.slice(same);
  },
});

const text = document.getElementById("text");
const say = document.getElementById("say");
const grow = () => { text.style.height = "auto"; text.style.height = `${text.scrollHeight}px`; };

text?.addEventListener("input", grow);

// The input is empty at once, and has its text again if that was not taken.
let sent = "";
say?.addEventListener("htmx:beforeSend", () => { sent = text.value; text.value = ""; grow(); toEnd(); });
say?.addEventListener("htmx:afterRequest", (event) => {
  if (event.target !== say || event.detail.successful) return;
  text.value = sent + (text.value && `\n${text.value}`);
  grow();
});

const lost = document.getElementById("lost");
for (const [name, hidden] of [["htmx:sseError", false], ["htmx:sendError", false], ["htmx:sseOpen", true], ["htmx:sseClose", true]]) {
  document.body.addEventListener(name, () => { lost.hidden = hidden; });
}
toEnd();
