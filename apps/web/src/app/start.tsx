import './library-styles.ts';
import { createTheme, localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { COLOR_SCHEME_KEY } from './color-scheme.ts';
import { queryClient } from './query-client.ts';
import { router } from './router.tsx';

const theme = createTheme({
  primaryColor: 'indigo',
  autoContrast: false,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Explanations are below the fields: so adjacent fields stay aligned, however long those are.
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } },
  },
});
const colorSchemeManager = localStorageColorSchemeManager({ key: COLOR_SCHEME_KEY });

/** Mounts the dashboard. @throws Error when the page has no root element. */
export function start(root: HTMLElement | null): void {
  if (root === null) throw new Error('the page has no element with the id "root"');
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        colorSchemeManager={colorSchemeManager}
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
