// Other ways in for the files of a form: the camera, the clipboard, the microphone. Each adds to the list of chosen files.
import { dayOf, hour, say } from "./main.js";

const SOUNDS = ["audio/mp4", "audio/webm;codecs=opus", "audio/ogg;codecs=opus"]; // the first is played by every browser

export const day = () => dayOf(new Date(), { year: "numeric" });
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

export default function capture(box, choice) {
  photograph(box, choice);
  paste(box, choice);
  record(box.querySelector("[data-voice]"), choice);
}

function photograph(box, choice) {
  const camera = box.querySelector(".capture__photo input");
  if (!camera) return;
  box.classList.add("upload--live"); // the fields look like buttons: what they hold is in the list
  camera.addEventListener("change", () => {
    choice.add([...camera.files]);
    camera.value = "";
  });
}

function paste(box, choice) {
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || !box.isConnected || choice.isBusy()) return;
    event.preventDefault();
    const name = say(box, "pasted", { day: day(), hour: hour(new Date()) });
    // A picture of the clipboard has the same name every time: « image.png ».
    choice.add(
      files.map((file) =>
        /^image\.\w+$/.test(file.name)
          ? new File([file], `${name}.${file.name.split(".").pop()}`, { type: file.type })
          : file,
      ),
    );
  });
}

// Records a voice, no longer than the page takes: `choice.add` gets its file.
export function record(voice, choice) {
  if (!voice || !globalThis.MediaRecorder || !navigator.mediaDevices) return;
  const part = (name) => voice.querySelector(`[data-voice-${name}]`);
  const type = SOUNDS.find((sound) => MediaRecorder.isTypeSupported(sound));
  if (!type) return;
  let recorder = null;
  voice.hidden = false;

  function show(running) {
    part("start").hidden = running;
    part("stop").hidden = !running;
    part("drop").hidden = !running;
    if (running) part("stop").focus();
    else part("start").focus();
  }

  async function start() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      part("state").textContent = say(voice, error.name === "NotFoundError" ? "none" : "refused");
      return;
    }
    const pieces = [];
    const began = Date.now();
    recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 48000 });
    recorder.keep = true;
    recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    const tick = setInterval(() => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      part("state").textContent = say(voice, "recording", { time: clock(seconds) });
      if (seconds >= Number(voice.dataset.longest)) recorder.stop();
    }, 1000);
    recorder.addEventListener("stop", () => {
      clearInterval(tick);
      for (const track of stream.getTracks()) track.stop();
      show(false);
      part("state").textContent = "";
      if (recorder.keep) keep(pieces);
      recorder = null;
    });
    recorder.start(1000);
    part("state").textContent = say(voice, "recording", { time: clock(0) });
    show(true);
  }

  function keep(pieces) {
    const extension = type.split(";")[0].split("/")[1].replace("mp4", "m4a");
    const name = `${say(voice, "name", { day: day(), hour: hour(new Date()) })}.${extension}`;
    choice.add([new File(pieces, name, { type })]);
    part("state").textContent = say(voice, "kept", { name });
  }

  part("start").addEventListener("click", start);
  part("stop").addEventListener("click", () => recorder?.stop());
  part("drop").addEventListener("click", () => {
    if (recorder) recorder.keep = false;
    recorder?.stop();
  });
  addEventListener("beforeunload", (event) => {
    if (recorder) event.preventDefault();
  });
}
