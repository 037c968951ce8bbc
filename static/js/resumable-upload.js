// Sends a large file in parts, several in flight until the line is cut. What the server acknowledged is kept: after a cut, a reload,
// another day, the same file goes on from there. Parts begin small and grow where the line is quick, so that a cut costs little where
// it is slow; what has left is not thrown away for being slow, unless the part would take very long. Where the server gives
// presigned addresses, parts go straight to the S3, and through the server when the S3 cannot be reached.
const EDGE = 65536; // bytes of each end by which a file is known again
const AT_ONCE = 3;
const LEAST = 131072,
  FIRST = 262144; // bytes of a part: on a slow line, and at first
const QUICK = 1000,
  SLOW = 2500; // ms: a quicker part makes the next ones larger, a slower one makes them smaller
const TOO_LONG = 30000; // ms that a part still has to go for it to be cut into smaller ones on the way
const STALLED = 20000,
  UNKNOWN = 120000; // ms without news of a part, once the pace of the line is known, and before
const SOON = 500,
  LATE = 30000; // ms between two tries when nobody answers
const TRIES = 6; // when the server answers that it cannot

export class Stopped extends Error {
  constructor(status, sentence = "") {
    super(sentence);
    this.status = status;
    this.sentence = sentence;
  }
}

class TooSlow extends Error {}

export const canPart = () => Boolean(globalThis.crypto?.subtle);

const line = { part: FIRST, atOnce: AT_ONCE, rate: 0, reachesS3: true }; // what is known of the line, for the next files too

// `tell` hears { sent } in bytes, { waiting: true } when the network is gone, { resumed: bytes } when it goes on.
export async function sendParts(file, address, token, tell, signal) {
  const announced = { csrf_token: token, name: file.name, size: file.size, mark: await markOf(file) };
  let [pause, refusals, before, quiet] = [SOON, 0, -1, true];
  for (;;) {
    try {
      const state = await request("POST", address, form(announced), { signal });
      const here = file.size - state.missing.reduce((sum, [start, end]) => sum + end - start, 0);
      if (here > before) [pause, refusals, before] = [SOON, 0, here];
      if (here && quiet) tell({ resumed: here });
      quiet = true;
      await sendMissing(
        file,
        `${address}/${state.id}`,
        token,
        state,
        (sent) => tell({ sent: here + sent }),
        signal,
      );
      return state.id;
    } catch (error) {
      if (error instanceof TooSlow) {
        quiet = false;
        continue;
      }
      if (!(error instanceof Stopped) || signal.aborted) throw error;
      const isAway = error.status === 0 || (error.status >= 502 && error.status <= 504);
      const isFinal = !isAway && (error.status !== 409 || error.sentence !== ""); // a rule that says no explains itself
      if (isFinal || (error.status !== 0 && ++refusals >= TRIES)) throw error;
      if (error.status === 409) continue; // another window is further
      line.atOnce = 1; // where the line is cut, a part alone arrives sooner, and a cut costs one
      tell({ waiting: true });
      await rest(pause, signal);
      pause = Math.min(1.5 * pause, LATE);
    }
  }
}

