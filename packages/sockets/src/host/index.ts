export { type FileInUse, type LockedFile, type LockNotSupported, lockFile } from './lock-file.ts';
