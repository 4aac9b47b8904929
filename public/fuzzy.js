// How well a few letters fit a text: all of them in order, better at the beginnings of words
// and side by side. Several words may fit in any order.

const BOUNDARY = /[\s/._\-:]/;

/** @returns 0 where it does not fit; more is better. Letters after `headLength` count less. */
export function fuzzy(query, text, headLength = text.length) {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const low = text.toLowerCase();
  let sum = 1;
  for (const word of words) {
    const score = wordScore(word, low, headLength);
    if (score === 0) return 0;
    sum += score;
  }
  return sum - headLength / 1000;
}

function wordScore(word, text, headLength) {
  const at = text.indexOf(word);
  if (at !== -1) {
    const begins = at === 0 || BOUNDARY.test(text[at - 1]);
    return (begins ? 40 : 20) + word.length * 2 + (at === 0 ? 10 : 0) - (at >= headLength ? 15 : 0);
  }
  let best = 0;
  for (let start = text.indexOf(word[0]); start !== -1; start = text.indexOf(word[0], start + 1)) {
    const end = endOfLetters(word, text, start);
    if (end === -1) break;
    const begins = start === 0 || BOUNDARY.test(text[start - 1]);
    best = Math.max(best, (10 * word.length) / (end - start) + (begins ? 5 : 0) - (start >= headLength ? 4 : 0));
  }
  return best;
}

/** Behind the last of the letters, each taken as early as can be; -1 where one is missing. */
function endOfLetters(word, text, start) {
  let from = start;
  for (const letter of word) {
    const found = text.indexOf(letter, from);
    if (found === -1) return -1;
    from = found + 1;
  }
  return from;
}
