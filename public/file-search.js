// The search in files: what is found is shown as it comes, and may be stopped. Without script the
// page itself comes piece by piece.

/** As the server ends each piece; what comes from files never has it, for it is escaped. */
const PIECE_END = '<!--/-->';

const form = document.querySelector('[data-file-search]');
const said = document.querySelector('[data-matches-said]');
const place = () => document.getElementById('file-matches');
let going;

const counted = (number, one, more) => `${number.toLocaleString('en')} ${number === 1 ? one : more}`;
const soFar = (section) => `${counted(section.querySelectorAll('.match-lines > li').length, 'line', 'lines')} in ${counted(section.querySelectorAll('.match-file').length, 'file', 'files')}`;

function begin(piece) {
  const template = document.createElement('template');
  template.innerHTML = piece;
  place().replaceWith(template.content);
}

function add(piece) {
  const section = place();
  section.insertAdjacentHTML('beforeend', piece);
  const added = section.lastElementChild;
  globalThis.htmx?.process(added);
  if (added?.matches('.matches-head')) end(section, added);
  else section.querySelector('[data-matches-count]').textContent = `Searching… ${soFar(section)}`;
}

/** The head comes last, and belongs above what it counts. */
function end(section, head) {
  section.querySelector('.matches-wait')?.remove();
  section.prepend(head);
  said.textContent = head.querySelector('.count, p')?.textContent ?? '';
}

function endWith(words) {
  const section = place();
  section.querySelector(':scope > .matches-head')?.remove();
  const head = document.createElement('div');
  head.className = 'section-head matches-head';
  const title = document.createElement('h2');
  title.textContent = 'Found';
  const count = document.createElement('span');
  count.className = 'count';
  count.textContent = words;
  head.append(title, count);
  end(section, head);
}

async function search(address, signal) {
  const answer = await fetch(address, { headers: { 'hx-request': 'true' }, signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let pieces = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const parts = (text + value).split(PIECE_END);
    text = parts.pop();
    for (const part of parts) {
      if (pieces === 0) begin(part);
      else add(part);
      pieces += 1;
    }
  }
  if (pieces === 0) place().innerHTML = text; // It did not begin: why is all that was said.
}

// What came with the page.
const there = place()?.querySelector(':scope > .matches-head');
if (there) end(place(), there);

form?.addEventListener('submit', async (event) => {
  event.preventDefault();
  going?.abort();
  const own = new AbortController();
  going = own;
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
  history.replaceState(null, '', `${form.action}?${query}`);
  form.classList.add('htmx-request');
  said.textContent = 'Searching…';
  try {
    await search(`${form.action}?${query}`, own.signal);
  } catch {
    if (own === going) endWith(own.signal.aborted ? `stopped after ${soFar(place())}` : `the server went away after ${soFar(place())}: search again`);
  } finally {
    if (own === going) form.classList.remove('htmx-request');
  }
});
document.addEventListener('click', ({ target }) => {
  if (target instanceof Element && target.closest('[data-matches-stop]')) {
    going?.abort();
    form.querySelector('[name=q]').focus();
  }
});
