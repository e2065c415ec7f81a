// The stage of a video. There are no media files here: the playhead moves in real time over a poster, can be moved and
// stopped, and what was watched is counted as it would be with a picture.

import { watchCounts } from "./live.js";
import { report } from "./reports.js";

const TICK = 250;
const PAUSE = "M6 4.500h4.500v15H6zM13.500 4.500H18v15h-4.500z";
const PLAY = "M7 4.500v15l13-7.500z";

class Stage {
  constructor(element) {
    this.element = element;
    this.duration = Number(element.dataset.duration);
    this.at = 0;
    this.watched = 0;
    this.timer = 0;
    this.button = element.querySelector("button");
    this.slider = element.querySelector("input");
    this.clock = element.querySelector("[data-clock]");
    element.querySelector(".controls").hidden = false;
    this.button.addEventListener("click", () => (this.timer ? this.pause() : this.play()));
    this.slider.addEventListener("input", () => this.move(Number(this.slider.value) * 1000));
    addEventListener("pagehide", () => this.leave());
  }

  play() {
    if (this.at >= this.duration) this.move(0);
    let last = performance.now();
    this.timer = setInterval(() => {
      const now = performance.now();
      this.watched += now - last;
      this.move(this.at + now - last);
      last = now;
      if (this.at >= this.duration) this.pause();
    }, TICK);
    this.draw("Pause", PAUSE);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = 0;
    this.draw("Play", PLAY);
  }

  move(to) {
    this.at = Math.min(to, this.duration);
    const seconds = Math.floor(this.at / 1000);
    if (Number(this.slider.value) !== seconds) this.slider.value = seconds;
    this.clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    this.slider.setAttribute("aria-valuetext", this.clock.textContent);
  }

  // One view for one visit, when it ends; a page that comes back out of the browser's cache begins another.
  leave() {
    const { report: address, csrf } = this.element.dataset;
    if (this.timer) this.pause();
    if (address && this.watched >= 1000) {
      report(address, csrf, { kind: "view", watched_ms: Math.round(this.watched) });
      this.watched = 0;
    }
  }

  draw(label, path) {
    this.button.setAttribute("aria-label", label);
    this.button.querySelector("path").setAttribute("d", path);
  }
}

new Stage(document.getElementById("stage"));
const live = document.getElementById("live");
if (live) watchCounts(live, document.getElementById("counts"), document.getElementById("spoken"));
