// Names of what changed, for pages and programs that re-fetch. Names and ids only: never
// data, so a listener that misses one loses nothing but time.

export const CHANGE_NAMES = ['workspaces', 'sessions', 'transcript', 'documents', 'inbox', 'settings', 'git'] as const;
export type ChangeName = (typeof CHANGE_NAMES)[number];
export type ChangeListener = (name: ChangeName, id: string) => void;

export class Changes {
  readonly #listeners = new Set<ChangeListener>();

  announce(name: ChangeName, id: string): void {
    for (const listener of this.#listeners) listener(name, id);
  }

  /** @returns the function that stops listening */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
