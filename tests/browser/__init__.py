"""Pages in a real browser: Debian's chromium, driven by Playwright; skipped where there is none."""
