// What nearly every form needs, in one file so that a page asks for few: one click, a warning before leaving, a wait for the network, a password shown.
import { ANSWER_UNTIL, say } from "./main.js";

// One click, one effect. The server has the last word (one effect per form nonce); this spares people the doubt.
// Show that a button was pressed; return what gives it back its words.
function busy(button) {
  if (!button) return () => {};
  const label = button.textContent;
  // aria-disabled, not disabled: a disabled button would lose the focus, and its name and value.
  button.setAttribute("aria-disabled", "true");
  if (button.dataset.busy) button.textContent = button.dataset.busy;
  return () => {
    button.textContent = label;
    button.removeAttribute("aria-disabled");
  };
}

// Whether a form of this part is on its way, or waits for the network: replaced, it would never be sent.
export const isSending = (part) => part.querySelector("button[aria-disabled=true], .held") !== null;

function renew(nonce) {
  if (nonce) nonce.value = crypto.randomUUID?.() ?? `${Date.now()}${Math.random()}`;
}

export function once(form) {
  let sent = false;
  let free = () => {};

  function rearm() {
    sent = false;
    free();
    free = () => {};
  }

  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    sent = true;
    free = busy(event.submitter ?? form.querySelector("button[type=submit]"));
    setTimeout(rearm, ANSWER_UNTIL); // an answer that never came: the page stays, so must the button
  });

  // Back to a page the browser kept whole: it must not be found with a dead button, and what is changed there is another sending.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    rearm();
    form.addEventListener("input", () => renew(form.elements.nonce), { once: true });
  });
}

// Warns before a text that was typed is left behind. Only on forms that ask for it: a warning everywhere is read nowhere.
const typed = (form) =>
  JSON.stringify(
    [...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]),
  );

export function leave(form) {
  const before = typed(form);
  const refused = form.hasAttribute("data-unsaved"); // came back with errors: what it holds is saved nowhere
  let sending = false;

  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sending = true;
  });
  form.addEventListener("arrived", () => {
    sending = true;
  }); // sent by upload.js
  addEventListener("pageshow", () => {
    sending = false;
  });
  addEventListener("beforeunload", (event) => {
    if (sending || !form.isConnected) return;
    if (refused || typed(form) !== before) event.preventDefault();
  });
}

// A form is sent to a server that answers. Without a connection it waits here, with what was typed, and is sent once the network is back:
// the browser's own error page would take its place. A page that has just come needs no question.
const FRESH = 10000; // ms
const PATIENCE = 8000;
const AGAIN = 4000;
const RESTED = 3000; // nobody is taken away from a text while typing
let heard = 0; // when the server last answered, on the clock of the page
let held = null;
const cleared = new WeakSet();

// Told by what reads from the server by itself.
export function answered() {
  heard = performance.now();
}

export async function reachable() {
  if (!navigator.onLine) return false;
  try {
    const answer = await fetch("/static/img/favicon.svg", {
      method: "HEAD",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.status >= 502 && answer.status <= 504) return false; // something in between says that the server is silent
    answered();
    return true;
  } catch {
    return false;
  }
}

const carriesFiles = (form) =>
  form.querySelector("[data-upload]") &&
  [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);

function release() {
  held?.note.remove();
  held = null;
}

function leaveNow(form, submitter) {
  release();
  cleared.add(form);
  form.requestSubmit(form.contains(submitter) ? submitter : null);
}

function hold(form, submitter) {
  release();
  const note = document.createElement("p");
  note.className = "held";
  note.setAttribute("role", "alert");
  (submitter?.closest(".actions") ?? submitter ?? form.lastElementChild).after(note);
  note.textContent = say(document.body, "held");
  note.scrollIntoView({ block: "nearest" });
  held = { form, submitter, note, typed: 0 };
}

async function retry() {
  if (held && Date.now() - held.typed > RESTED && (await reachable()) && held?.form.isConnected)
    leaveNow(held.form, held.submitter);
}

async function depart(event) {
  const { target: form, submitter } = event;
  if (
    event.defaultPrevented ||
    form.getAttribute("method") !== "post" ||
    cleared.delete(form) ||
    carriesFiles(form)
  )
    return;
  if (navigator.onLine && performance.now() - heard < FRESH) return release();
  event.preventDefault();
  event.stopImmediatePropagation();
  if ("asking" in form.dataset) return;
  form.dataset.asking = "";
  const free = busy(submitter);
  const there = await reachable();
  free();
  delete form.dataset.asking;
  if (there) leaveNow(form, submitter);
  else hold(form, submitter);
}

addEventListener("submit", depart, { capture: true });
addEventListener("input", () => {
  if (held) held.typed = Date.now();
});
addEventListener("online", () => setTimeout(retry, RESTED / 10));
addEventListener("beforeunload", (event) => {
  if (held?.form.isConnected) event.preventDefault();
});
setInterval(retry, AGAIN);

// Lets people read the password they type: on a phone, most wrong passwords are slips of the thumb.
export function reveal(box) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--second";
  button.setAttribute("aria-controls", input.id);

  function show(seen) {
    input.type = seen ? "text" : "password";
    button.textContent = say(box, seen ? "hide" : "show");
    button.setAttribute("aria-label", say(box, seen ? "hide-long" : "show-long"));
  }

  button.addEventListener("click", () => show(input.type === "password"));
  // Hidden again before it is sent: a browser must not keep it among the texts typed before.
  input.form?.addEventListener("submit", () => show(false));
  show(false);
  box.append(button);
}
