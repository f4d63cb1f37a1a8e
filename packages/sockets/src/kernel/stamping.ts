import {
  SO_TIMESTAMPING,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_SOFTWARE,
  SOL_SOCKET,
} from './constants.ts';
import { setIntOption } from './socket-options.ts';

const WITHOUT_ID =
  SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;

/**
 * Asks the kernel for a stamp of each packet received (beside it) and sent (on the error queue, numbered from 0 by this call on,
 * without the packet). Asking again starts the numbers from 0: a refused send uses up a number on some kernels and not on others.
 * @throws SystemCallError
 */
export function startStamping(fd: number): void {
  setIntOption(fd, SOL_SOCKET, SO_TIMESTAMPING, WITHOUT_ID, 'SO_TIMESTAMPING');
  setIntOption(fd, SOL_SOCKET, SO_TIMESTAMPING, WITHOUT_ID | SOF_TIMESTAMPING_OPT_ID, 'SO_TIMESTAMPING');
}
