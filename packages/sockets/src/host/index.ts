export { type FileInUse, type LockedFile, type LockNotSupported, lockFile } from './lock-file.ts';
export { type Output, outputTo } from './output/output.ts';
