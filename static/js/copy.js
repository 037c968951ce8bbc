// Adds a button that copies a text. Without this module the text is selected and copied by hand.
import { say } from "./main.js";

export default function copy(box) {
  const text = box.querySelector("[data-copied]");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--second";
  button.textContent = say(box, "copy");
  const answer = document.createElement("p");
  answer.className = "small";
  answer.setAttribute("role", "status");

  function select() {
    const range = document.createRange();
    range.selectNodeContents(text);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }

  button.addEventListener("click", async () => {
    try {
      // Plain http has no clipboard: the selection is copied instead.
      if (navigator.clipboard) await navigator.clipboard.writeText(text.textContent);
      else {
        select();
        if (!document.execCommand("copy")) throw new Error("not copied");
      }
      answer.textContent = say(box, "done");
    } catch {
      select();
      answer.textContent = say(box, "fail");
    }
  });
  box.append(button, answer);
}
