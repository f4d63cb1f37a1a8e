import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { agentsQuery } from '../../api/agents.ts';
import { catalogQuery } from '../../api/catalog.ts';
import { useMay } from '../../api/session.ts';
import { createTest } from '../../api/tests.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Page, PageRoom } from '../../components/page.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { RoleNeeded } from '../../components/role-needed.tsx';
import { emptyDraft } from './draft.ts';
import { TestForm } from './test-form.tsx';

/** A new, empty test. */
export function NewTestPage() {
  const mayAdd = useMay('editor');
  return (
    <Page title="New test" above={<Link to="/tests">Tests</Link>}>
      {mayAdd ? (
        <NewTestForm />
      ) : (
        <RoleNeeded title="For editors" least="editor" what="make tests">
          <ButtonLink variant="default" to="/tests">
            Back to the tests
          </ButtonLink>
        </RoleNeeded>
      )}
    </Page>
  );
}

function NewTestForm() {
  const navigate = useNavigate();
  const { data: catalog, error, refetch } = useQuery(catalogQuery);
  const agents = useQuery(agentsQuery);
  if (error !== null) return <ProblemNotice error={error} retry={() => void refetch()} />;
  if (catalog === undefined || agents.isPending) return <PageRoom />;
  return (
    <TestForm
      start={emptyDraft(catalog)}
      catalog={catalog}
      save={createTest}
      cancel={() => void navigate({ to: '/tests' })}
    />
  );
}
