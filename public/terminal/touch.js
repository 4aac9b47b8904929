// Fingers on the terminal: a drag scrolls, a tap types. xterm itself knows the wheel only, so a
// drag becomes wheel steps, which also reach programs that asked for the mouse.

const TAP_PX = 8;
/** Speed is kept after the finger left, losing this part of it every frame. */
const FRICTION = 0.94;
const STOP_PX = 0.4;

/** @param {HTMLElement} element @param {import('../vendor/xterm.mjs').Terminal} term */
export function scrollByTouch(element, term) {
  let startY = 0;
  let lastY = 0;
  let speed = 0;
  let dragging = false;
  let frame = 0;

  const wheel = (deltaY, { clientX, clientY }) => {
    const target = term.element?.querySelector('.xterm-screen');
    target?.dispatchEvent(new WheelEvent('wheel', { deltaY, deltaMode: 0, clientX, clientY, bubbles: true, cancelable: true }));
  };
  const coast = (at) => {
    cancelAnimationFrame(frame);
    if (Math.abs(speed) < STOP_PX || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    wheel(speed, at);
    speed *= FRICTION;
    frame = requestAnimationFrame(() => coast(at));
  };

  element.addEventListener('touchstart', ({ touches }) => {
    cancelAnimationFrame(frame);
    dragging = false;
    speed = 0;
    startY = lastY = touches[0].clientY;
  }, { passive: true });
  element.addEventListener('touchmove', (event) => {
    if (event.touches.length !== 1) return;
    const touch = event.touches[0];
    if (!dragging && Math.abs(touch.clientY - startY) < TAP_PX) return;
    dragging = true;
    speed = lastY - touch.clientY;
    lastY = touch.clientY;
    event.preventDefault();
    wheel(speed, touch);
  }, { passive: false });
  element.addEventListener('touchend', (event) => {
    if (!dragging) return;
    // Else the browser makes a click of it, and the click brings the keyboard up.
    event.preventDefault();
    const { clientX, clientY } = event.changedTouches[0];
    coast({ clientX, clientY });
  }, { passive: false });
}
