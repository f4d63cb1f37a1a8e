import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { agentsQuery } from '../../api/agents.ts';
import { catalogQuery } from '../../api/catalog.ts';
import { useMay } from '../../api/session.ts';
import { changeTest, testQuery } from '../../api/tests.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Page, PageRoom } from '../../components/page.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { RoleNeeded } from '../../components/role-needed.tsx';
import { draftOf } from './draft.ts';
import { TestForm } from './test-form.tsx';

/** An existing test, to be changed. */
export function EditTestPage() {
  const { testId } = useParams({ from: '/signed-in/tests/$testId/edit' });
  const navigate = useNavigate();
  const { data: catalog } = useQuery(catalogQuery);
  const { data: test, error, refetch } = useQuery(testQuery(testId));
  const agents = useQuery(agentsQuery);
  const mayEdit = useMay('editor');
  const params = { testId };
  if (error === null && (test === undefined || catalog === undefined || agents.isPending)) return <PageRoom />;
  return (
    <Page
      title={test === undefined ? 'Edit test' : `Edit ${test.name}`}
      above={
        <>
          <Link to="/tests">Tests</Link> ›{' '}
          <Link to="/tests/$testId" params={params}>
            {test?.name ?? 'Test'}
          </Link>
        </>
      }
      subtitle={
        mayEdit &&
        'A check whose options change in meaning begins a series of its own; earlier results stay with the old one.'
      }
    >
      {error !== null && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!mayEdit && (
        <RoleNeeded title="For editors" least="editor" what="change tests">
          <ButtonLink variant="default" to="/tests/$testId" params={params}>
            Back to the test
          </ButtonLink>
        </RoleNeeded>
      )}
      {mayEdit && catalog !== undefined && test !== undefined && (
        <TestForm
          key={test.id}
          start={draftOf(test, catalog)}
          catalog={catalog}
          save={(input) => changeTest(testId, input)}
          cancel={() => void navigate({ to: '/tests/$testId', params })}
        />
      )}
    </Page>
  );
}
