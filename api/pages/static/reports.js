// What the viewer does, reported to where the page says; a report has an id, so that it counts once.

export function report(address, csrf, fields) {
  const body = new URLSearchParams({ id: crypto.randomUUID(), csrf_token: csrf, ...fields });
  // It outlives the page, which is often left the moment there is something to report.
  return fetch(address, { method: "POST", body, keepalive: true, redirect: "manual" });
}
