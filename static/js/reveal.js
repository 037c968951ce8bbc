// Lets people read the password they type: on a phone, most wrong passwords are slips of the thumb.
import { say } from "./main.js";

export default function reveal(box) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--second";
  button.setAttribute("aria-controls", input.id);

  function show(seen) {
    input.type = seen ? "text" : "password";
    button.textContent = say(box, seen ? "hide" : "show");
    button.setAttribute("aria-label", say(box, seen ? "hide-long" : "show-long"));
  }

  button.addEventListener("click", () => show(input.type === "password"));
  // Hidden again before it leaves: a browser must not keep it among the texts typed before.
  input.form?.addEventListener("submit", () => show(false));
  show(false);
  box.append(button);
}
