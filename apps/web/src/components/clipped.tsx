import classes from './clipped.module.css';

/** A name in a table, on one line. A long one is cut at its end and shown whole on hover. On narrow screens it wraps. */
export function Clipped({ text }: { readonly text: string }) {
  return (
    <span className={classes.text} title={text}>
      {text}
    </span>
  );
}
