/** Reads one variable's text, or throws an Error that says what it takes. */
export type Parse<Value> = (text: string) => Value;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Collects all faults of an environment, so that one start reports every fault. */
export class VariableReader {
  readonly faults: { readonly variable: string; readonly message: string }[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The variable's value. `fallback` if it is unset, empty, or wrong (which records a fault). */
  read<Value, Fallback>(variable: string, fallback: Fallback, parse: Parse<Value>): Value | Fallback {
    const text = this.#environment[variable]?.trim();
    if (text === undefined || text === '') return fallback;
    try {
      return parse(text);
    } catch (error) {
      this.fault(variable, `is ${shown(text)}: ${(error as Error).message}`);
      return fallback;
    }
  }

  /** Whether it has a value other than blanks. */
  isSet(variable: string): boolean {
    return (this.#environment[variable] ?? '').trim() !== '';
  }

  fault(variable: string, message: string): void {
    this.faults.push({ variable, message: `${variable} ${message}` });
  }
}

const LONGEST_SHOWN = 100;

/** A value for messages: shortened, and without the user and password of a URL. */
export function shown(text: string): string {
  const open = text.replace(/\/\/[^/]*@/, '//...@');
  return JSON.stringify(open.length > LONGEST_SHOWN ? `${open.slice(0, LONGEST_SHOWN)}...` : open);
}

export function integer(minimum: number, maximum: number, unit = ''): Parse<number> {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < minimum || value > maximum)
      throw new Error(`it takes a whole number${unit && ` of ${unit}`} from ${minimum} to ${maximum}`);
    return value;
  };
}

/** Seconds, fractions allowed, as whole milliseconds. */
export function milliseconds(leastSeconds: number, mostSeconds: number): Parse<number> {
  return (text) => {
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || value < leastSeconds || value > mostSeconds)
      throw new Error(`it takes seconds from ${leastSeconds} to ${mostSeconds}`);
    return Math.round(1000 * value);
  };
}

/** A number whose range is checked elsewhere. */
export function anyNumber(text: string): number {
  if (!/^-?\d{1,15}(\.\d{1,15})?$/.test(text)) throw new Error('it takes a number written in digits, as 10');
  return Number(text);
}

export function yesOrNo(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new Error('it takes true or false');
}

export function oneOf<Choice extends string>(choices: readonly Choice[]): Parse<Choice> {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text.toLowerCase());
    if (choice === undefined) throw new Error(`it takes ${choices.join(' or ')}`);
    return choice;
  };
}
