// Saves a form while its author rests, by the same address and the same rules as its button.
import { unfinished } from "./draft-storage.js";
import { hour } from "./main.js";

const QUIET = 5000;
const LIGHT = 60000; // characters: what a browser still carries for a page that is being closed

export default function autosave(form, text) {
  const part = (name) => text.box.querySelector(`[data-draft-${name}]`);
  let timer;
  let flight = null;
  let stopped = false; // a conflict waits for its author, or the form itself has left

  function answered({ status, headers }, values) {
    part("compare").hidden = status !== 409;
    part("login").hidden = status !== 404;
    if (status === 204) {
      form.elements.revision.value = headers.get("X-Revision");
      text.saved(values);
      return text.tell(headers.has("X-Unreadable") ? "unreadable" : "saved", { hour: hour(new Date()) });
    }
    stopped = status === 409;
    text.tell({ 404: "ended", 409: "conflict", 413: "refused", 422: "refused" }[status] ?? "later");
  }

  async function send() {
    const values = text.values();
    const light = Object.values(values).join("").length < LIGHT;
    try {
      const answer = await fetch(new URL(form.getAttribute("action") ?? "", location), {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "autosave" },
        redirect: "manual",
        keepalive: light,
      });
      answered(answer, values);
      return answer.status === 204;
    } catch {
      text.tell(navigator.onLine ? "later" : "offline");
      return false;
    }
  }

  function save() {
    clearTimeout(timer);
    if (text.isSaved()) {
      part("soon").hidden = true; // typed, then typed back
      return true;
    }
    if (stopped) return false;
    if (text.emptied()) return text.tell("emptied") ?? false; // a slip of the hand must not erase by itself what was saved
    flight ??= send().finally(() => {
      flight = null;
    });
    return flight;
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, QUIET);
    if (navigator.onLine && !stopped && !text.isSaved()) text.soon();
  });
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget?.form !== form) save();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) save();
  });
  addEventListener("online", save);
  addEventListener("pageshow", () => {
    stopped = false;
  });
  // Before the others who listen: while a saving is under way, the form waits, or it would disagree with itself.
  form.addEventListener(
    "submit",
    (event) => {
      clearTimeout(timer);
      stopped = !flight;
      if (!flight) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      flight.finally(() => form.requestSubmit(event.submitter));
    },
    { capture: true },
  );
  unfinished.add(save);
  if (text.early) timer = setTimeout(save, QUIET);
}
