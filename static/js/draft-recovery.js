// Keeps in this browser what is typed in a long form, and offers it again when the server does not have it.
import { erase, keysUnder, placeOf, plain, read, same, sent, unfinished, write } from "./draft-storage.js";
import autosave from "./autosave.js";
import { dayOf, hour, say } from "./main.js";

const QUIET = 300;
const TYPED =
  "textarea, select, input:not([type=hidden], [type=file], [type=password], [type=submit], [type=button])";
const ASSENT = "sure"; // the box before an act that stands for ever is ticked by a hand, each time

// The fields of a form by their names: a group of boxes or of radios is one field, whose value is what is chosen.
function fieldsOf(form) {
  const groups = new Map();
  for (const field of form.querySelectorAll(TYPED)) {
    if (!field.name || field.name === ASSENT) continue;
    groups.set(field.name, [...(groups.get(field.name) ?? []), field]);
  }
  return [...groups.values()];
}

const isChoice = (field) => field.type === "checkbox" || field.type === "radio";
const chosenIn = (list, what) => [...list.options].filter((option) => option[what]);

function valueOf(group) {
  return group
    .flatMap((field) => {
      if (isChoice(field)) return field.checked ? [field.value] : [];
      return field.options ? chosenIn(field, "selected").map((option) => option.value) : [field.value];
    })
    .join(" ");
}

// What the server wrote in the page.
function initialOf(group) {
  return group
    .flatMap((field) => {
      if (isChoice(field)) return field.defaultChecked ? [field.value] : [];
      if (!field.options) return [field.defaultValue];
      const chosen = chosenIn(field, "defaultSelected");
      return (chosen.length || field.multiple ? chosen : [...field.options].slice(0, 1)).map(
        (option) => option.value,
      );
    })
    .join(" ");
}

function fill(group, value) {
  const chosen = value.split(" ");
  for (const field of group) {
    if (isChoice(field)) field.checked = chosen.includes(field.value);
    else if (field.multiple)
      for (const option of field.options) option.selected = chosen.includes(option.value);
    else if (!field.options || [...field.options].some((option) => option.value === value))
      field.value = value;
  }
  group[0].dispatchEvent(new Event("input", { bubbles: true }));
  group[0].dispatchEvent(new Event("change", { bubbles: true }));
}

// How a person reads a value: the words of a choice, not its code.
function wordsOf(group, value, box) {
  const chosen = value.split(" ");
  const label = (field) => field.labels[0]?.firstChild.textContent.trim() ?? "";
  if (isChoice(group[0]) && !group[0].closest("fieldset")) return value && say(box, "ticked");
  if (isChoice(group[0]))
    return group
      .filter((field) => chosen.includes(field.value))
      .map(label)
      .join(", ");
  if (group[0].options)
    return [...group[0].options]
      .filter((option) => (group[0].multiple ? chosen : [value]).includes(option.value))
      .map((option) => option.text)
      .join(", ");
  return value;
}

function titleOf(group) {
  const words = isChoice(group[0])
    ? group[0].closest("fieldset")?.querySelector("legend")
    : group[0].labels[0];
  return words?.firstChild.textContent.trim() ?? "";
}

export default function keep(form) {
  const box = form.querySelector("[data-draft]");
  const place = placeOf(new URL(form.getAttribute("action") ?? "", location).pathname);
  if (!box || !place) return;
  const fields = fieldsOf(form);
  const of = (read) => Object.fromEntries(fields.map((group) => [group[0].name, read(group)]));
  const values = () => of(valueOf);
  const key = place + Math.random().toString(36).slice(2); // one a page: two tabs do not write over each other
  let saved = form.hasAttribute("data-unsaved") ? null : of(initialOf); // what the server has; null when it refused
  const nonce = form.elements.nonce;
  const own = nonce?.value;
  let left = null; // what was sent with its nonce, and may have arrived: the same text sent again leads to the same record
  let timer;

  const tell = (name, blanks) => {
    box.querySelector("[data-draft-state]").textContent = name ? say(box, name, blanks) : "";
    box.querySelector("[data-draft-soon]").hidden = true;
  };
  const soon = () => {
    tell("");
    box.querySelector("[data-draft-soon]").hidden = false;
  };
  const isSaved = () => saved !== null && same(values(), saved);

  function note() {
    clearTimeout(timer);
    if (!form.isConnected) return; // its page gave way to the next one: what it held is told by that one
    if (isSaved()) erase(key);
    else if (!write(key, values(), left && same(values(), left.fields) ? left.nonce : undefined))
      tell("full");
  }

  function found(old) {
    const entry = read(old);
    if (!entry) return;
    if (!same(values(), entry.fields)) {
      const taken = () => {
        if (entry.nonce) left ??= { fields: entry.fields, nonce: entry.nonce };
        note();
      };
      return offer(form, box, fields, entry, { taken, dropped: () => erase(old) });
    }
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
    if (nonce) {
      // Changed since: another record, or what was changed would be lost without a word.
      if (left)
        nonce.value = same(values(), left.fields) ? left.nonce : own.slice(0, 50) + Date.now().toString(36);
      left = { fields: values(), nonce: nonce.value };
    }
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
  unfinished.add(() => {
    note();
    return true;
  });
  addEventListener("offline", () => tell("offline"));
  addEventListener("online", () => tell(""));

  if (form.hasAttribute("data-autosave")) {
    const texts = fields.filter(([field]) => !isChoice(field) && !field.options);
    const emptied = () => texts.some(([field]) => plain(saved?.[field.name]) && !plain(field.value));
    autosave(form, {
      box,
      early,
      values,
      isSaved,
      emptied,
      tell,
      soon,
      saved: (done) => {
        saved = done;
        note();
      },
    });
  }
}

// Shows a text that was found beside the one of the form, and exchanges them as often as one likes.
function offer(form, box, fields, entry, { taken, dropped }) {
  const panel = box.querySelector("template").content.firstElementChild.cloneNode(true);
  const part = (name) => panel.querySelector(`[data-draft-${name}]`);
  const other = { ...entry.fields };
  let inForm = false;

  function draw() {
    const date = new Date(entry.at);
    part("title").textContent = say(box, inForm ? "other" : "found");
    part("when").textContent = inForm ? say(box, "taken") : say(box, "when", { day: dayOf(date), hour: hour(date) });
    part("take").textContent = say(box, inForm ? "back" : "take");
    part("drop").hidden = inForm;
    part("texts").replaceChildren(...fields.filter((group) => differs(group)).map(shown));
  }

  const differs = (group) => group[0].name in other && !same(other, { [group[0].name]: valueOf(group) });

  function shown(group) {
    const label = document.createElement("strong");
    label.textContent = titleOf(group);
    const text = document.createElement("p");
    text.className = "typed kept__text";
    text.textContent = wordsOf(group, other[group[0].name], box) || say(box, "nothing");
    const one = document.createElement("div");
    one.append(label, text);
    return one;
  }

  part("take").addEventListener("click", () => {
    for (const group of fields.filter(differs)) {
      const { name } = group[0];
      const before = valueOf(group);
      fill(group, other[name]);
      other[name] = before;
    }
    inForm = !inForm;
    taken();
    dropped(); // after: the text is in the form, and kept with it
    draw();
  });
  part("drop").addEventListener("click", () => {
    dropped();
    panel.remove();
    fields[0][0].focus();
  });
  draw();
  form.prepend(panel);
}
