// Sends a form with files and says how it goes. Without this module the form is sent in the ordinary way.
// Large files go first, in parts (parts.js), then the form with what is left of them: their identities.
// When it was taken, the browser goes where the server leads, as after an ordinary form; the form shown again takes the place of this one.
import capture from "./capture.js";
import chosen from "./chosen.js";
import { reachable } from "./forms.js";
import { say, size } from "./main.js";
import { canPart, rest, sendParts, Stopped } from "./resumable-upload.js";

const TELL_EVERY = 25; // percent: enough for the ear
const LARGE = 4 * 1024 ** 2; // bytes: a smaller file is lost and sent again in a moment
const PAUSE = 5000; // ms between two tries while the server does not answer
const TRIES = 3; // when it answers other questions, and not this form

export default function upload(form, mount) {
  const box = form.querySelector("[data-upload]");
  if (!box) return;
  const part = (name) => box.querySelector(`[data-upload-${name}]`);
  const bar = box.querySelector("progress");
  let flight = null; // what stops the sending under way
  const arrived = new Map(); // the files that came in parts and the form has yet to take: identities by File
  let current = null; // the large file on its way
  let pressed = null; // the button, kept for a new try: its name and value are part of the form

  const input = form.querySelector("input[type=file]:not([capture])");
  const choice = chosen(box, input, () => flight !== null, takeOut);
  const { files } = choice;
  const inParts = (file) => box.dataset.parts && canPart() && file.size > LARGE && !choice.isJoined(file);
  let goesOn = false; // stopped for a file that is taken out: the others go on
  if (input.multiple) capture(box, choice);

  function takeOut() {
    if (bar.value >= 100) return false; // the server has it all
    goesOn = true;
    flight.abort();
    return true;
  }

  function tell(sentence) {
    part("error").textContent = sentence;
    if (sentence) part("error").scrollIntoView({ block: "nearest" });
  }

  function hear(sentence) {
    part("state").textContent = sentence;
    part("live").textContent = sentence;
  }

  // How fast it goes is counted from where it was last resumed.
  function pace(total) {
    let from = { at: Date.now(), sent: 0 };
    return {
      restart: (sent) => {
        from = { at: Date.now(), sent };
      },
      progress(sent) {
        const percent = Math.floor((100 * sent) / total);
        const told = Math.floor(percent / TELL_EVERY) > Math.floor(bar.value / TELL_EVERY);
        bar.value = percent;
        const seconds = ((Date.now() - from.at) / 1000 / Math.max(1, sent - from.sent)) * (total - sent);
        const minutes = Math.round(seconds / 60);
        const time =
          minutes > 1 ? say(box, "minutes", { n: minutes }) : say(box, minutes === 1 ? "minute" : "second");
        const sentence = say(box, "sending", { percent });
        part("state").textContent =
          percent < 100 ? `${sentence}, ${say(box, "left", { time })}` : say(box, "checking");
        part("cancel").hidden = percent >= 100; // too late: the server has it all
        if (told) part("live").textContent = percent < 100 ? sentence : say(box, "checking");
      },
    };
  }

  function end() {
    flight = null;
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("button[type=submit]"))
      button.removeAttribute("aria-disabled");
    part("cancel").hidden = true;
  }

  function answered(xhr) {
    end();
    const action = new URL(form.getAttribute("action") ?? "", location).href;
    const led =
      xhr.getResponseHeader("X-Location") ??
      (xhr.status < 400 && xhr.responseURL !== action ? xhr.responseURL : null);
    if (led) {
      form.dispatchEvent(new Event("arrived")); // it was taken, and so were the texts beside it
      return visit(led);
    }
    const page = xhr.getResponseHeader("Content-Type")?.startsWith("text/html")
      ? new DOMParser().parseFromString(xhr.responseText, "text/html")
      : null;
    // A page of error that is not the form again would take its place, with what was typed and chosen in it.
    const sentence =
      xhr.status < 400 || page?.querySelector("[data-upload]") ? "" : say(box, String(xhr.status));
    if (page?.querySelector("main") && !sentence)
      return show(page, input.name, untouched(page, xhr.status), mount);
    part("panel").hidden = true;
    tell(sentence || say(box, "other"));
  }

  // The files that the form shown again says nothing about were not looked at; those that the store could not take,
  // or that the dossier has already, are chosen still.
  function untouched(page, status) {
    const field = page.querySelector(`input[type=file][name="${input.name}"]`)?.closest(".field");
    const reasons = field?.querySelector(".field__error")?.textContent;
    if (!reasons) return files();
    return status < 500 && status !== 409
      ? []
      : files().filter((file) => files().length === 1 || reasons.includes(file.name));
  }

  function stopped(key, sentence = "") {
    end();
    hear("");
    if (goesOn && files().length) {
      goesOn = false;
      return void send();
    }
    goesOn = false;
    part("retry").hidden = key === "cancelled";
    part("panel").hidden = key === "cancelled";
    tell(sentence || say(box, key) || say(box, "other"));
  }

  // A file was set apart on the way: what was sent stays, and the others wait for the button.
  function paused() {
    end();
    part("panel").hidden = true;
    choice.tell();
  }

  // The file inputs give way to the identities of what came in parts; small files still go with the form.
  function whole() {
    const body = new FormData(form, pressed);
    body.delete(input.name);
    for (const file of files()) if (!arrived.has(file)) body.append(input.name, file);
    for (const file of files()) if (arrived.has(file)) body.append("sent", arrived.get(file));
    return body;
  }

  async function sendLarge(large, signal) {
    const total = large.reduce((sum, file) => sum + file.size, 0);
    const going = pace(total);
    let before = 0;
    for (const file of large.filter((one) => !arrived.has(one))) {
      part("name").textContent = file.name;
      current = file;
      const id = await sendParts(
        file,
        box.dataset.parts,
        form.elements.csrf_token.value,
        (news) => {
          if (news.waiting) return hear(say(box, "waiting"));
          if (news.resumed === undefined) return going.progress(before + news.sent);
          going.restart(before + news.resumed);
          hear(say(box, "resumed", { percent: Math.floor((100 * (before + news.resumed)) / total) }));
        },
        signal,
      );
      arrived.set(file, id);
      before += file.size;
    }
  }

  function sendForm(total, signal, again) {
    const xhr = new XMLHttpRequest();
    const going = pace(total);
    if (total)
      xhr.upload.addEventListener(
        "progress",
        (event) => event.lengthComputable && going.progress((event.loaded * total) / event.total),
      );
    xhr.addEventListener("load", () => answered(xhr));
    xhr.addEventListener("error", again);
    xhr.addEventListener("abort", () => stopped("cancelled"));
    signal.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.open("POST", new URL(form.getAttribute("action") ?? "", location));
    xhr.setRequestHeader("Accept", "text/html");
    xhr.setRequestHeader("X-Requested-With", "upload");
    xhr.send(whole());
  }

  // Its nonce gives the form one effect, and its answer again: it may be sent until someone answers.
  function sendUntilAnswered(total, signal, tries = 1) {
    if (!total) hear(say(box, "checking"));
    sendForm(total, signal, async () => {
      if (!(await choice.check())) return paused();
      if (await reachable()) {
        if (tries >= TRIES) return stopped("other");
      } else await wait(total ? "lost" : "waiting", signal);
      return signal.aborted ? stopped("cancelled") : sendUntilAnswered(total, signal, tries + 1);
    });
  }

  // The person may try at once; else one looks again from time to time.
  async function wait(key, signal) {
    hear(say(box, key));
    part("cancel").hidden = false;
    part("retry").hidden = false;
    const pressedRetry = new Promise((resolve) => {
      part("retry").addEventListener("click", resolve, { once: true });
    });
    do await Promise.race([rest(PAUSE, signal), pressedRetry]);
    while (!signal.aborted && !(await reachable()));
    part("retry").hidden = true;
  }

  async function send() {
    if (flight) return;
    flight = new AbortController();
    const { signal } = flight;
    bar.value = 0;
    tell("");
    hear("");
    part("name").textContent = files().length > 1 ? "" : files()[0].name; // several are listed above
    part("retry").hidden = true;
    part("cancel").hidden = false;
    part("panel").hidden = false;
    form.setAttribute("aria-busy", "true");
    for (const button of form.querySelectorAll("button[type=submit]"))
      button.setAttribute("aria-disabled", "true");
    const large = files().filter(inParts);
    try {
      await sendLarge(large, signal);
      sendUntilAnswered(large.length ? 0 : files().reduce((sum, file) => sum + file.size, 0), signal);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      if (signal.aborted) return stopped("cancelled");
      if (error.status === -1 || error.status === 422) {
        choice.setApart(current, error.sentence);
        return paused();
      }
      stopped(error.status ? String(error.status) : "lost", error.sentence);
    }
  }

  form.addEventListener(
    "submit",
    async (event) => {
      if (flight) return event.preventDefault();
      if (!files().length && !choice.faults().length && !choice.listed().length) return; // nothing long to send: the ordinary way does it
      event.preventDefault();
      if (!files().length) return choice.listed().length ? tell(say(box, "all-known")) : choice.tell();
      pressed = event.submitter;
      const total = files().reduce((sum, file) => sum + file.size, 0);
      if (box.dataset.room && total > Number(box.dataset.room))
        return tell(say(box, "room", { size: size(total) }));
      if (await choice.check()) send();
    },
    { capture: true },
  ); // before the others who listen: they do not touch what is sent here
  part("cancel").addEventListener("click", () => flight?.abort());
  part("retry").addEventListener("click", send);
  // Leaving stops the sending: the browser asks first.
  addEventListener("beforeunload", (event) => {
    if (flight) event.preventDefault();
  });
}

