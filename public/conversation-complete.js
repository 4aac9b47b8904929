// Completion in the box: `/` at the beginning lists the agent's commands, `@` the files of the
// workspace. A list box as screen readers know it; Tab or Enter takes, Escape leaves.

const WAIT_MS = 120;

/** @param mention is told of every file that is taken. @returns `takes(event)`: whether a key was for the list */
export function startCompletion({ id, own, suffix }, box, mention) {
  const list = own('complete');
  let commands;
  let options = [];
  let chosen = 0;
  let token;
  let timer;
  let count = 0;

  const hide = () => {
    list.hidden = true;
    options = [];
    box.removeAttribute('aria-activedescendant');
    box.setAttribute('aria-expanded', 'false');
  };
  const mark = () => {
    for (const [index, element] of [...list.children].entries()) {
      element.setAttribute('aria-selected', String(index === chosen));
      if (index === chosen) element.scrollIntoView({ block: 'nearest' });
    }
    box.setAttribute('aria-activedescendant', `complete-${chosen}${suffix}`);
  };
  const show = (found) => {
    options = found;
    chosen = 0;
    if (found.length === 0) return hide();
    list.replaceChildren(
      ...found.map(({ label, words }, index) => {
        const element = document.createElement('div');
        element.id = `complete-${index}${suffix}`;
        element.setAttribute('role', 'option');
        const name = document.createElement('b');
        name.textContent = label;
        const more = document.createElement('span');
        more.textContent = words ?? '';
        element.append(name, more);
        element.addEventListener('pointerdown', (event) => {
          event.preventDefault();
          chosen = index;
          take();
        });
        return element;
      }),
    );
    list.hidden = false;
    box.setAttribute('aria-expanded', 'true');
    mark();
  };
  const take = () => {
    const option = options[chosen];
    if (option === undefined || token === undefined) return;
    box.setRangeText(`${option.text} `, token.from, box.selectionStart, 'end');
    if (option.path !== undefined) mention(option.path);
    hide();
    box.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const look = async () => {
    token = tokenAt(box.value, box.selectionStart);
    if (token === undefined) return hide();
    const mine = (count += 1);
    const found = token.sign === '/' ? await commandsLike(token.word) : await filesLike(token.word);
    if (mine === count && document.activeElement === box) show(found);
  };
  const commandsLike = async (word) => {
    commands ??= fetch(`/api/sessions/${id}/config`).then(
      (response) => (response.ok ? response.json() : { commands: [] }),
      () => ({ commands: [] }),
    );
    const known = (await commands).commands;
    if (known.length === 0) commands = undefined; // The agent may list them later.
    return known
      .filter(({ name }) => name.toLowerCase().includes(word.toLowerCase()))
      .slice(0, 30)
      .map(({ name, description, hint }) => ({ label: `/${name}`, text: `/${name}`, words: [hint, description].filter(Boolean).join(' · ') }));
  };
  const filesLike = async (word) => {
    const response = await fetch(`/api/sessions/${id}/mentions?q=${encodeURIComponent(word)}`).catch(() => null);
    const { files } = response?.ok === true ? await response.json() : { files: [] };
    return files.map((path) => ({ label: path, text: `@${path}`, path }));
  };

  box.setAttribute('role', 'combobox');
  box.setAttribute('aria-expanded', 'false');
  box.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS);
  });
  box.addEventListener('blur', hide);
  return {
    takes(event) {
      if (list.hidden) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step !== undefined) {
        chosen = (chosen + step + options.length) % options.length;
        mark();
      } else if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey)) take();
      else if (event.key === 'Escape') hide();
      else return false;
      event.preventDefault();
      return true;
    },
  };
}

/** The word before the cursor, where it asks for completion. */
function tokenAt(text, cursor) {
  const before = text.slice(0, cursor);
  const command = /^\/([\w:.-]*)$/.exec(before);
  if (command !== null) return { sign: '/', word: command[1], from: 0 };
  const file = /(?:^|\s)@([^\s@]*)$/.exec(before);
  return file === null ? undefined : { sign: '@', word: file[1], from: cursor - file[1].length - 1 };
}
