import { applyStoredColorScheme } from './app/color-scheme.ts';
import { forbidCodeGeneration } from './app/strict-policy.ts';

// Both must be done before the rest loads: schemas are built while their modules load, and the first paint needs its colours.
forbidCodeGeneration();
applyStoredColorScheme();
void import('./app/start.tsx').then(({ start }) => start(document.getElementById('root')));
