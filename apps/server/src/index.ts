/** Public entry: reads settings, opens and closes a server, creates tokens. Importing it has no side effects. */
export type { OwnAgent, Standing } from './api/own-agent.ts';
export { type Backup, backUp } from './backup/back-up.ts';
export { restore } from './backup/restore.ts';
export { type OpenServerParts, openServer, type RunningServer } from './open-server.ts';
export { readSettings } from './settings/read-settings.ts';
export { type Settings, SettingsError } from './settings/settings.ts';
export { openResultStore } from './store/open-result-store.ts';
export type { Intake, IntakeReport, ResultStore } from './store/result-store.ts';
export { createAdminToken, createAgentToken } from './tokens.ts';
