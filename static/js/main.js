// Mounts the modules named by [data-module] on their elements. Every page works without them.
// What nearly every form needs is here, so that a page asks for few files: how a sentence is filled, one click, a warning before leaving.

// The French sentences live in the templates, as data-say-… attributes; here one only fills their blanks.
export function say(element, key, blanks = {}) {
  const sentence = element.getAttribute(`data-say-${key}`) ?? "";
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => blanks[name] ?? whole);
}

export const hour = (date) => `${date.getHours()}\u00a0h\u00a0${String(date.getMinutes()).padStart(2, "0")}`;

export function size(bytes) {
  const units = [[1024 ** 3, "Go"], [1024 ** 2, "Mo"], [1024, "ko"]];
  const [unit, name] = units.find(([floor]) => bytes >= floor) ?? [1, "octets"];
  return `${(bytes / unit).toLocaleString("fr", { maximumFractionDigits: unit > 1024 ? 1 : 0 })} ${name}`;
}

// One click, one effect. The server has the last word (one effect per form nonce); this spares people the doubt.
const REARM_AFTER = 20000; // an answer that never came, or a download: the page stays, so must the button

function once(form) {
  let sent = false;
  let pressed = null;
  let label = "";

  function rearm() {
    sent = false;
    if (!pressed) return;
    pressed.textContent = label;
    pressed.removeAttribute("aria-disabled");
    pressed = null;
  }

  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    sent = true;
    pressed = event.submitter ?? form.querySelector("button[type=submit]");
    if (pressed) {
      label = pressed.textContent;
      // aria-disabled, not disabled: a disabled button would lose the focus, and its name and value.
      pressed.setAttribute("aria-disabled", "true");
      if (pressed.dataset.busy) pressed.textContent = pressed.dataset.busy;
    }
    setTimeout(rearm, REARM_AFTER);
  });

  // Back to a page the browser kept whole: it must not be found with a dead button.
  addEventListener("pageshow", (event) => { if (event.persisted) rearm(); });
}

// Warns before a text that was typed is left behind. Only on forms that ask for it: a warning everywhere is read nowhere.
const typed = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]));

function leave(form) {
  const before = typed(form);
  const refused = form.hasAttribute("data-unsaved"); // came back with errors: what it holds is saved nowhere
  let sending = false;

  form.addEventListener("submit", (event) => { if (!event.defaultPrevented) sending = true; });
  addEventListener("pageshow", () => { sending = false; });
  addEventListener("beforeunload", (event) => {
    if (sending || !form.isConnected) return;
    if (refused || typed(form) !== before) event.preventDefault();
  });
}

// The map is fixed: an attribute never chooses which file is loaded.
export const modules = {
  countdown: () => import("./countdown.js"),
  counter: () => import("./counter.js"),
  fold: () => import("./fold.js"),
  keep: () => import("./keep.js"),
  kept: () => import("./kept.js"),
  leave: () => ({ default: leave }),
  once: () => ({ default: once }),
  page: () => import("./page.js"),
  pending: () => import("./pending.js"),
  reveal: () => import("./reveal.js"),
  seen: () => import("./seen.js"),
  summary: () => import("./summary.js"),
  tally: () => import("./tally.js"),
  upload: () => import("./upload.js"),
};

function mount(root) {
  for (const element of root.querySelectorAll("[data-module]")) {
    for (const name of element.dataset.module.split(" ")) {
      if (Object.hasOwn(modules, name)) Promise.resolve(modules[name]()).then((module) => module.default(element, mount));
    }
  }
}

// What was just done is said where it was done, when the page opens there and not at its top.
const done = document.querySelector("[data-done]");
const place = done && document.getElementById(location.hash.slice(1)); // :target may not be known yet
if (place) {
  (place.querySelector("h2, h3") ?? place).after(done);
  done.className = "";
  place.scrollIntoView({ behavior: "instant" });
}

mount(document);
