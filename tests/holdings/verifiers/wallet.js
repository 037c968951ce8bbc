// Verify an SD-JWT VC as a verifier does that a holder shows it to: some claims kept back, its key proved (@sd-jwt/sd-jwt-vc).
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { createHash, randomBytes, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const { credential, keys, shown } = JSON.parse(readFileSync(0, "utf8"));
const header = JSON.parse(Buffer.from(credential.split(".")[0], "base64url"));
const key = createPublicKey({ key: keys.find((one) => one.kid === header.kid), format: "jwk" });
const instance = new SDJwtVcInstance({
  hasher: (text) => createHash("sha256").update(text).digest(),
  hashAlg: "sha-256",
  saltGenerator: (length) => randomBytes(length).toString("base64url"),
  verifier: (text, signature) =>
    verify("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url")),
});
let answer;
try {
  const presented = await instance.present(credential, Object.fromEntries(shown.map((name) => [name, true])));
  const { payload } = await instance.verify(presented);
  answer = { verified: true, payload };
} catch (error) {
  answer = { verified: false, error: String(error) };
}
process.stdout.write(JSON.stringify(answer));
