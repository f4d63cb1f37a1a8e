import classes from './clipped.module.css';

/** A name in a table: one line, its end cut off where it is very long (all of it on hover); on narrow screens it wraps. */
export function Clipped({ text }: { readonly text: string }) {
  return (
    <span className={classes.text} title={text}>
      {text}
    </span>
  );
}
