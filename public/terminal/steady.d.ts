// What src takes from ./steady.js; src/assets.ts takes its path.

interface Steadied {
  /** Row that the saved cursor of a buffer is in. */
  savedRow(buffer: object): number;
}
export declare const EMULATOR_OPTIONS: { allowProposedApi: boolean; windowOptions: { pushTitle: boolean; popTitle: boolean } };
export declare function steady(term: object): void;
declare const path: string;
export default path;
export type { Steadied };
