// Around the form of a narrative: dictation by the browser where it stays on this device, a recorded voice put in writing by
// our server where it can, and reading aloud by a French voice of this device. What is dictated stays out of the form, and is
// kept nowhere, until its author has read it again and adds it.
import { record } from "./capture.js";
import { say } from "./main.js";

const LANGUAGE = "fr-FR";
const LOCAL = { langs: [LANGUAGE], processLocally: true };

export default function speech(box) {
  const form = box.querySelector("form");
  const part = (name) => box.querySelector(`[data-speech="${name}"]`);
  const areas = [...form.querySelectorAll("textarea")];
  const draft = part("draft");
  let area = areas[0];
  for (const each of areas)
    each.addEventListener("focus", () => {
      if (part("dictated").hidden) area = each; // what waits is for the question that it answered
      name();
    });

  const question = () => area.labels[0].firstChild.textContent.trim();
  // Each button names its question: a keyboard comes to them through the others.
  function name() {
    for (const act of ["dictate", "read", "add"]) part(act).textContent = say(box, act, { question: question() });
  }
  const tell = (key) => (part("state").textContent = key ? say(box, key) : "");

  // A help is remembered with the next saving; without a change to save, at once.
  function used(help) {
    const known = form.elements.helps.value.split(" ");
    if (known.includes(help)) return;
    form.elements.helps.value = [...known, help].join(" ").trim();
    fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "autosave" } })
      .then(({ status, headers }) => {
        if (status === 204) form.elements.revision.value = headers.get("X-Revision");
      })
      .catch(() => {}); // the field still says it when the form is sent
  }

  function hear(text) {
    part("dictated").hidden = false;
    draft.value = `${draft.value} ${text}`.trim();
  }

  part("add").addEventListener("click", () => {
    if (!draft.value.trim()) return draft.focus();
    area.value = [area.value.trimEnd(), draft.value.trim()].filter(Boolean).join("\n");
    used(draft.dataset.help);
    area.dispatchEvent(new Event("input", { bubbles: true }));
    part("drop").click();
    area.focus();
  });
  part("drop").addEventListener("click", () => {
    draft.value = "";
    part("dictated").hidden = true;
  });

  name();
  reading(box, part, () => `${question()} ${area.value}`, used);
  record(box.querySelector("[data-voice]"), {
    async add([sound]) {
      const { file, transcribe } = box.dataset;
      const body = new FormData();
      body.set("csrf_token", form.elements.csrf_token.value);
      body.set(file, sound);
      tell("writing");
      try {
        const answer = await fetch(transcribe, { method: "POST", body });
        const { text, fault } = await answer.json();
        tell("");
        if (fault || !text) part("state").textContent = fault || say(box, "nothing");
        else {
          draft.dataset.help = "transcription";
          hear(text);
          draft.focus();
        }
      } catch {
        tell("away");
      }
    },
  });
  whenVoiced(() => dictation(part, draft, hear, tell));
}

// A browser without any voice has no speech at all: Chromium's bare shell ends when it is asked what it understands.
function whenVoiced(act) {
  const synthesis = globalThis.speechSynthesis;
  if (synthesis?.getVoices().length) act();
  else synthesis?.addEventListener("voiceschanged", () => whenVoiced(act), { once: true });
}

// Absent where the browser would send the voice elsewhere: only what says that it stays on this device is asked.
async function dictation(part, draft, hear, tell) {
  const Recognition = globalThis.SpeechRecognition;
  if (!Recognition?.available || !("processLocally" in Recognition.prototype)) return;
  if ((await Recognition.available(LOCAL).catch(() => "")) !== "available") return;
  const button = part("dictate");
  let hearing = null;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (hearing) return hearing.stop();
    hearing = Object.assign(new Recognition(), { lang: LANGUAGE, continuous: true, processLocally: true });
    hearing.addEventListener("result", ({ results, resultIndex }) => {
      draft.dataset.help = "dictation";
      for (const result of [...results].slice(resultIndex)) if (result.isFinal) hear(result[0].transcript);
    });
    hearing.addEventListener("error", () => tell("unheard"));
    hearing.addEventListener("end", () => {
      hearing = null;
      button.setAttribute("aria-pressed", "false");
      if (!part("dictated").hidden) draft.focus();
    });
    hearing.start();
    button.setAttribute("aria-pressed", "true");
  });
}

// Absent without a French voice that is on this device: a browser may learn of its voices later.
function reading(box, part, words, used) {
  const synthesis = globalThis.speechSynthesis;
  if (!synthesis) return;
  const voice = () => synthesis.getVoices().find(({ lang, localService }) => localService && /^fr\b/i.test(lang));
  const button = part("read");
  const show = () => (button.hidden = !voice());
  button.addEventListener("click", () => {
    if (synthesis.speaking) return synthesis.cancel();
    synthesis.speak(Object.assign(new SpeechSynthesisUtterance(words()), { voice: voice(), lang: LANGUAGE }));
    used("reading_aloud");
  });
  synthesis.addEventListener("voiceschanged", show);
  addEventListener("pagehide", () => synthesis.cancel());
  show();
}
