/** The token in a set-up link's fragment, as `#token=...` or `#...`; "" where there is none. A fragment never reaches a server's log. */
export function tokenOfFragment(fragment: string): string {
  const text = fragment.replace(/^#/, '');
  const named = new URLSearchParams(text).get('token');
  return named ?? (text.includes('=') ? '' : decodeURIComponent(text));
}
