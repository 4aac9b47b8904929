// Jumps from prompt to prompt: Ctrl+Shift+Page Up and Page Down, where the shell marks its prompts
// (OSC 133). Known are those that were printed since this page was attached.

const MARKERS_MAX = 1000;

/** @param {import('../vendor/xterm.mjs').Terminal} term already on the page */
export function jumpBetweenPrompts(term) {
  const markers = [];
  term.parser.registerOscHandler(133, (data) => {
    if (data[0] === 'A' && term.buffer.active.type === 'normal') {
      const marker = term.registerMarker(0);
      if (marker !== undefined && markers.at(-1)?.line !== marker.line) markers.push(marker);
      if (markers.length > MARKERS_MAX) markers.shift().dispose();
    }
    return false;
  });
  // Before xterm has the key: programs never see this one.
  term.element?.addEventListener(
    'keydown',
    (event) => {
      const direction = { PageUp: -1, PageDown: 1 }[event.key];
      if (direction === undefined || !event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return;
      if (term.buffer.active.type !== 'normal') return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const lines = markers.filter(({ isDisposed }) => !isDisposed).map(({ line }) => line);
      const top = term.buffer.active.viewportY;
      const line = direction < 0 ? lines.findLast((one) => one < top) : lines.find((one) => one > top);
      if (line !== undefined) term.scrollToLine(line);
      else if (direction > 0) term.scrollToBottom();
    },
    { capture: true },
  );
}
