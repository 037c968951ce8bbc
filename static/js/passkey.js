// Asks the browser for a passkey, and puts its answer in the form. Without this, the code of the second factor remains.
import { say } from "./main.js";

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const decoded = (keys = []) => keys.map((key) => ({ ...key, id: toBytes(key.id) }));

function optionsOf(told) {
  const options = { ...told, challenge: toBytes(told.challenge) };
  if (told.user) options.user = { ...told.user, id: toBytes(told.user.id) };
  if (told.excludeCredentials) options.excludeCredentials = decoded(told.excludeCredentials);
  if (told.allowCredentials) options.allowCredentials = decoded(told.allowCredentials);
  return options;
}

// The form of RegistrationResponseJSON and AuthenticationResponseJSON (WebAuthn level 3), for browsers without toJSON().
function answerOf(credential) {
  const response = { clientDataJSON: toText(credential.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: {},
    response,
  });
}

export default function passkey(element) {
  if (!window.PublicKeyCredential) return;
  const form = element.closest("form");
  const button = element.querySelector("button");
  const status = element.querySelector("[role=status]");
  const isCreation = element.hasAttribute("data-create");
  const field = isCreation ? form.elements.credential : form.elements.passkey;
  element.hidden = false;

  async function ask() {
    const headers = { "X-CSRFToken": form.elements.csrf_token.value };
    const told = await fetch(element.dataset.options, { method: "POST", headers });
    if (!told.ok) throw new Error(String(told.status));
    const publicKey = optionsOf(await told.json());
    const { credentials } = navigator;
    return isCreation ? credentials.create({ publicKey }) : credentials.get({ publicKey });
  }

  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = say(element, "waiting");
    try {
      field.value = answerOf(await ask());
      status.textContent = say(element, "done");
      if (element.hasAttribute("data-submit")) form.requestSubmit();
    } catch {
      field.value = "";
      status.textContent = say(element, "refused");
    } finally {
      button.disabled = false;
    }
  });
}
