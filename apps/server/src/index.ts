/** The server's public entry: read settings, open it, close it; make tokens beside it. Nothing acts on import. */
export type { OwnAgent, Standing } from './api/own-agent.ts';
export { type OpenServerParts, openServer, type RunningServer } from './open-server.ts';
export { readSettings } from './settings/read-settings.ts';
export { type Settings, SettingsError } from './settings/settings.ts';
export { openResultStore } from './store/open-result-store.ts';
export type { Intake, IntakeReport, ResultStore } from './store/result-store.ts';
export { createAdminToken, createAgentToken } from './tokens.ts';
