export type { Pair, PairFiles } from './certificate/pair.ts';
export { type PairWatch, watchPair } from './certificate/watch-pair.ts';
export { bootId, bootMark, type KernelClock, kernelClock } from './kernel-clock.ts';
export { type FileInUse, type LockedFile, type LockNotSupported, lockFile } from './lock-file.ts';
export { type Output, outputTo } from './output/output.ts';
export { createPrivate, isOpenFolder, makePrivate, type PrivateFiles } from './private-files.ts';
