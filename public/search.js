// The keyboard of the search: arrows go from the box into the finds and back, Escape returns to
// the box. Enter on a find follows its link, in the box it asks at once.

const box = () => document.querySelector('[data-search]');
const hits = () => [...document.querySelectorAll('[data-results] [data-hit]')];

function move(from, step) {
  const all = hits();
  const at = from === box() ? -1 : all.indexOf(from);
  const next = at + step;
  if (next < 0) box()?.focus();
  else all[Math.min(next, all.length - 1)]?.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const { target } = event;
  const inBox = target === box();
  const onHit = target instanceof Element && target.matches('[data-hit]');
  if (!inBox && !onHit) return;
  if (event.key === 'ArrowDown') move(target, 1);
  else if (event.key === 'ArrowUp' && onHit) move(target, -1);
  else if (event.key === 'Escape' && onHit) box()?.focus();
  else return;
  event.preventDefault();
});

// A caret at the end of what is there already: the next letter goes on with it.
const field = box();
if (field instanceof HTMLInputElement && document.activeElement === field) field.setSelectionRange(field.value.length, field.value.length);
