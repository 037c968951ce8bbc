// What was captured on this telephone and has not left yet: kept in IndexedDB, sent in order, each once.
// A capture belongs to the account that was known when it was made, and is sent under no other. The nonce of a capture is that of the form
// that carries it: sent again after a lost answer, it has one effect. Pages and the service worker use this module alike.
import { canPart, sendParts, Stopped } from "./resumable-upload.js";

const BASE = "acquis";
const LARGE = 4 * 1024 ** 2; // bytes: a larger file goes in parts
const AGAIN = 30_000; // ms until what waits is tried again: no event tells that a server is back
const PATIENCE = 15_000; // ms: a network that says nothing for so long is away
const LOCK = "acquis-captures"; // one sends, whatever the number of windows

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store(name, mode, act) {
  const opening = indexedDB.open(BASE, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("captures", { keyPath: "id", autoIncrement: true });
    opening.result.createObjectStore("account");
  };
  const base = await promised(opening);
  try {
    const transaction = base.transaction(name, mode, { durability: "strict" });
    const written = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const result = await promised(act(transaction.objectStore(name)));
    await written;
    return result;
  } finally {
    base.close();
  }
}

// The account known on this telephone: { owner, dossiers: [{ id, title, add, parts }], limit }; null before the first visit and after
// signing out.
export const account = async () => (await store("account", "readonly", (found) => found.get(0))) ?? null;
let isForgotten = false; // an answer still on its way tells it no more

export function forget() {
  isForgotten = true;
  return store("account", "readwrite", (found) => found.delete(0));
}

// A capture: { owner, dossier (empty until it is chosen), name, at, files, isOpen (pages are still added), fault (why the server refused it) }.
export const keep = (capture) =>
  store("captures", "readwrite", (found) => found.put({ nonce: crypto.randomUUID(), ...capture }));

// Changes a capture as it is now. Returns nothing when it is here no longer: another window sent or erased it.
export const change = (id, act) =>
  store("captures", "readwrite", (found) => {
    const asked = found.get(id);
    asked.addEventListener("success", () => asked.result && found.put(act(asked.result)));
    return asked;
  });
export const drop = (id) => store("captures", "readwrite", (found) => found.delete(id));

export async function waiting(owner) {
  const found = await store("captures", "readonly", (all) => all.getAll());
  return found.filter((capture) => capture.owner === owner);
}

// Asks who is there. { away: true } without an answer, { out: true } when nobody is signed in, else what the server says, kept.
export async function ask(address = "/capturer/dossiers") {
  try {
    const response = await fetch(address, {
      redirect: "manual",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.status >= 500) return { away: true };
    if (!response.ok || !response.headers.get("Content-Type")?.startsWith("application/json"))
      return { out: true };
    const { token, ...known } = await response.json();
    if (!isForgotten) await store("account", "readwrite", (found) => found.put(known, 0));
    return { token, ...known };
  } catch {
    return { away: true };
  }
}

const canLeave = (capture) => !capture.isOpen && !capture.fault && capture.dossier;

// Acts again and again while this page is looked at and something may leave.
export const retry = (owner, act) =>
  setInterval(async () => {
    if (!document.hidden && (await waiting(owner())).some(canLeave)) act();
  }, AGAIN);

// Sends what waits, the oldest first; `tell` hears each change. Returns what `ask` said.
export async function send(tell = () => {}) {
  if (navigator.onLine === false) return { away: true };
  const run = async (lock) => {
    if (lock === null) return { busy: true };
    const known = await ask();
    if (known.owner)
      for (const capture of (await waiting(known.owner)).filter(canLeave))
        if (!(await deliver(capture, known, tell))) break;
    return known;
  };
  return navigator.locks ? navigator.locks.request(LOCK, { ifAvailable: true }, run) : run();
}

// Whether the next one may follow: not when the server is away, or knows this account no longer.
async function deliver(capture, known, tell) {
  const dossier = known.dossiers.find((one) => one.id === capture.dossier);
  if (!dossier) return refuse(capture, "closed", tell);
  tell({ leaving: capture });
  try {
    const response = await fetch(dossier.add, {
      method: "POST",
      headers: { Accept: "text/html", "X-Requested-With": "upload" },
      body: await formOf(capture, dossier, known.token),
    });
    const led = response.headers.get("X-Location");
    if (led && new URL(led, location.href).pathname.startsWith("/dossiers/")) {
      await drop(capture.id);
      tell({ arrived: capture, at: led });
      return true;
    }
    if (response.status === 409 || response.status === 422)
      return refuse(capture, reasonIn(await response.text()), tell);
    if (response.status === 413) return refuse(capture, "large", tell);
  } catch (error) {
    if (error instanceof Stopped && [409, 422, -1].includes(error.status))
      return refuse(capture, error.sentence || (error.status === -1 ? "unreadable" : "other"), tell);
  }
  tell({ stopped: capture });
  return false;
}

async function refuse(capture, fault, tell) {
  await change(capture.id, (now) => ({ ...now, fault }));
  tell({ refused: capture });
  return true;
}

async function formOf(capture, dossier, token) {
  const body = new FormData();
  body.append("csrf_token", token);
  body.append("nonce", capture.nonce);
  const [only, ...others] = capture.files;
  if (others.length) body.append("joined", "y");
  else if (only.size > LARGE && canPart()) {
    const signal = new AbortController().signal;
    body.append("sent", await sendParts(only, dossier.parts, token, () => {}, signal));
    return body;
  }
  for (const file of capture.files) body.append("files", file, file.name);
  return body;
}

function reasonIn(page) {
  const said = new DOMParser().parseFromString(page, "text/html").querySelector(".field__error")?.textContent;
  return said?.replace(/\s+/g, " ").trim() || "other";
}
