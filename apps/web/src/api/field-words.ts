/** The path of a field of the API in words, for a form that has no label for it: `expiresInHours` is `Expires in hours`. */
export function fieldWords(path: string): string {
  const words = path
    .split('.')
    .map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : apart(part)))
    .join(' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const apart = (name: string): string =>
  name
    .replaceAll('_', ' ')
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
