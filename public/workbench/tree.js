// How sessions lie side by side, as plain data: a leaf holds sessions as tabs, a split holds
// parts with their shares. Every function gives a new tree; nothing here knows the page.
//   leaf  { tabs: [session id], shown: session id }
//   split { split: 'row' | 'column', parts: [{ share, node }] }   shares add up to 1

export const EMPTY = { tabs: [], shown: null };
const SHARE_MIN = 0.08;
/** Splits within splits, each at its least, make it no smaller. */
const SHARE_MADE_MIN = 1e-9;

/** A tree that is sound whatever was stored: known sessions once each, no empty parts. */
export function sound(node, known, seen = new Set()) {
  if (Array.isArray(node?.tabs)) {
    const tabs = node.tabs.filter((id) => typeof id === 'string' && known.has(id) && !seen.has(id) && seen.add(id));
    return { tabs, shown: tabs.includes(node.shown) ? node.shown : (tabs[0] ?? null) };
  }
  if (!Array.isArray(node?.parts)) return EMPTY;
  const parts = node.parts
    .map((part) => ({ share: shareOf(part?.share), node: sound(part?.node, known, seen) }))
    .filter(({ node: inner }) => sessionsIn(inner).length > 0);
  return joined(node.split === 'column' ? 'column' : 'row', parts);
}

/** One that nobody can have made would leave a session without a place: it is as good as none. */
function shareOf(stored) {
  const share = Number(stored);
  return share >= SHARE_MADE_MIN && share <= 1 / SHARE_MADE_MIN ? share : SHARE_MIN;
}

export function sessionsIn(node) {
  return node.tabs !== undefined ? node.tabs : node.parts.flatMap(({ node: inner }) => sessionsIn(inner));
}

/** The first time: sessions in columns, one above the other where there are more than columns. */
export function spread(ids, columns, rows) {
  const shown = ids.slice(0, columns * rows);
  const across = Math.min(columns, shown.length);
  const parts = Array.from({ length: across }, (_, column) => {
    const own = shown.filter((_id, index) => index % across === column).map((id) => ({ tabs: [id], shown: id }));
    return { share: 1 / across, node: joined('column', own.map((node) => ({ share: 1 / own.length, node }))) };
  });
  return joined('row', parts);
}

