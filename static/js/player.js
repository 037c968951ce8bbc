// Moves a recording to a second: that of the address (#t=130), or of a link pressed beside it. Without this, links open the page again.
export default function player(element) {
  const media = element.querySelector("video, audio");
  const say = element.querySelector(".player__say");
  if (!media) return;

  function go(second, play) {
    const move = () => {
      media.currentTime = Math.min(second, media.duration || second);
    };
    if (media.readyState >= 1) move();
    else media.addEventListener("loadedmetadata", move, { once: true });
    if (play) media.play().catch(() => {});
  }

  function fromAddress() {
    const found = /(?:^|[#&])t=(\d{1,6})/.exec(location.hash);
    if (found) go(Number(found[1]), false);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-second]");
    if (!link || !element.isConnected || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(Number(link.dataset.second), true);
    element.scrollIntoView({ block: "nearest" });
  });
  media.addEventListener("error", () => {
    say.textContent = say.dataset.sayError ?? "";
  });
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
}
