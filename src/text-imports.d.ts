// What an import `with { type: 'text' }` or `{ type: 'file' }` gives: the text, or a path.
declare module '*.sql' {
  const text: string;
  export default text;
}
declare module '*.css' {
  const path: string;
  export default path;
}
declare module '*.js' {
  const path: string;
  export default path;
}
declare module '*.mjs' {
  const path: string;
  export default path;
}
declare module '*.svg' {
  const path: string;
  export default path;
}
declare module '*.png' {
  const path: string;
  export default path;
}
declare module '@xterm/addon-unicode-graphemes/lib/addon-unicode-graphemes.js' {
  export { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
}
declare module '*.bash' {
  const text: string;
  export default text;
}
declare module '*.zsh' {
  const text: string;
  export default text;
}
declare module '*.fish' {
  const text: string;
  export default text;
}
