// A picture pasted into a terminal, or dropped on it: uploaded to the server, and its path typed
// as a paste, in brackets where the program asked for them. Text is pasted as ever.

const KINDS = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/**
 * For as long as the page is there.
 * @param {import('../vendor/xterm.mjs').Terminal} term
 * @param {import('./notices.js').Notices} notices
 */
export function takePictures(term, notices, sessionId) {
  const here = ({ target }) => target instanceof Node && (term.element?.contains(target) ?? false);
  const picturesIn = (files) => [...(files ?? [])].filter(({ type }) => KINDS.includes(type));
  const take = (event, files) => {
    const pictures = here(event) ? picturesIn(files) : [];
    if (pictures.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    if (term.options.disableStdin) notices.show('picture', { text: 'This device only watches: it pastes no picture.', tone: 'warn', forMs: 4000 });
    else void send(pictures, term, notices, sessionId);
  };
  const onPaste = (event) => {
    // A copied text may bring its picture along: then the text is meant.
    if (event.clipboardData?.types.includes('text/plain')) return;
    take(event, event.clipboardData?.files);
  };
  const onDrop = (event) => take(event, event.dataTransfer?.files);
  const onDragOver = (event) => {
    if (here(event) && event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };
  for (const [name, act] of [['paste', onPaste], ['drop', onDrop], ['dragover', onDragOver]]) document.addEventListener(name, act, true);
}

async function send(pictures, term, notices, sessionId) {
  notices.show('picture', { text: pictures.length === 1 ? 'Uploading the picture…' : `Uploading ${pictures.length} pictures…` });
  const paths = [];
  for (const picture of pictures) {
    const answer = await fetch(`/api/sessions/${sessionId}/pictures`, { method: 'POST', headers: { 'content-type': picture.type }, body: picture }).catch(() => null);
    const said = await answer?.json().catch(() => null);
    if (answer?.ok !== true) {
      notices.show('picture', { text: said?.message ?? 'The picture was not uploaded: the server did not answer.', tone: 'warn', forMs: 8000 });
      break;
    }
    paths.push(quoted(said.path));
  }
  if (paths.length === 0) return;
  if (paths.length === pictures.length) notices.hide('picture');
  term.paste(`${paths.join(' ')} `);
  term.focus();
}

/** For a shell, where its name needs it. */
const quoted = (path) => (/^[\w/.@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
