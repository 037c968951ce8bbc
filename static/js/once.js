// One click, one effect. The server has the last word (one effect per form nonce); this spares people the doubt.
const REARM_AFTER = 20000; // an answer that never came, or a download: the page stays, so must the button

export default function once(form) {
  let sent = false;
  let pressed = null;
  let label = "";

  function rearm() {
    sent = false;
    if (!pressed) return;
    pressed.textContent = label;
    pressed.removeAttribute("aria-disabled");
    pressed = null;
  }

  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    sent = true;
    pressed = event.submitter ?? form.querySelector("button[type=submit]");
    if (pressed) {
      label = pressed.textContent;
      // aria-disabled, not disabled: a disabled button would lose the focus, and its name and value.
      pressed.setAttribute("aria-disabled", "true");
      if (pressed.dataset.busy) pressed.textContent = pressed.dataset.busy;
    }
    setTimeout(rearm, REARM_AFTER);
  });

  // Back to a page the browser kept whole: it must not be found with a dead button.
  addEventListener("pageshow", (event) => { if (event.persisted) rearm(); });
}
