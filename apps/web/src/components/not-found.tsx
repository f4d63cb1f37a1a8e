import { Link } from '@tanstack/react-router';
import { EmptyState } from './empty-state.tsx';

/** For an address that leads nowhere. */
export function NotFound() {
  return (
    <EmptyState title="There is no such page">
      <Link to="/">Go to the overview</Link>
    </EmptyState>
  );
}
