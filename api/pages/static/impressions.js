// Which cards of the feed were seen: half of one for a second, each once for a page.

import { report } from "./reports.js";

const SEEN_AFTER = 1000;
const SEND_EVERY = 5000;

const cards = document.getElementById("cards");
const waiting = new Map();
const told = new Set();
let seen = [];

function send() {
  if (seen.length === 0) return;
  report("/impressions", cards.dataset.csrf, { videos: seen.join(" ") });
  seen = [];
}

const watching = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(waiting.get(target));
      if (!isIntersecting || told.has(target.dataset.video)) continue;
      waiting.set(
        target,
        setTimeout(() => {
          told.add(target.dataset.video);
          seen.push(target.dataset.video);
          watching.unobserve(target);
        }, SEEN_AFTER),
      );
    }
  },
  { threshold: 0.5 },
);

function observe() {
  for (const card of cards.querySelectorAll("[data-video]")) if (!told.has(card.dataset.video)) watching.observe(card);
}

if (cards?.dataset.csrf) {
  observe();
  new MutationObserver(observe).observe(cards, { childList: true });
  setInterval(send, SEND_EVERY);
  addEventListener("pagehide", send);
}
