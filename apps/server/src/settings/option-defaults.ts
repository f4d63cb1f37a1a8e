import type { Catalog } from '@netsonde/probes/catalog';
import { issueWords } from '@netsonde/protocol';
import { type OptionDefault, type Settings, SettingsError } from './settings.ts';
import { anyNumber, type VariableReader } from './variables.ts';

interface OptionVariable {
  readonly variable: string;
  readonly probe: string;
  readonly option: string;
}

/** Variables that set a default for a probe's option, one per line. */
const OPTION_VARIABLES: readonly OptionVariable[] = [
  { variable: 'PING_COUNT', probe: 'icmp', option: 'count' },
  { variable: 'PING_TIMEOUT', probe: 'icmp', option: 'timeoutSeconds' },
];

export function readOptionDefaults(reader: VariableReader): readonly OptionDefault[] {
  return OPTION_VARIABLES.flatMap(({ variable, probe, option }) => {
    const value = reader.read(variable, null, anyNumber);
    return value === null ? [] : [{ variable, probe, option, value }];
  });
}

/** The operator's defaults by probe. */
export type ProbeDefaults = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * Validates the operator's defaults against the known probes. Defaults of unknown probes are left out.
 * @throws SettingsError that names the variable and says what the option takes.
 */
export function probeDefaults(settings: Settings, catalog: Catalog): ProbeDefaults {
  const faults: { variable: string; message: string }[] = [];
  const defaults: Record<string, Record<string, number>> = {};
  for (const { probe, option, value, variable } of settings.optionDefaults) {
    const schema = catalog[probe]?.options;
    if (schema === undefined) continue;
    const issue = schema.safeParse({ [option]: value }, { error: issueWords }).error?.issues[0];
    if (issue !== undefined) faults.push({ variable, message: `${variable} is "${value}": it ${issue.message}` });
    defaults[probe] = { ...defaults[probe], [option]: value };
  }
  if (faults.length > 0) throw new SettingsError(faults);
  return defaults;
}
