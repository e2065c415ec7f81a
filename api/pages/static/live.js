// Counts that change while one looks: the server pushes how things stand, this writes it down.

const BETWEEN_ANNOUNCEMENTS = 10_000;

export function watchCounts(place, counts, spoken) {
  const source = new EventSource(place.dataset.live);
  let announced = Date.now();
  place.hidden = false;
  source.addEventListener("open", () => (place.dataset.state = "on"));
  source.addEventListener("error", () => (place.dataset.state = "off"));
  source.addEventListener("counts", (event) => {
    for (const { counts: now } of JSON.parse(event.data).items) {
      show(counts, now);
      // Those who listen hear of it now and then, not of every tap.
      if (Date.now() - announced > BETWEEN_ANNOUNCEMENTS) {
        announced = Date.now();
        spoken.textContent = `${now.views.toLocaleString("en")} views, ${now.likes.toLocaleString("en")} likes`;
      }
    }
  });
  addEventListener("pagehide", () => source.close());
}

function show(counts, now) {
  for (const shown of counts.querySelectorAll("[data-count]")) {
    const number = now[shown.dataset.count];
    const name = shown.previousElementSibling;
    shown.textContent = number.toLocaleString("en");
    name.textContent = number === 1 ? name.dataset.one : name.dataset.many;
  }
}
