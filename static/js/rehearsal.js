// Records the answer to one question, and sends it as soon as its author stops; without a microphone the file field stays.
import { record } from "./capture.js";

export default function rehearsal(form) {
  const voice = form.querySelector("[data-voice]");
  const field = form.querySelector("input[type=file]");
  record(voice, {
    add([sound]) {
      const chosen = new DataTransfer();
      chosen.items.add(sound);
      field.files = chosen.files;
      form.requestSubmit();
    },
  });
  if (!voice.hidden) for (const each of form.querySelectorAll("[data-without-voice]")) each.hidden = true;
}
