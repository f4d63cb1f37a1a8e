/** The mark: an instrument that is sent out and reports back. */
export function Logo() {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--ns-accent)" />
      <g fill="none" stroke="var(--ns-on-accent)" strokeWidth="2.2" strokeLinecap="round">
        <circle cx="16" cy="12" r="4.6" />
        <path d="M16 16.6V26M11.5 26h9" />
        <path d="M8.2 17.4a9.4 9.4 0 0 1 0-10.8M23.8 17.4a9.4 9.4 0 0 0 0-10.8" opacity=".75" />
      </g>
    </svg>
  );
}
