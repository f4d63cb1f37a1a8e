import classes from './labels.module.css';

/** Labels as small tags; nothing when there are none. */
export function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return null;
  return (
    <ul className={`plain-list ${classes.labels}`} aria-label="Labels">
      {entries.map(([key, value]) => (
        <li key={key}>
          <span>{key}</span>={value}
        </li>
      ))}
    </ul>
  );
}