/** The leaf that holds a session. */
export function leafOf(node, id) {
  if (node.tabs !== undefined) return node.tabs.includes(id) ? node : undefined;
  for (const { node: inner } of node.parts) {
    const found = leafOf(inner, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** With the session away; what it leaves empty goes. */
export function without(node, id) {
  if (node.tabs !== undefined) {
    const at = node.tabs.indexOf(id);
    if (at === -1) return node;
    const tabs = node.tabs.filter((one) => one !== id);
    return { tabs, shown: node.shown === id ? (tabs[Math.min(at, tabs.length - 1)] ?? null) : node.shown };
  }
  const parts = node.parts.map(({ share, node: inner }) => ({ share, node: without(inner, id) })).filter(({ node: inner }) => sessionsIn(inner).length > 0);
  return joined(node.split, parts);
}

/**
 * With the session at a place beside `near` (a session that is there): `tab` in the same leaf,
 * else in a leaf of its own on that side. An empty tree takes it as it is.
 */
export function withSession(node, id, near, where = 'tab') {
  const cleared = near === id && where === 'tab' ? node : without(node, id);
  const target = near === null ? undefined : (leafOf(cleared, near) ?? undefined);
  if (target === undefined) return sessionsIn(cleared).length === 0 ? { tabs: [id], shown: id } : withSession(cleared, id, sessionsIn(cleared)[0], where);
  if (where === 'tab') {
    return replaced(cleared, target, { tabs: target.tabs.includes(id) ? target.tabs : [...target.tabs, id], shown: id });
  }
  const own = { tabs: [id], shown: id };
  const split = where === 'left' || where === 'right' ? 'row' : 'column';
  const order = where === 'left' || where === 'up' ? [own, target] : [target, own];
  return replaced(cleared, target, joined(split, order.map((inner) => ({ share: 0.5, node: inner }))));
}

/**
 * With the session one step to a side: out of the tabs of others into a place of its own there, and
 * from a place of its own to the tabs of the next one. As it was where nothing is on that side.
 */
export function carried(node, id, side) {
  const { leaves } = placed(node);
  const own = leaves.find(({ leaf }) => leaf.tabs.includes(id));
  if (own === undefined) return node;
  const other = own.leaf.tabs.find((one) => one !== id);
  if (other !== undefined) return withSession(node, id, other, side);
  const [edge, from, length, across, width] = side === 'left' || side === 'right' ? [side === 'right', 'left', 'width', 'top', 'height'] : [side === 'down', 'top', 'height', 'left', 'width'];
  const gapOf = (place) => (edge ? place[from] - own[from] - own[length] : own[from] - place[from] - place[length]);
  const middle = own[across] + own[width] / 2;
  const beside = leaves.filter((place) => place !== own && Math.abs(gapOf(place)) < NEXT && overlaps(place[across], place[width], own[across], own[width]));
  const next = beside.find((place) => place[across] <= middle && middle < place[across] + place[width]) ?? beside[0];
  return next === undefined ? node : withSession(node, id, next.leaf.shown, 'tab');
}

const NEXT = 1e-6;
const overlaps = (one, length, other, otherLength) => one < other + otherLength - NEXT && other < one + length - NEXT;

export function showing(node, id) {
  const leaf = leafOf(node, id);
  return leaf === undefined ? node : replaced(node, leaf, { ...leaf, shown: id });
}

/** With the border after part `index` of a split moved by `by`, a share of the whole split. */
export function moved(node, split, index, by) {
  const [one, other] = [split.parts[index], split.parts[index + 1]];
  if (one === undefined || other === undefined) return node;
  const step = Math.min(Math.max(by, SHARE_MIN - one.share), other.share - SHARE_MIN);
  if (one.share + step < SHARE_MIN) return node;
  const parts = split.parts.map((part, at) => (at === index ? { ...part, share: one.share + step } : at === index + 1 ? { ...part, share: other.share - step } : part));
  return replaced(node, split, { ...split, parts });
}

/** Where everything lies, in shares of the whole: leaves, and the borders between parts. */
export function placed(node, area = { left: 0, top: 0, width: 1, height: 1 }) {
  if (node.tabs !== undefined) return { leaves: [{ leaf: node, ...area }], borders: [] };
  const leaves = [];
  const borders = [];
  let from = 0;
  for (const [index, { share, node: inner }] of node.parts.entries()) {
    const row = node.split === 'row';
    const own = row
      ? { left: area.left + from * area.width, top: area.top, width: share * area.width, height: area.height }
      : { left: area.left, top: area.top + from * area.height, width: area.width, height: share * area.height };
    const within = placed(inner, own);
    leaves.push(...within.leaves);
    borders.push(...within.borders);
    from += share;
    if (index < node.parts.length - 1) borders.push({ split: node, index, row, at: from, area });
  }
  return { leaves, borders };
}

function replaced(node, old, fresh) {
  if (node === old) return fresh;
  if (node.tabs !== undefined) return node;
  return joined(node.split, node.parts.map(({ share, node: inner }) => ({ share, node: replaced(inner, old, fresh) })));
}

/** Parts of the same direction become one split; a single part needs none; shares add up to 1. */
function joined(split, parts) {
  if (parts.length === 0) return EMPTY;
  if (parts.length === 1) return parts[0].node;
  const flat = parts.flatMap(({ share, node }) => (node.split === split ? node.parts.map((part) => ({ share: share * part.share, node: part.node })) : [{ share, node }]));
  const sum = flat.reduce((total, { share }) => total + share, 0);
  if (Math.abs(sum - 1) < 1e-9) return { split, parts: flat };
  return { split, parts: flat.map(({ share, node }) => ({ share: sum > 0 ? share / sum : 1 / flat.length, node })) };
}
