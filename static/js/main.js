// Mounts the modules named by [data-module] on their elements. Every page works without them.
// What several modules need is here too: how a sentence, an hour and a size are written.

// The French sentences live in the templates, as data-say-… attributes; here one only fills their blanks.
export function say(element, key, blanks = {}) {
  const sentence = element.getAttribute(`data-say-${key}`) ?? "";
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => blanks[name] ?? whole);
}

// « 1er mars », with the year when it is asked for.
export const dayOf = (date, more = {}) =>
  date.toLocaleDateString("fr-FR", { day: "numeric", month: "long", ...more }).replace(/^1 /, "1er ");

export const hour = (date) => `${date.getHours()}\u00a0h\u00a0${String(date.getMinutes()).padStart(2, "0")}`;

// The same as the filter `size` of portfolio/web/filters.py: « 850 ko », « 12,4 Mo ».
export function size(bytes) {
  if (bytes < 1000) return `${bytes}\u00a0octet${bytes > 1 ? "s" : ""}`;
  const units = [
    ["ko", 1e3],
    ["Mo", 1e6],
    ["Go", 1e9],
  ];
  const rounded = (amount, step) => Math.floor((amount + step / 2) / step);
  const [name, step] = units.find(([unit, one]) => rounded(bytes, one) < 1000 || unit === "Go");
  const tenths = rounded(bytes * 10, step);
  const shown = tenths >= 1000 ? rounded(bytes, step) : String(tenths / 10).replace(".", ",");
  return `${shown}\u00a0${name}`;
}

// The map is fixed: an attribute never chooses which file is loaded.
export const modules = {
  "capture-page": () => import("./capture-page.js"),
  "captures-banner": () => import("./captures-banner.js"),
  "claim-place": () => import("./claim-place.js"),
  rehearsal: () => import("./rehearsal.js"),
  countdown: () => import("./countdown.js"),
  copy: () => import("./copy.js"),
  "character-count": () => import("./character-count.js"),
  "collapse-on-narrow": () => import("./collapse-on-narrow.js"),
  "draft-recovery": () => import("./draft-recovery.js"),
  "draft-storage": () => import("./draft-storage.js"),
  "unsaved-warning": () => import("./forms.js").then(({ leave }) => ({ default: leave })),
  "submit-once": () => import("./forms.js").then(({ once }) => ({ default: once })),
  "live-region": () => import("./live-region.js"),
  "grid-paste": () => import("./grid-paste.js"),
  "format-buttons": () => import("./format-buttons.js"),
  "file-digest": () => import("./file-digest.js"),
  order: () => import("./order.js"),
  "page-masks": () => import("./page-masks.js"),
  "page-image": () => import("./page-image.js"),
  "page-viewer": () => import("./page-viewer.js"),
  "poll-page-image": () => import("./poll-page-image.js"),
  "poll-section": () => import("./poll-section.js"),
  passkey: () => import("./passkey.js"),
  player: () => import("./player.js"),
  "reading-progress": () => import("./reading-progress.js"),
  "password-toggle": () => import("./forms.js").then(({ reveal }) => ({ default: reveal })),
  "mark-as-read": () => import("./mark-as-read.js"),
  speech: () => import("./speech.js"),
  conversation: () => import("./conversation.js"),
  summary: () => import("./summary.js"),
  "doubt-checklist": () => import("./doubt-checklist.js"),
  upload: () => import("./upload.js"),
};

function mount(root) {
  for (const element of root.querySelectorAll("[data-module]")) {
    for (const name of element.dataset.module.split(" ")) {
      if (Object.hasOwn(modules, name))
        Promise.resolve(modules[name]()).then((module) => module.default(element, mount));
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

// A page that has not come after a moment: a line says that it is on its way, also where the browser shows none.
const SIGN_AFTER = 300;
const SIGN_UNTIL = 10000; // no page comes in the place of this one for a download
export const ANSWER_UNTIL = 60000; // what is sent once is answered by a page, were it the deposit of a thousand pieces
const { dataset } = document.documentElement;
let sign = 0;

function stay() {
  clearTimeout(sign);
  delete dataset.leaving;
}

function leaving(until = SIGN_UNTIL) {
  stay();
  sign = setTimeout(() => {
    dataset.leaving = "";
    sign = setTimeout(stay, until);
  }, SIGN_AFTER);
}

addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  const isAside = event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented;
  if (!link || isAside || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname + link.search !== location.pathname + location.search) leaving();
});
addEventListener("submit", (event) => {
  if (!event.defaultPrevented) leaving(event.target.matches("[data-module~=submit-once]") ? ANSWER_UNTIL : SIGN_UNTIL);
});
addEventListener("pageshow", stay);

mount(document);
