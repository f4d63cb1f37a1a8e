import { ButtonLink } from './button-link.tsx';
import { Gate } from './gate.tsx';

/** For an address that does not exist. */
export function NotFound() {
  return (
    <Gate title="There is no such page" intro="The address may be mistyped, or what it led to may be gone.">
      <ButtonLink to="/">Go to the overview</ButtonLink>
    </Gate>
  );
}
