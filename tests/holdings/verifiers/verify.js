// Verify credentials without a network, by @digitalbazaar/vc and by jose: cases on the standard input, answers on the output.
import * as vc from "@digitalbazaar/vc";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import { cryptosuite } from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import { contexts as multikeyContexts } from "@digitalbazaar/multikey-context";
import { checkStatus } from "@digitalbazaar/vc-bitstring-status-list";
import { compactVerify, createLocalJWKSet, decodeProtectedHeader } from "jose";
import { readFileSync } from "node:fs";

const { documents, did, cases, at } = JSON.parse(readFileSync(0, "utf8"));
if (at) {
  const offset = new Date(at).getTime() - Date.now();
  const real = Date.now;
  globalThis.Date = class extends Date {
    constructor(...given) { given.length ? super(...given) : super(real() + offset); }
    static now() { return real() + offset; }
  };
}
const asked = [];
const methods = Object.fromEntries(did.verificationMethod.map((one) => [one.id, one]));
const documentLoader = async (url) => {
  const method = methods[url];
  const document = documents[url] ?? multikeyContexts.get(url) ?? (url === did.id ? did : undefined)
    ?? (method && { "@context": "https://w3id.org/security/multikey/v1", ...method });
  if (document === undefined) { asked.push(url); throw new Error(`not here: ${url}`); }
  return { contextUrl: null, documentUrl: url, document };
};
const suite = new DataIntegrityProof({ cryptosuite });
const keys = createLocalJWKSet({
  keys: did.verificationMethod.filter((one) => one.publicKeyJwk)
    .map((one) => ({ ...one.publicKeyJwk, kid: one.id, alg: "ES256" })),
});

async function ofDocument(text) {
  let credential;
  try { credential = JSON.parse(text); } catch { return { verified: false }; }
  const answer = await vc.verifyCredential({ credential, suite, documentLoader, checkStatus: (one) =>
    checkStatus({ ...one, documentLoader, suite, verifyBitstringStatusListCredential: true }) });
  const entry = answer.statusResult?.results?.[0];
  return { verified: answer.verified, withdrawn: entry ? entry.status === true : null, error: String(answer.error?.errors?.[0] ?? answer.error ?? "") };
}

async function ofToken(token) {
  try {
    const { payload } = await compactVerify(token, keys, { algorithms: ["ES256"] });
    const told = JSON.parse(new TextDecoder().decode(payload));
    return { verified: decodeProtectedHeader(token).kid.startsWith(`${told.iss}#`) && told.issuer.id === told.iss };
  } catch (error) { return { verified: false, error: String(error) }; }
}

const answers = [];
for (const { kind, text } of cases) answers.push(await (kind === "token" ? ofToken(text) : ofDocument(text)));
process.stdout.write(JSON.stringify({ answers, asked }));
