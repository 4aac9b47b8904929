// What has to be said about this terminal, each in a bar of its own over it: what happened,
// what to do. Nothing here takes the focus or stands in the way of typing.

export class Notices {
  #region;
  #place;
  #shown = new Map();

  /**
   * @param {HTMLElement} region a live region
   * @param {() => 'top' | 'bottom'} place where the terminal can best spare it
   */
  constructor(region, place) {
    this.#region = region;
    this.#place = place;
  }

  /**
   * Shows or replaces the bar of this name.
   * @param {string} name
   * @param {{ text: string, detail?: string, tone?: 'info' | 'warn' | 'bad',
   *   actions?: { label: string, act: () => void, primary?: boolean }[], forMs?: number }} notice
   */
  show(name, { text, detail, tone = 'info', actions = [], forMs }) {
    const key = JSON.stringify([text, detail, tone, actions.map(({ label }) => label)]);
    const old = this.#shown.get(name);
    if (old?.key === key && forMs === undefined) return;
    if (this.#shown.size === 0) this.#region.dataset.place = this.#place();
    const bar = document.createElement('div');
    bar.className = `notice-bar notice-${tone}`;
    bar.dataset.notice = name;
    const words = document.createElement('p');
    words.textContent = text;
    if (detail !== undefined) {
      const code = document.createElement('code');
      code.textContent = detail;
      words.append(' ', code);
    }
    bar.append(words);
    for (const { label, act, primary } of actions) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = primary ? 'button button-primary' : 'button';
      button.textContent = label;
      button.addEventListener('click', act);
      bar.append(button);
    }
    if (old === undefined) this.#region.append(bar);
    else old.bar.replaceWith(bar);
    clearTimeout(old?.timer);
    const timer = forMs === undefined ? undefined : setTimeout(() => this.hide(name), forMs);
    this.#shown.set(name, { key, bar, timer });
  }

  hide(name) {
    const shown = this.#shown.get(name);
    if (shown === undefined) return;
    clearTimeout(shown.timer);
    shown.bar.remove();
    this.#shown.delete(name);
  }
}
