/** Most packets in one system call. */
export const BATCH = 64;
/** Most batches read from one queue of a socket in one pass. */
export const ROUNDS = 8;
