import { parentPort } from 'node:worker_threads';
import { type BodyToJudge, judgeBody } from './judge-body.ts';

parentPort?.on('message', (body: BodyToJudge) => parentPort?.postMessage(judgeBody(body)));