// Several workers take parts of what is missing; the first that fails stops the others.
async function sendMissing(file, address, token, state, progress, signal) {
  const stop = new AbortController();
  const cancel = () => stop.abort();
  signal.addEventListener("abort", cancel, { once: true });
  const leaving = new Map();
  let done = 0;
  const told = () => progress(done + [...leaving.values()].reduce((sum, sent) => sum + sent, 0));
  const parts = line.reachesS3 && state.direct.length ? directParts(state) : partsThroughUs(state);

  async function work() {
    for (const part of parts) {
      if (stop.signal.aborted) return;
      const bytes = file.slice(part.start, part.end); // sent as a Blob: Chromium sends an ArrayBuffer 20 times slower
      const sha256 = await digest(await read(bytes));
      const options = { signal: stop.signal, sha256, canShrink: !state.fixed && bytes.size > LEAST };
      options.progress = (sent) => {
        leaving.set(part, sent);
        told();
      };
      const began = performance.now();
      if (part.direct) await sendDirect(address, token, part, bytes, options);
      else await sendThroughUs(address, token, part, bytes, options);
      measure(bytes.size, performance.now() - began, state.part);
      leaving.delete(part);
      done += bytes.size;
      told();
    }
  }

  try {
    await Promise.all(
      Array.from({ length: line.atOnce }, () =>
        work().catch((error) => {
          stop.abort();
          throw error;
        }),
      ),
    );
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

function* partsThroughUs(state) {
  for (let [start, end] of state.missing) {
    while (start < end) {
      const next = Math.min(end, start + (state.fixed ? state.part : Math.min(line.part, state.part)));
      yield { start, end: next };
      start = next;
    }
  }
}

function* directParts(state) {
  for (const part of state.direct) yield { ...part, direct: true };
}

async function sendThroughUs(address, token, part, bytes, options) {
  const headers = {
    "X-CSRFToken": token,
    "X-SHA256": options.sha256,
    "Content-Type": "application/octet-stream",
  };
  const answer = await request("POST", `${address}?place=${part.start}`, bytes, { ...options, headers });
  if (answer.status !== 200) throw new Stopped(answer.status === 422 ? 502 : 409); // altered on the way: it goes again
}

// The address takes the bytes of this digest only: a byte that changed on the way is refused by the S3.
async function sendDirect(address, token, part, bytes, options) {
  try {
    const asked = `${address}/adresse?place=${part.start}&sha256=${options.sha256}`;
    const ours = { "X-CSRFToken": token };
    const { url, checksum } = await request("POST", asked, null, { signal: options.signal, headers: ours });
    const headers = { "x-amz-checksum-sha256": checksum };
    await request("PUT", url, bytes, { ...options, headers, isJson: false });
  } catch (error) {
    if (error instanceof Stopped && !options.signal.aborted && navigator.onLine) line.reachesS3 = false;
    throw error instanceof Stopped && error.status ? new Stopped(0) : error;
  }
}

// The pace of the line, from a part that arrived: the next ones are what a second carries, at most eight times this one.
function measure(size, time, most) {
  line.rate = (size * line.atOnce) / Math.max(1, time);
  const carried = Math.floor(size * Math.min(8, QUICK / Math.max(1, time)));
  if (time < QUICK) line.part = Math.min(most, Math.max(line.part, carried));
  else if (time > SLOW) line.part = Math.max(LEAST, Math.floor((size * QUICK) / time));
}

function isTooLong(size, sent, time) {
  return (size - sent) * time > TOO_LONG * sent;
}

function slowDown(size, sent, time) {
  line.rate = (sent * line.atOnce) / time;
  line.part = Math.max(LEAST, Math.floor(Math.min(size / 2, (sent / time) * QUICK)));
}

async function markOf(file) {
  const ends = [file.slice(0, EDGE), file.slice(Math.max(0, file.size - EDGE))];
  return digest(await read(new Blob([`${file.size}\n${file.name}\n`, ...ends])));
}

async function read(blob) {
  try {
    return await blob.arrayBuffer();
  } catch {
    throw new Stopped(-1); // moved, erased, on a stick that was pulled out
  }
}

async function digest(bytes) {
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

function form(fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return body;
}

// XMLHttpRequest, for it says how much has left. An answer of ours that names the upload is returned with its status, whatever it is.
function request(
  method,
  address,
  body,
  { signal, headers = {}, progress = () => {}, canShrink = false, isJson = true },
) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Stopped(0));
    const xhr = new XMLHttpRequest();
    const size = body?.size ?? 0;
    const began = performance.now();
    let [heard, sent] = [began, 0];
    const fail = (error) => {
      reject(error);
      xhr.abort();
    };
    const stop = () => fail(new Stopped(0));
    const watch = setInterval(() => {
      const now = performance.now();
      if (canShrink && now - began > SLOW && isTooLong(size, sent, now - began)) {
        slowDown(size, sent, now - began);
        fail(new TooSlow());
      } else if (now - heard > (line.rate ? STALLED + (3 * size) / line.rate : UNKNOWN)) stop(); // a dead connection does not always say so
    }, 250);
    signal.addEventListener("abort", stop, { once: true });
    xhr.addEventListener("loadend", () => {
      clearInterval(watch);
      signal.removeEventListener("abort", stop);
    });
    xhr.upload.addEventListener("progress", (event) => {
      [heard, sent] = [performance.now(), event.loaded];
      progress(sent);
    });
    xhr.addEventListener("load", () => {
      const answer = isJson ? parsed(xhr.responseText) : {};
      if (isJson ? answer?.id : xhr.status < 300) return resolve({ ...answer, status: xhr.status });
      reject(new Stopped(xhr.status, answer?.sentence));
    });
    xhr.addEventListener("error", () => reject(new Stopped(0)));
    xhr.open(method, address);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.send(body);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// Until the network is back, or a while, or the person gives up.
export function rest(time, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, time);
    addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}
