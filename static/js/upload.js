// Sends a form with files and says how it goes. Without this module the form is sent in the ordinary way.
// Large files go first, in parts (parts.js), then the form with what is left of them: their identities.
// The answer takes the place of the page, as an ordinary answer would, so that a message shown once is not spent unseen.
import { canPart, rest, sendParts, Stopped } from "./parts.js";
import { say, size } from "./main.js";

const TELL_EVERY = 25; // percent: enough for the ear
const LARGE = 4 * 1024 ** 2; // bytes: a smaller file is lost and sent again in a moment

export default function upload(form, mount) {
  const box = form.querySelector("[data-upload]");
  if (!box) return;
  const part = (name) => box.querySelector(`[data-upload-${name}]`);
  const bar = box.querySelector("progress");
  let flight = null; // what stops the sending under way
  const arrived = new Map(); // the files that came in parts and the form has yet to take: identities by File
  let pressed = null; // the button, kept for a new try: its name and value are part of the form

  const inputs = () => [...form.querySelectorAll("input[type=file]")];
  const files = () => inputs().flatMap((input) => [...input.files]);
  const inParts = (file) => box.dataset.parts && canPart() && file.size > LARGE;

  function tell(sentence) {
    part("error").textContent = sentence;
    if (sentence) part("error").scrollIntoView({ block: "nearest" });
  }

  // One of several holds the others back: whoever chose them must not think that they went.
  const among = () => (files().length > 1 ? say(box, "among") : "");

  // The limit is checked here before a long sending, and again by the server, which decides.
  function refusal() {
    const limit = Number(box.dataset.limit);
    const large = files().find((file) => file.size > limit);
    if (large) return `${say(box, "large", { name: large.name, size: size(large.size) })} ${among()}`.trim();
    const blank = files().find((file) => file.size === 0);
    return blank ? `${say(box, "blank", { name: blank.name })} ${among()}`.trim() : "";
  }

  function hear(sentence) {
    part("state").textContent = sentence;
    part("live").textContent = sentence;
  }

  // How fast it goes is counted from where it was last resumed.
  function pace(total) {
    let from = { at: Date.now(), sent: 0 };
    return {
      restart: (sent) => { from = { at: Date.now(), sent }; },
      progress(sent) {
        const percent = Math.floor((100 * sent) / total);
        const told = Math.floor(percent / TELL_EVERY) > Math.floor(bar.value / TELL_EVERY);
        bar.value = percent;
        const seconds = ((Date.now() - from.at) / 1000 / Math.max(1, sent - from.sent)) * (total - sent);
        const minutes = Math.round(seconds / 60);
        const time = minutes > 1 ? say(box, "minutes", { n: minutes }) : say(box, minutes === 1 ? "minute" : "second");
        const sentence = say(box, "sending", { percent });
        part("state").textContent = percent < 100 ? `${sentence}, ${say(box, "left", { time })}` : say(box, "checking");
        part("cancel").hidden = percent >= 100; // too late: the server has it all
        if (told) part("live").textContent = percent < 100 ? sentence : say(box, "checking");
      },
    };
  }

  function end() {
    flight = null;
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("button[type=submit]")) button.removeAttribute("aria-disabled");
    part("cancel").hidden = true;
  }

  function answered(xhr) {
    end();
    const page = xhr.getResponseHeader("Content-Type")?.startsWith("text/html")
      ? new DOMParser().parseFromString(xhr.responseText, "text/html") : null;
    // Led elsewhere: it was taken, and so were the texts beside it.
    if (xhr.status < 400 && xhr.responseURL !== new URL(form.getAttribute("action") ?? "", location).href) form.dispatchEvent(new Event("arrived"));
    // A page of error that is not the form again would take its place, with what was typed and chosen in it.
    const sentence = xhr.status < 400 || page?.querySelector("[data-upload]") ? "" : say(box, String(xhr.status));
    if (page?.querySelector("main") && !sentence) return show(page, xhr.responseURL, mount);
    part("panel").hidden = true;
    tell(sentence || say(box, "other"));
  }

  function stopped(key, sentence = "", blanks = {}) {
    end();
    hear("");
    part("retry").hidden = key === "cancelled";
    part("panel").hidden = key === "cancelled";
    tell(sentence || say(box, key, blanks) || say(box, "other"));
  }

  // The file inputs give way to the identities of what came in parts; small files still go with the form.
  function whole() {
    const body = new FormData(form, pressed);
    for (const input of inputs()) {
      body.delete(input.name);
      for (const file of input.files) if (!arrived.has(file)) body.append(input.name, file);
    }
    for (const file of files()) if (arrived.has(file)) body.append("sent", arrived.get(file));
    return body;
  }

  async function sendLarge(large, signal) {
    const total = large.reduce((sum, file) => sum + file.size, 0);
    const going = pace(total);
    let before = 0;
    for (const file of large.filter((one) => !arrived.has(one))) {
      part("name").textContent = file.name;
      const id = await sendParts(file, box.dataset.parts, form.elements.csrf_token.value, (news) => {
        if (news.waiting) return hear(say(box, "waiting"));
        if (news.resumed === undefined) return going.progress(before + news.sent);
        going.restart(before + news.resumed);
        hear(say(box, "resumed", { percent: Math.floor((100 * (before + news.resumed)) / total) }));
      }, signal);
      arrived.set(file, id);
      before += file.size;
    }
  }

  function sendForm(total, signal, again) {
    const xhr = new XMLHttpRequest();
    const going = pace(total);
    if (total) xhr.upload.addEventListener("progress", (event) => event.lengthComputable && going.progress((event.loaded * total) / event.total));
    xhr.addEventListener("load", () => answered(xhr));
    xhr.addEventListener("error", again);
    xhr.addEventListener("abort", () => stopped("cancelled"));
    signal.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.open("POST", new URL(form.getAttribute("action") ?? "", location));
    xhr.setRequestHeader("Accept", "text/html");
    xhr.send(whole());
  }

  // Its nonce gives the form one effect, and its answer again: it may be sent until someone answers.
  function sendUntilAnswered(signal) {
    hear(say(box, "checking"));
    sendForm(0, signal, async () => {
      hear(say(box, "waiting"));
      await rest(5000, signal);
      return signal.aborted ? stopped("cancelled") : sendUntilAnswered(signal);
    });
  }

  async function send() {
    if (flight) return;
    flight = new AbortController();
    const { signal } = flight;
    bar.value = 0;
    tell("");
    hear("");
    part("name").textContent = files().map((file) => file.name).join(", ");
    part("retry").hidden = true;
    part("cancel").hidden = false;
    part("panel").hidden = false;
    form.setAttribute("aria-busy", "true");
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
    const large = files().filter(inParts);
    try {
      await sendLarge(large, signal);
      if (large.length) return sendUntilAnswered(signal);
      sendForm(files().reduce((sum, file) => sum + file.size, 0), signal, () => stopped("lost"));
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      if (signal.aborted) return stopped("cancelled");
      const name = part("name").textContent;
      stopped({ 0: "lost", "-1": "unreadable" }[error.status] ?? String(error.status), error.sentence, { name });
    }
  }

  form.addEventListener("submit", (event) => {
    if (flight) return event.preventDefault();
    if (!files().length) return; // nothing long to send: the ordinary way does it
    event.preventDefault();
    const sentence = refusal();
    pressed = event.submitter;
    return sentence ? tell(sentence) : send();
  });
  form.addEventListener("change", () => tell(refusal()));
  part("cancel").addEventListener("click", () => flight?.abort());
  part("retry").addEventListener("click", send);
  // Leaving stops the sending: the browser asks first.
  addEventListener("beforeunload", (event) => { if (flight) event.preventDefault(); });
}

function show(page, url, mount) {
  document.title = page.title;
  document.body.replaceWith(page.body);
  // In the place of the form: Back must not lead to a form already sent.
  if (url) history.replaceState(null, "", url);
  scrollTo(0, 0);
  document.getElementById("contenu")?.focus({ preventScroll: true });
  mount(document.body);
}
