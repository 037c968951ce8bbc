// Keeps in this browser what is typed in a long form, and offers it again when the server does not have it.
import { erase, keysUnder, placeOf, plain, read, same, sent, unfinished, write } from "./kept.js";
import autosave from "./autosave.js";
import { hour, say } from "./main.js";

const QUIET = 300;
const TYPED = "textarea, input[type=text], input[type=date]";

export default function keep(form) {
  const box = form.querySelector("[data-kept]");
  const place = placeOf(new URL(form.getAttribute("action") ?? "", location).pathname);
  if (!box || !place) return;
  const fields = [...form.querySelectorAll(TYPED)];
  const of = (what) => Object.fromEntries(fields.map((field) => [field.name, field[what]]));
  const values = () => of("value");
  const key = place + Math.random().toString(36).slice(2); // one a page: two tabs do not write over each other
  let saved = form.hasAttribute("data-unsaved") ? null : of("defaultValue"); // what the server has; null when it refused
  let timer;

  const tell = (name, blanks) => {
    box.querySelector("[data-kept-state]").textContent = name ? say(box, name, blanks) : "";
    box.querySelector("[data-kept-soon]").hidden = true;
  };
  const soon = () => {
    tell("");
    box.querySelector("[data-kept-soon]").hidden = false;
  };
  const isSaved = () => saved !== null && same(values(), saved);

  function note() {
    clearTimeout(timer);
    if (!form.isConnected) return; // its page gave way to the next one: what it held is told by that one
    if (isSaved()) erase(key);
    else if (!write(key, values())) tell("full");
  }

  function found(old) {
    const entry = read(old);
    if (!entry) return;
    if (!same(entry.fields, values())) return offer(form, box, fields, entry, { taken: note, dropped: () => erase(old) });
    erase(old);
    if (!document.body.hasAttribute("data-refused")) return;
    saved = null; // the page answers a sending that was refused: what it shows is saved nowhere
    note();
  }

  for (const old of keysUnder(place)) found(old);
  const early = saved !== null && !isSaved(); // typed before this module came
  if (!isSaved()) note(); // the same, or refused
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(note, QUIET);
    if (!navigator.onLine) tell("offline");
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    note();
    sent([key]);
  });
  document.addEventListener("visibilitychange", note);
  addEventListener("pagehide", note);
  // Sent by upload.js, whose page gives way without being left: what it carried is saved.
  form.addEventListener("arrived", () => {
    saved = values();
    note();
  });
  unfinished.add(() => { note(); return true; });
  addEventListener("offline", () => tell("offline"));
  addEventListener("online", () => tell(""));

  if (form.hasAttribute("data-autosave")) {
    const emptied = () => fields.some((field) => plain(saved?.[field.name]) && !plain(field.value));
    autosave(form, { box, early, values, isSaved, emptied, tell, soon, saved: (done) => { saved = done; note(); } });
  }
}

// Shows a text that was found beside the one of the form, and exchanges them as often as one likes.
function offer(form, box, fields, entry, { taken, dropped }) {
  const panel = box.querySelector("template").content.firstElementChild.cloneNode(true);
  const part = (name) => panel.querySelector(`[data-kept-${name}]`);
  const other = { ...entry.fields };
  let inForm = false;

  function draw() {
    const date = new Date(entry.at);
    const day = date.toLocaleDateString("fr", { day: "numeric", month: "long" });
    part("title").textContent = say(box, inForm ? "other" : "found");
    part("when").textContent = inForm ? say(box, "taken") : say(box, "when", { day, hour: hour(date) });
    part("take").textContent = say(box, inForm ? "back" : "take");
    part("drop").hidden = inForm;
    part("texts").replaceChildren(...fields.filter((field) => !same(other, { [field.name]: field.value })).map(shown));
  }

  function shown(field) {
    const label = document.createElement("strong");
    label.textContent = form.querySelector(`label[for="${field.id}"]`)?.firstChild.textContent.trim() ?? "";
    const text = document.createElement("p");
    text.className = "typed kept__text";
    text.textContent = other[field.name] || say(box, "nothing");
    const one = document.createElement("div");
    one.append(label, text);
    return one;
  }

  part("take").addEventListener("click", () => {
    for (const field of fields) {
      [other[field.name], field.value] = [field.value, other[field.name] ?? field.value];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    inForm = !inForm;
    taken();
    dropped(); // after: the text is in the form, and kept with it
    draw();
  });
  part("drop").addEventListener("click", () => {
    dropped();
    panel.remove();
    fields[0].focus();
  });
  draw();
  form.prepend(panel);
}
