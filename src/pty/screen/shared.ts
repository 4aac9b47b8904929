// What the server's emulators have in common with the browser's: taken from the very files that
// pages load, so that the two cannot differ. They are loaded by path, for a module that the
// bundler embeds as a file it cannot bundle as code too.

import steadyPath from '../../../public/terminal/steady.js' with { type: 'file' };
import themesPath from '../../../public/terminal/themes.js' with { type: 'file' };

interface SteadyModule {
  /** Options of every emulator, beside size, scrollback and looks. */
  EMULATOR_OPTIONS: { allowProposedApi: boolean; windowOptions: { pushTitle: boolean; popTitle: boolean } };
  /** Least `scrollback` of an emulator. */
  SCROLLBACK_MIN: number;
  /** Characters of one OSC; a longer one does nothing. */
  OSC_LENGTH_MAX: number;
  /** Makes a new terminal's screen follow from its output alone. */
  steady(terminal: object): void;
}

interface ThemesModule {
  /** Colours by name, as `#rrggbb`. */
  THEMES: Record<'dark', Record<string, string>> & Record<string, Record<string, string>>;
}

const steadyModule: SteadyModule = await import(steadyPath);
const themesModule: ThemesModule = await import(themesPath);

export const { EMULATOR_OPTIONS, OSC_LENGTH_MAX, SCROLLBACK_MIN, steady } = steadyModule;
export const { THEMES } = themesModule;
