// Counts down the time to wait that the page was written with. Without this, the page says it once.
import { say } from "./main.js";

const SECOND = 1000;

export default function countdown(element) {
  const end = Date.now() + Number(element.dataset.seconds) * SECOND;

  const part = (number, noun) =>
    number ? [`${number}\u00a0${say(element, number > 1 ? `${noun}s` : noun)}`] : [];

  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / SECOND));
    const shown = [...part(Math.floor(left / 60), "minute"), ...part(left % 60, "second")].join(" ");
    element.textContent = left ? say(element, "left", { left: shown }) : say(element, "over");
    if (!left) clearInterval(timer);
  }, SECOND);
}
