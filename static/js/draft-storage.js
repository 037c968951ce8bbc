// What was typed and is not saved yet, kept in this browser under a name that only its author's pages carry.
// A draft is removed when the server says that it is saved, and when its author logs out.
const ALL = "acquis:";
const SENT = "acquis-sent"; // what this tab has just sent, until the next page says how it went
const SAME_TRIP = 2000; // ms between a sending and the start of the page that answers it
const KEPT_FOR = 30 * 24 * 3600 * 1000; // a shared computer forgets those who never came back

const owner = () => document.body.dataset.owner ?? "";
export const plain = (text) => (text ?? "").normalize("NFC").replace(/\s+/g, " ").trim();

// Those who still have something to send before their author logs out; each answers whether it is sent.
export const unfinished = new Set();

// Two sets of typed fields are the same when the server, which tidies spaces, would store the same.
export const same = (one, other) =>
  Object.keys(other).every((name) => plain(one[name]) === plain(other[name]));

const own = () => owner() && `${ALL}${owner()}:`;

export const placeOf = (path) => owner() && `${own()}${path}:`;

export const keysUnder = (start) =>
  start ? Object.keys(localStorage).filter((key) => key.startsWith(start)) : [];

export function read(key) {
  try {
    const entry = JSON.parse(localStorage.getItem(key));
    return entry?.fields ? entry : null;
  } catch {
    return null;
  }
}

export function write(key, fields, nonce) {
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields, nonce }));
    return true;
  } catch {
    return false; // full, or closed by its owner's settings
  }
}

export const erase = (key) => localStorage.removeItem(key);

// These texts travel now: a redirection in answer will say that they arrived.
export const sent = (keys) => sessionStorage.setItem(SENT, JSON.stringify({ at: Date.now(), keys }));

function settle() {
  const travelled = JSON.parse(sessionStorage.getItem(SENT) ?? "null");
  sessionStorage.removeItem(SENT);
  const [trip] = performance.getEntriesByType("navigation");
  // A refusal, the login page and a failure answer without a redirection: then the texts stay.
  if (travelled && trip?.redirectCount && performance.timeOrigin - travelled.at < SAME_TRIP)
    travelled.keys.forEach(erase);
  for (const key of keysUnder(ALL)) if (!(read(key)?.at > Date.now() - KEPT_FOR)) erase(key);
}

// Before any form looks for its text.
try {
  settle();
} catch {
  /* a browser that keeps nothing: forms work as without this */
}

export default function kept() {
  let warned = false;

  async function leave(form) {
    const done = await Promise.all([...unfinished].map((finish) => finish()));
    if (!warned && done.includes(false)) {
      warned = true; // the form says why it is not saved; a second click logs out all the same
      return;
    }
    sent(keysUnder(own()));
    form.submit();
  }

  // A form that an ended session had stopped, sent again: the texts it carries are the kept ones.
  function resume(form) {
    const data = new FormData(form);
    const typed = Object.fromEntries([...data.keys()].map((name) => [name, data.getAll(name).join(" ")]));
    sent(
      keysUnder(placeOf(new URL(form.getAttribute("action"), location).pathname)).filter((key) =>
        same(typed, read(key)?.fields ?? { "": "?" }),
      ),
    );
  }

  document.addEventListener("submit", (event) => {
    if (event.target.hasAttribute("data-resumes")) resume(event.target);
    if (!event.target.hasAttribute("data-logout")) return;
    event.preventDefault();
    leave(event.target);
  });
}
