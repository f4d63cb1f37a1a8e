import { Button, Textarea, TextInput } from '@mantine/core';
import type { ProbeInfo, Test, TestInput } from '@netsonde/protocol/api';
import { IconPlus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, fieldError, fieldLines } from '../../api/api-error.ts';
import { queryClient } from '../../app/query-client.ts';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { AgentChoice } from './agent-choice.tsx';
import { CheckCard } from './check-card.tsx';
import { type CheckDraft, emptyCheck, startsBySaving, type TestDraft } from './draft.ts';
import { fieldLabel } from './field-labels.ts';
import { PreviewPanel } from './preview-panel.tsx';
import { ScheduleFields } from './schedule-fields.tsx';
import { targetHint } from './target-lines.ts';
import classes from './test-form.module.css';
import { type DraftErrors, readDraft } from './to-input.ts';
import { usePreview } from './use-preview.ts';

interface Props {
  readonly start: TestDraft;
  readonly catalog: readonly ProbeInfo[];
  readonly save: (input: TestInput) => Promise<Test>;
  readonly cancel: () => void;
}

/** The form of a test. The probes' declarations determine its fields. */
export function TestForm({ start, catalog, save, cancel }: Props) {
  const navigate = useNavigate();
  const [draft, setDraft] = useState(start);
  const [tried, setTried] = useState(false);
  const reading = readDraft(draft, catalog);
  const { input, errors } = reading;
  const preview = usePreview(reading);
  const saving = useMutation({
    mutationFn: save,
    onSuccess: async (test) => {
      await queryClient.invalidateQueries({ queryKey: ['tests'] });
      await navigate({ to: '/tests/$testId', params: { testId: test.id } });
    },
  });
  const change = (part: Partial<TestDraft>) => {
    setDraft((before) => ({ ...before, ...part }));
    if (saving.isError) saving.reset();
  };
  const changeCheck = (next: CheckDraft) =>
    change({ checks: draft.checks.map((check) => (check.key === next.key ? next : check)) });
  const refusal = preview.error ?? saving.error;
  const errorOf = (path: string) => (tried ? errors[path] : undefined) ?? fieldError(refusal, path);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(errors).length === 0) saving.mutate(input);
    else focusFirstWrong(event.currentTarget);
  };
  const probes = catalog.filter(({ id }) => draft.checks.some(({ probe }) => probe === id));
  const labelOf = (path: string) => fieldLabel(path, draft, catalog);
  const elsewhere = fieldLines(saving.error, labelOf, hasField);
  const wrong = tried ? Object.keys(errors).length || fieldCount(saving.error) : 0;
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <Panel title="What">
        <div className="stack">
          <TextInput
            label="Name"
            placeholder="Gateways of the branch offices"
            value={draft.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={errorOf('name')}
            maxLength={100}
            required
          />
          <Textarea
            label="Description"
            value={draft.description}
            onChange={(event) => change({ description: event.currentTarget.value })}
            error={errorOf('description')}
            maxLength={2000}
            rows={2}
          />
          <Textarea
            label="Targets"
            description={`One a line; labels may follow: 192.0.2.1 site=lyon. ${probes.map(targetHint).join('; ')}`}
            placeholder="192.0.2.1"
            value={draft.targets}
            onChange={(event) => change({ targets: event.currentTarget.value })}
            error={(tried ? errors.targets : undefined) ?? targetErrors(refusal, input)}
            rows={4}
            classNames={{ input: 'mono', error: classes.lines ?? '' }}
            spellCheck={false}
            autoCapitalize="none"
            required
          />
        </div>
      </Panel>
      <Panel title="Checks" note="Each target is measured by each check">
        <div className="stack">
          {draft.checks.map((check, place) => (
            <CheckCard
              key={check.key}
              check={check}
              place={place}
              catalog={catalog}
              change={changeCheck}
              remove={
                draft.checks.length > 1
                  ? () => change({ checks: draft.checks.filter(({ key }) => key !== check.key) })
                  : undefined
              }
              errorOf={(path) => errorOf(`checks.${place}.${path}`)}
            />
          ))}
          <div>
            <Button
              variant="default"
              leftSection={<IconPlus size={16} />}
              onClick={() => change({ checks: [...draft.checks, emptyCheck(catalog[0]?.id ?? '')] })}
            >
              Add a check
            </Button>
          </div>
        </div>
      </Panel>
      <Panel title="Agents">
        <AgentChoice draft={draft} change={change} error={errorOf('agents')} />
      </Panel>
      <Panel title="Schedule">
        <ScheduleFields draft={draft} change={change} errorOf={errorOf} />
      </Panel>
      <PreviewPanel
        {...preview}
        labelOf={labelOf}
        wrong={draft.targets.trim() === '' ? [] : wrongOf(errors, labelOf)}
      />
      {saving.isError && (elsewhere.length > 0 || wrong === 0) && (
        <ProblemNotice error={saving.error} labelOf={labelOf} />
      )}
      {wrong > 0 && elsewhere.length === 0 && (
        <p role="alert" className={classes.error}>
          {wrong === 1 ? 'One field needs your attention' : `${wrong} fields need your attention`}
        </p>
      )}
      <div className={classes.foot}>
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
        <Button type="submit" loading={saving.isPending}>
          {verbOf(draft)}
        </Button>
      </div>
    </form>
  );
}

/** The label of the button. It says so where saving starts a test. */
function verbOf(draft: TestDraft): string {
  if (draft.stored === null) return draft.startAt === '' ? 'Create and start' : 'Create';
  return startsBySaving(draft) ? 'Save and start' : 'Save';
}

/** The errors in words; the name may still be missing. Errors of targets name their lines. */
const wrongOf = (
  { name: _, targets, ...errors }: DraftErrors,
  labelOf: (path: string) => string,
): readonly string[] => [
  ...(targets === undefined ? [] : [targets]),
  ...Object.entries(errors).map(([path, words]) => `${labelOf(path)}: ${words}`),
];

/** Moves the focus to the first marked field. */
function focusFirstWrong(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

/** Number of fields with an error from the server. */
const fieldCount = (error: unknown): number => (error instanceof ApiError ? error.fields.length : 0);

/** Whether the form has a field for a message with this path. */
const hasField = (path: string): boolean =>
  /^(name|description|targets|agents|interval|duration|startAt|checks\.\d+\.(probe|interval|options\.\w+|expectations\.\d+))(\.|$)/.test(
    path,
  );

/** The server's messages for single targets, shown at the list of targets. */
function targetErrors(error: unknown, { targets }: TestInput): string | undefined {
  const messages = targets.flatMap(({ address }, place) => {
    const message = fieldError(error, `targets.${place}`);
    return message === undefined ? [] : [message.includes(address) ? message : `${address}: ${message}`];
  });
  return messages.length === 0 ? fieldError(error, 'targets') : messages.join('\n');
}
