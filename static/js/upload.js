// Sends a form with files and says how it goes. Without this module the form is sent in the ordinary way.
// The answer takes the place of the page, as an ordinary answer would, so that a message shown once is not spent unseen.
import { say, size } from "./say.js";

const TELL_EVERY = 25; // percent: enough for the ear

export default function upload(form, mount) {
  const box = form.querySelector("[data-upload]");
  if (!box) return;
  const part = (name) => box.querySelector(`[data-upload-${name}]`);
  const bar = box.querySelector("progress");
  let request = null;
  let pressed = null; // the button, kept for a new try: its name and value are part of the form

  const files = () => [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);

  function tell(sentence) {
    part("error").textContent = sentence;
    if (sentence) part("error").scrollIntoView({ block: "nearest" });
  }

  // The limit is checked here before a long sending, and again by the server, which decides.
  function refusal() {
    const limit = Number(box.dataset.limit);
    const large = files().find((file) => file.size > limit);
    if (large) return say(box, "large", { name: large.name, size: size(large.size) });
    const blank = files().find((file) => file.size === 0);
    return blank ? say(box, "blank", { name: blank.name }) : "";
  }

  function progress(started, event) {
    if (!event.lengthComputable) return;
    const percent = Math.floor((100 * event.loaded) / event.total);
    const told = Math.floor(percent / TELL_EVERY) > Math.floor(bar.value / TELL_EVERY);
    bar.value = percent;
    const seconds = ((Date.now() - started) / 1000 / event.loaded) * (event.total - event.loaded);
    const minutes = Math.round(seconds / 60);
    const time = minutes > 1 ? say(box, "minutes", { n: minutes }) : say(box, minutes === 1 ? "minute" : "second");
    const sent = say(box, "sending", { percent });
    part("state").textContent = percent < 100 ? `${sent}, ${say(box, "left", { time })}` : say(box, "checking");
    part("cancel").hidden = percent >= 100; // too late: the server has it all
    if (told) part("live").textContent = percent < 100 ? sent : say(box, "checking");
  }

  function rest() {
    request = null;
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("button[type=submit]")) button.removeAttribute("aria-disabled");
    part("cancel").hidden = true;
  }

  function answered(xhr) {
    rest();
    const page = xhr.getResponseHeader("Content-Type")?.startsWith("text/html")
      ? new DOMParser().parseFromString(xhr.responseText, "text/html") : null;
    if (page?.querySelector("main")) return show(page, xhr.responseURL, mount);
    part("panel").hidden = true;
    tell(say(box, String(xhr.status)) || say(box, "other"));
  }

  function failed(key) {
    rest();
    part("state").textContent = "";
    part("retry").hidden = key !== "lost";
    part("panel").hidden = key !== "lost";
    tell(say(box, key));
  }

  function send() {
    if (request) return;
    const body = new FormData(form, pressed);
    request = new XMLHttpRequest();
    const xhr = request;
    const started = Date.now();
    bar.value = 0;
    tell("");
    part("name").textContent = files().map((file) => file.name).join(", ");
    part("retry").hidden = true;
    part("cancel").hidden = false;
    part("panel").hidden = false;
    form.setAttribute("aria-busy", "true");
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
    xhr.upload.addEventListener("progress", (event) => progress(started, event));
    xhr.addEventListener("load", () => answered(xhr));
    xhr.addEventListener("error", () => failed("lost"));
    xhr.addEventListener("abort", () => failed("cancelled"));
    xhr.open("POST", new URL(form.getAttribute("action") ?? "", location));
    xhr.setRequestHeader("Accept", "text/html");
    xhr.send(body);
  }

  form.addEventListener("submit", (event) => {
    if (request) return event.preventDefault();
    if (!files().length) return; // nothing long to send: the ordinary way does it
    event.preventDefault();
    const sentence = refusal();
    pressed = event.submitter;
    return sentence ? tell(sentence) : send();
  });
  form.addEventListener("change", () => tell(refusal()));
  part("cancel").addEventListener("click", () => request?.abort());
  part("retry").addEventListener("click", send);
  // Leaving stops the sending: the browser asks first.
  addEventListener("beforeunload", (event) => { if (request) event.preventDefault(); });
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
