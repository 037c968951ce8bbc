// Without network a page of ours is shown, never the browser's: the one that captures. Files shared by another application come here too.
// Nothing else is kept: a page about a person is always asked of the server.
import { account, keep } from "./captures.js";

const STATIC = "__VERSION__"; // the addresses of this version of the static files, written by the server
const KEPT = `acquis ${STATIC}`;
const PAGE = "/capturer";
const SHARED = `${PAGE}/partage`;
const OPENED = ["/", PAGE]; // where the icon leads
const PATIENCE = 4000; // ms: a network that says nothing keeps nobody from capturing

async function install() {
  const cache = await caches.open(KEPT);
  const page = await fetch(PAGE, { credentials: "omit" }); // the page of nobody
  if (!page.ok) throw new Error(`${PAGE}: ${page.status}`); // the worker that is here keeps a whole one
  const found = await page.clone().text();
  const linked = [...found.matchAll(new RegExp(`(?:href|src)="(${STATIC}[^"]+)"`, "g"))].map((match) => match[1]);
  await cache.addAll([...new Set(linked)]);
  await cache.put(PAGE, page);
  await self.skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function visit(event, pathname) {
  const isOpened = OPENED.includes(pathname);
  const asked = (async () => (await event.preloadResponse) ?? fetch(event.request))();
  const late = new Promise((resolve) => {
    if (isOpened) setTimeout(resolve, PATIENCE);
  });
  const answer = await Promise.race([asked, late]).catch(() => null);
  if (answer && !(isOpened && answer.status >= 500)) return answer; // elsewhere, the server says what is wrong
  return (await caches.match(PAGE)) ?? asked;
}

async function share(request) {
  const known = await account();
  const form = await request.formData();
  const files = form.getAll("files").filter((file) => file.size);
  const words = ["title", "text", "url"].map((name) => form.get(name)).filter(Boolean);
  if (!files.length && words.length)
    files.push(new File([words.join("\n")], "Texte partagé.txt", { type: "text/plain" }));
  const [dossier, another] = known?.dossiers ?? [];
  if (!dossier) return Response.redirect(`${PAGE}?partage=0`, 303);
  const given = { owner: known.owner, dossier: another ? "" : dossier.id, at: Date.now() }; // of several, the person chooses
  try {
    for (const file of files) await keep({ ...given, name: file.name, files: [file] });
  } catch {
    return Response.redirect(`${PAGE}?partage=plein`, 303); // no room on this telephone
  }
  return Response.redirect(`${PAGE}?partage=${files.length}`, 303);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (origin !== location.origin) return;
  if (method === "POST" && pathname === SHARED) event.respondWith(share(event.request));
  else if (method === "GET" && mode === "navigate") event.respondWith(visit(event, pathname));
  else if (method === "GET" && pathname.startsWith(STATIC))
    event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
});
