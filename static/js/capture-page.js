// The page that captures: each photograph, voice, film or note is kept on this telephone at once (captures.js), then sent.
import { day, record } from "./capture.js";
import { install } from "./captures-banner.js";
import { account, ask, change, drop, keep, retry, send, waiting } from "./captures.js";
import { hour, say, size } from "./main.js";

const PAGE = "/capturer";
const SHOWN = 30; // characters of a note that name it

function download(file) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: file.name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const title = ({ name }) => name.replace(/\.\w+$/, "");

export default async function capturePage(box) {
  const part = (name) => box.querySelector(`[data-part="${name}"]`);
  let known = await account().catch(() => null);
  let answer = {}; // what the server said last: until it has, nothing is said of it
  let leaving = null;
  let isGoing = false;
  let isAsked = false;
  install();

  const taken = new Map(); // how often each name was given: two photographs of the same minute are told apart
  const named = (file, key) => {
    const name = say(box, key, { day: day(), hour: hour(new Date()) });
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    const place = times > 1 ? ` (${times})` : "";
    return new File([file], `${name}${place}.${file.name.split(".").pop()}`, { type: file.type });
  };

  async function add(files, more = {}) {
    part("error").textContent = "";
    const large = files.find((file) => file.size > known.limit);
    if (large) return fail(say(box, "large", { name: large.name, size: size(known.limit) }));
    navigator.storage?.persist?.();
    const capture = { owner: known.owner, dossier: part("dossier").value, at: Date.now(), ...more };
    if (!(await written(keep({ name: files[0].name, ...capture, files })))) return;
    part("live").textContent = say(box, "kept", { name: files[0].name });
    await show();
    go();
  }

  function fail(sentence) {
    part("error").textContent = sentence;
    part("error").scrollIntoView({ block: "nearest" });
  }

  // Whether this telephone had room for it; a capture that another window has sent meanwhile is not there to be changed.
  async function written(writing) {
    try {
      return { capture: await writing };
    } catch {
      return fail(say(box, "full"));
    }
  }

  async function put(capture, what) {
    if (await written(change(capture.id, (now) => ({ ...now, ...what })))) await show();
    go();
  }

  async function addPages(capture, pages) {
    part("error").textContent = "";
    const done = await written(change(capture.id, (now) => ({ ...now, files: [...now.files, ...pages] })));
    if (done && !done.capture) await add(pages, { isOpen: true });
    await show();
  }

  async function show() {
    const found = known ? await waiting(known.owner) : [];
    drawList(found.map(line));
    part("waiting").hidden = !found.length;
    const dossiers = known?.dossiers ?? [];
    part("ways").hidden = !dossiers.length;
    if ([...part("dossier").options].map((one) => one.value).join() !== dossiers.map((one) => one.id).join())
      part("dossier").replaceChildren(...dossiers.map((one) => new Option(one.title, one.id)));
    part("choice").hidden = dossiers.length < 2;
    part("state").textContent = say(box, stateOf(dossiers));
    part("back").hidden = stateOf(dossiers) !== "closed";
    part("login").hidden = !answer.out;
  }

  // A list that says the same stays. The keyboard stays where it was: on the same act of the same capture, else on its last act, else
  // where one captures.
  function drawList(lines) {
    const html = (nodes) => [...nodes].map((node) => node.outerHTML).join("");
    if (html(lines) === html(part("list").children)) return;
    const capture = document.activeElement.closest("[data-capture]")?.dataset.capture;
    const used = document.activeElement.dataset.line;
    part("list").replaceChildren(...lines);
    if (!capture) return;
    const acts = [...part("list").querySelectorAll(`[data-capture="${capture}"] [data-line]`)].filter((act) => act.checkVisibility());
    (acts.find((act) => act.dataset.line === used) ?? acts.findLast((act) => act.matches("button")) ?? part("photo")).focus();
  }

  function stateOf(dossiers) {
    if (answer.away || navigator.onLine === false) return known ? "away" : "unknown";
    if (answer.out) return known ? "out" : "signed-out";
    if (answer.owner) return dossiers.length ? "ready" : "closed";
    return "";
  }

  function line(capture) {
    const made = part("line").content.firstElementChild.cloneNode(true);
    const inside = (name) => made.querySelector(`[data-line="${name}"]`);
    const pages = capture.files.length;
    made.dataset.capture = capture.id;
    inside("name").textContent = title(capture);
    inside("size").textContent = size(capture.files.reduce((sum, file) => sum + file.size, 0));
    const key = capture.isOpen ? (pages > 1 ? "open-many" : "open") : leaving === capture.id ? "leaving" : "waits";
    inside("state").textContent = capture.fault
      ? say(box, `fault-${capture.fault}`) || capture.fault
      : say(box, key, { n: pages });
    const isOpen = known.dossiers.some((one) => one.id === capture.dossier);
    inside("choice").hidden = Boolean(capture.dossier) && (isOpen || !capture.fault || !known.dossiers.length);
    inside("dossier").append(...known.dossiers.map((one) => new Option(one.title, one.id)));
    inside("dossier").addEventListener("change", ({ target }) => put(capture, { dossier: target.value, fault: "" }));
    inside("more").hidden = !capture.isOpen;
    inside("end").hidden = !capture.isOpen;
    inside("again").hidden = !capture.fault || !isOpen;
    inside("save").hidden = !capture.fault;
    for (const name of ["end", "again", "save", "drop"])
      inside(name).querySelector(".vh").textContent = ` ${title(capture)}`;
    inside("page").addEventListener("change", ({ target }) => addPages(capture, [...target.files]));
    inside("end").addEventListener("click", () => put(capture, { isOpen: false }));
    inside("again").addEventListener("click", () => put(capture, { fault: "" }));
    inside("save").addEventListener("click", () => capture.files.forEach(download));
    inside("drop").addEventListener("click", async () => {
      if (!confirm(say(box, "sure", { name: title(capture) }))) return;
      await drop(capture.id);
      await show();
    });
    return made;
  }

  function arrived(capture, at) {
    const made = part("sent-line").content.firstElementChild.cloneNode(true);
    const link = made.querySelector("a");
    link.textContent = title(capture);
    link.href = at;
    part("sent").append(made);
    part("arrived").hidden = false;
    part("live").textContent = say(box, "arrived", { name: title(capture) });
  }

  // One at a time; what was captured meanwhile is sent next.
  async function go() {
    isAsked = true;
    if (isGoing) return;
    isGoing = true;
    try {
      while (isAsked) {
        isAsked = false;
        await goOnce();
      }
    } finally {
      isGoing = false;
    }
  }

  async function goOnce() {
    const said = await send(async (news) => {
      leaving = news.leaving?.id ?? null;
      if (news.arrived) arrived(news.arrived, news.at);
      await show();
    });
    leaving = null;
    answer = said.busy ? await ask() : said; // another window sends: who is there is to know all the same
    if (answer.owner) known = answer;
    else if (answer.out) known = await account();
    await show();
  }

  const take = (name, act) =>
    part(name).addEventListener("change", async ({ target }) => {
      const files = [...target.files];
      target.value = "";
      if (files.length) await act(files);
    });
  take("photo", async (files) => {
    for (const file of files) await add([named(file, "photo-name")]);
  });
  take("pages", (files) => add(files.map((file) => named(file, "pages-name")), { isOpen: true }));
  take("film", (files) => add([named(files[0], "film-name")]));
  take("file", async (files) => {
    for (const file of files) await add([file]);
  });
  record(box.querySelector("[data-voice]"), { add });
  part("note-keep").addEventListener("click", async () => {
    const text = part("note").value.trim();
    if (!text) return part("note").focus();
    const start = text.split("\n")[0].replace(/[^\p{L}\p{N} '’-]+/gu, " ").trim().slice(0, SHOWN);
    const name = say(box, "note-name", { day: day(), start });
    await add([new File([text], `${name}.txt`, { type: "text/plain" })]);
    part("note").value = "";
  });
  addEventListener("online", go);
  retry(() => known?.owner, go);
  addEventListener("offline", show);
  document.addEventListener("visibilitychange", () => document.hidden || go()); // another window may have sent, or somebody else signed in

  if (location.pathname !== PAGE) {
    part("elsewhere").hidden = false;
    part("retry").href = location.href;
  }
  const shared = new URLSearchParams(location.search).get("partage");
  if (shared === "plein") fail(say(box, "full"));
  else if (shared) part("live").textContent = say(box, shared === "0" ? "not-shared" : "shared", { n: shared });
  await show();
  await go();
}
