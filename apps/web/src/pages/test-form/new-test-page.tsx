import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { agentsQuery } from '../../api/agents.ts';
import { catalogQuery } from '../../api/catalog.ts';
import { createTest } from '../../api/tests.ts';
import { Page, PageRoom } from '../../components/page.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { emptyDraft } from './draft.ts';
import { TestForm } from './test-form.tsx';

/** A new test, from nothing. */
export function NewTestPage() {
  const navigate = useNavigate();
  const { data: catalog, error, refetch } = useQuery(catalogQuery);
  const agents = useQuery(agentsQuery);
  return (
    <Page title="New test" above={<Link to="/tests">Tests</Link>}>
      {error !== null && <ProblemNotice error={error} retry={() => void refetch()} />}
      {error === null && (catalog === undefined || agents.isPending) && <PageRoom />}
      {catalog !== undefined && !agents.isPending && (
        <TestForm
          start={emptyDraft(catalog)}
          catalog={catalog}
          save={createTest}
          action="Create and start"
          cancel={() => void navigate({ to: '/tests' })}
        />
      )}
    </Page>
  );
}
