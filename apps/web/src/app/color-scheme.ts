/** Storage key of the choice in this browser; the component library reads and writes the same key. */
export const COLOR_SCHEME_KEY = 'netsonde-color-scheme';

/** Sets the page's colours from the stored choice, or from the system's where there is none. */
export function applyStoredColorScheme(): void {
  const stored = storedScheme();
  const dark = stored === 'auto' ? matchMedia('(prefers-color-scheme: dark)').matches : stored === 'dark';
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
}

function storedScheme(): 'light' | 'dark' | 'auto' {
  try {
    const stored = localStorage.getItem(COLOR_SCHEME_KEY);
    return stored === 'light' || stored === 'dark' ? stored : 'auto';
  } catch {
    return 'auto'; // Storage may be blocked; the page works without it.
  }
}
