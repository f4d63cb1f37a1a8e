const WORDS: readonly string[] = (
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna ' +
  'aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis ' +
  'aute irure in reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat cupidatat ' +
  'non proident sunt culpa qui officia deserunt mollit anim id est laborum'
).split(' ');

/** Makes up sentences of 6 to 14 words, with a comma now and then. @param random 0 <= x < 1 */
export function loremSentences(count: number, random: () => number): string {
  return Array.from({ length: count }, () => sentence(random)).join(' ');
}

function sentence(random: () => number): string {
  const length = 6 + Math.floor(random() * 9);
  const comma = random() < 0.5 ? 2 + Math.floor(random() * (length - 4)) : -1;
  const words = Array.from({ length }, (_, index) => `${pick(random)}${index === comma ? ',' : ''}`).join(' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function pick(random: () => number): string {
  return WORDS[Math.floor(random() * WORDS.length)] ?? 'lorem';
}
