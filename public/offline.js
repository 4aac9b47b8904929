// On the page that stands in while the server does not answer: goes on to what was asked for
// as soon as it does.

const RETRY_MS = 2000;
const state = document.getElementById('offline-state');

async function look() {
  const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => undefined);
  if (answer?.ok === true) location.reload();
  else {
    if (state !== null) state.textContent = `Last tried at ${new Date().toLocaleTimeString()}.`;
    setTimeout(look, RETRY_MS);
  }
}
setTimeout(look, RETRY_MS);
