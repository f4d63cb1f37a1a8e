import classes from './clipped.module.css';

/** Characters at the end of a long name that are never cut: names of one kind often differ only there. */
const KEPT = 10;

/** A name in a table, on one line. A long one is cut in its middle and shown whole on hover. On narrow screens it wraps. */
export function Clipped({ text }: { readonly text: string }) {
  const cut = text.length > 2 * KEPT ? text.length - KEPT : text.length;
  return (
    <span className={classes.text} title={text}>
      <span>{text.slice(0, cut)}</span>
      {cut < text.length && <span>{text.slice(cut)}</span>}
    </span>
  );
}
