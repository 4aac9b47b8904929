// Sends files to a workspace one after the other, each with its progress and what became of it.
// A name that is taken asks: replace, keep both, or leave it.

const AGAIN = { 0: 'The server did not answer: it was not uploaded.', 413: 'It is larger than 50 MiB: bring it by a terminal.' };

/** @param entries `{ file, folder, name }`, the folder as in addresses */
export async function upload({ id, list, entries, done }) {
  const rows = entries.map((entry) => ({ entry, row: rowOf(list, entry.name) }));
  for (const { entry, row } of rows) {
    await send(id, entry, row, {});
    done();
  }
}

async function send(id, entry, row, headers) {
  const { file, folder, name } = entry;
  const address = `/api/workspaces/${id}/files/${folder === '' ? '' : `${folder}/`}${encodeURIComponent(name)}?parents=true`;
  const { status, message } = await put(address, file, headers, (part) => row.progress(part));
  if (status === 200 || status === 201) return row.done(status === 201 ? 'uploaded' : 'replaced');
  if (status === 428 || status === 412) {
    return row.ask('There is a file of this name already.', [
      ['Replace', () => send(id, entry, row, { 'if-match': '*' })],
      ['Keep both', () => send(id, { ...entry, name: another(name) }, row, {})],
      ['Leave it', () => row.done('left out')],
    ]);
  }
  row.fail(AGAIN[status] ?? message, [['Try again', () => send(id, entry, row, headers)]]);
}

/** With progress, which fetch does not tell. */
function put(address, file, headers, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('PUT', address);
    request.setRequestHeader('content-type', 'application/octet-stream');
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded, total }) => progress(total === 0 ? 1 : loaded / total));
    request.addEventListener('loadend', () => {
      let message = 'It was not uploaded.';
      try {
        message = JSON.parse(request.responseText).message ?? message;
      } catch {
        // An answer that is none of ours.
      }
      resolve({ status: request.status, message });
    });
    request.send(file);
  });
}

function another(name) {
  const dot = name.lastIndexOf('.');
  const at = new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-');
  return dot > 0 ? `${name.slice(0, dot)} ${at}${name.slice(dot)}` : `${name} ${at}`;
}

function rowOf(list, name) {
  const row = document.createElement('li');
  const title = document.createElement('bdi');
  title.textContent = name;
  const bar = document.createElement('progress');
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute('aria-label', `Upload of ${name}`);
  const said = document.createElement('span');
  said.className = 'upload-said';
  said.textContent = 'waiting';
  row.append(title, bar, said);
  list.append(row);
  const say = (text, actions, bad) => {
    bar.hidden = actions.length > 0 || bad;
    said.className = bad ? 'upload-bad cluster' : 'upload-said cluster';
    said.textContent = `${text} `;
    for (const [label, act] of actions) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'button';
      button.textContent = label;
      button.addEventListener('click', async () => {
        say('uploading', [], false);
        await act();
        document.dispatchEvent(new CustomEvent('dispatch:files'));
      });
      said.append(button);
    }
  };
  return {
    progress(part) {
      bar.value = part;
      said.textContent = part === 1 ? 'writing' : `${Math.floor(part * 100)} %`;
    },
    done(text) {
      bar.hidden = true;
      say(text, [], false);
      bar.hidden = true;
      setTimeout(() => row.remove(), 6000);
    },
    ask: (text, actions) => say(text, actions, false),
    fail: (text, actions) => say(text, actions, true),
  };
}
