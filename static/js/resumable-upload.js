// Sends a large file in parts. What the server has acknowledged is on its disk: after a cut, a reload, another day, the same file
// goes on from there. The same rights, token and limits as the form; a browser that cannot hash sends everything at once.
const EDGE = 65536; // bytes of each end by which a file is known again
const SOON = 1000, LATE = 30000; // ms between two tries when nobody answers
const TRIES = 6; // when somebody answers that he cannot

export class Stopped extends Error {
  constructor(status, sentence = "") {
    super(sentence);
    this.status = status;
    this.sentence = sentence;
  }
}

export const canPart = () => Boolean(globalThis.crypto?.subtle);

// `tell` hears { sent } in bytes, { waiting: true } when the network is gone, { resumed: bytes } when it goes on.
export async function sendParts(file, address, token, tell, signal) {
  const mark = await markOf(file);
  let state = null;
  let refusals = 0;
  let pause = SOON;
  for (;;) {
    try {
      const waited = state === null;
      state ??= await ask(address, form({ csrf_token: token, name: file.name, size: file.size, mark }), {}, () => {}, signal);
      if (waited && state.received) tell({ resumed: state.received });
      while (state.received < file.size) {
        const place = state.received;
        const bytes = await read(file.slice(place, place + state.part));
        const headers = { "X-CSRFToken": token, "X-SHA256": await digest(bytes), "Content-Type": "application/octet-stream" };
        state = await ask(`${address}/${state.id}?place=${place}`, bytes, headers, (sent) => tell({ sent: place + sent }), signal);
        tell({ sent: state.received });
        if (state.received > place) [pause, refusals] = [SOON, 0];
        else if (++refusals >= TRIES) throw new Stopped(0);
      }
      return state.id;
    } catch (error) {
      if (!(error instanceof Stopped) || signal.aborted) throw error;
      const answered = error.status !== 0;
      if (answered && (error.status < 502 || error.status > 504 || ++refusals >= TRIES)) throw error;
      tell({ waiting: true });
      await rest(pause, signal);
      pause = Math.min(2 * pause, LATE);
      state = null; // ask again where it stopped
    }
  }
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
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function form(fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return body;
}

// XMLHttpRequest, for it says how much has left. 409 and 422 of a part say where to go on from.
function ask(address, body, headers, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    signal.addEventListener("abort", stop, { once: true });
    request.addEventListener("loadend", () => signal.removeEventListener("abort", stop));
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("load", () => {
      const answer = parsed(request.responseText);
      return answer?.id ? resolve(answer) : reject(new Stopped(request.status, answer?.sentence));
    });
    request.addEventListener("error", () => reject(new Stopped(0)));
    request.addEventListener("timeout", () => reject(new Stopped(0)));
    request.addEventListener("abort", () => reject(new Stopped(0)));
    request.timeout = 180000; // a dead connection does not always say so
    request.open("POST", address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(body);
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
