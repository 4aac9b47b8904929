// Keeps the page inside what can be seen: with the soft keyboard up the visual viewport is
// smaller than the page, and a terminal must never lie under it.

/** @param {HTMLElement} root gets --visible-height and --visible-top in pixels */
export function followViewport(root) {
  const viewport = window.visualViewport;
  if (!viewport) return () => {};
  let frame = 0;
  const apply = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      // Pinched in, the viewport shows a part of the page on purpose.
      if (viewport.scale > 1.01) return;
      root.style.setProperty('--visible-height', `${viewport.height}px`);
      root.style.setProperty('--visible-top', `${viewport.offsetTop}px`);
      root.toggleAttribute('data-keyboard', window.innerHeight - viewport.height > 120 || screen.height - viewport.height > 0.4 * screen.height);
    });
  };
  viewport.addEventListener('resize', apply);
  viewport.addEventListener('scroll', apply);
  apply();
  return () => {
    cancelAnimationFrame(frame);
    viewport.removeEventListener('resize', apply);
    viewport.removeEventListener('scroll', apply);
  };
}
