// Warns before a text that was typed is left behind. Only on forms that ask for it: a warning everywhere is read nowhere.
const typed = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]));

export default function leave(form) {
  const before = typed(form);
  const refused = form.hasAttribute("data-unsaved"); // came back with errors: what it holds is saved nowhere
  let sending = false;

  form.addEventListener("submit", (event) => { if (!event.defaultPrevented) sending = true; });
  addEventListener("pageshow", () => { sending = false; });
  addEventListener("beforeunload", (event) => {
    if (sending || !form.isConnected) return;
    if (refused || typed(form) !== before) event.preventDefault();
  });
}