function visit(address) {
  const to = new URL(address, location);
  // In the place of the form: Back must not lead to a form already sent.
  if (to.pathname + to.search !== location.pathname + location.search) return location.replace(to);
  history.replaceState(null, "", to);
  location.reload();
}

async function show(page, name, files, mount) {
  await dress(page);
  document.title = page.title;
  document.body.replaceWith(page.body);
  const input = document.querySelector(`input[type=file][name="${name}"]`);
  if (input && files.length) {
    const list = new DataTransfer();
    for (const file of files) list.items.add(file);
    input.files = list.files;
  }
  scrollTo(0, 0);
  document.getElementById("contenu")?.focus({ preventScroll: true });
  mount(document.body);
}

// The style sheets of the page that comes, before it comes.
function dress(page) {
  const linked = (document) => [...document.head.querySelectorAll("link[rel=stylesheet]")];
  const wanted = linked(page).map((link) => link.getAttribute("href"));
  const here = linked(document).map((link) => link.getAttribute("href"));
  return Promise.all(
    wanted
      .filter((href) => !here.includes(href))
      .map(
        (href) =>
          new Promise((resolve) => {
            const link = Object.assign(document.createElement("link"), {
              rel: "stylesheet",
              href,
              onload: resolve,
              onerror: resolve,
            });
            document.head.append(link);
          }),
      ),
  );
}
