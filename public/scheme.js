// A scheme's file goes into the field for its text, and is looked at at once. Without script
// the text is pasted.

const LENGTH_MAX = 128 * 1024;

document.addEventListener('change', async ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !('schemeFile' in target.dataset)) return;
  const [file] = target.files ?? [];
  target.setCustomValidity('');
  if (file === undefined) return;
  if (file.size > LENGTH_MAX) {
    target.setCustomValidity('A scheme has at most 128 KiB: this is something else.');
    target.reportValidity();
    return;
  }
  target.form.elements.scheme.value = await file.text();
  target.form.requestSubmit(target.form.querySelector('[value=look]'));
});
