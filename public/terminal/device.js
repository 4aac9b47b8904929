// Which device this is, to the people who look at the same terminal: an id that stays, a name
// that says what it is, and the few choices that belong to one device alone.

const ID = 'dispatch-device';
const NAME = 'dispatch-device-name';
const NAME_MAX = 100;

/** Kept for this page where the browser stores nothing (private windows, blocked storage). */
const memory = new Map();

export function deviceId() {
  const known = remembered(ID);
  if (known !== null && /^[\w-]{8,64}$/.test(known)) return known;
  const random = crypto.getRandomValues(new Uint8Array(16));
  const made = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
  remember(ID, made);
  return made;
}

export function deviceName() {
  return remembered(NAME)?.slice(0, NAME_MAX) || guessedName();
}

/** An empty name goes back to the guessed one. */
export function nameDevice(name) {
  remember(NAME, [...name.trim().replace(/\p{Cc}/gu, '')].slice(0, NAME_MAX).join(''));
}

export function remembered(key, storage = 'localStorage') {
  try {
    return globalThis[storage].getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

export function remember(key, value, storage = 'localStorage') {
  memory.set(key, value);
  try {
    globalThis[storage].setItem(key, value);
  } catch {
    // Then it holds for this page only.
  }
}

const BROWSERS = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/Chrom(?:e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

function guessedName() {
  const agent = navigator.userAgent;
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent))?.[1] ?? 'A browser';
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
  return system === undefined ? browser : `${browser} on ${system}`;
}
